"""Landlock: after `restrict`, this process and its children open what was named and nothing else.

They also connect to nothing and signal no process that is not restricted alike, as far as the kernel's version goes.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_GET_VERSION = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_FILE, _TRUNCATE = (
    1 << bit for bit in (0, 1, 2, 3, 5, 8, 14)
)
_WORK = _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_FILE | _MAKE_FILE
# What each version can forbid in files: 13 rights, then to link elsewhere, to truncate, to control devices.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_BIND_AND_CONNECT_TCP = 0b11  # Since version 4.
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # Since version 6.


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Returns the version of the interface; `OSError` where the kernel has none."""
    return kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, 0, 0, _GET_VERSION)


def restrict(
    readable: "Iterable[str]",
    writable: "Iterable[str]" = (),
    executable: "Iterable[str]" = (),
    workplaces: "Iterable[str]" = (),
) -> None:
    """Restricts this process, which must have no_new_privs set.

    Args:
        readable: folders and files; what is in the folders may be read and listed.
        writable: files that may be written too.
        executable: folders whose files may be read and executed.
        workplaces: folders in which files may be made, written and removed.
    """
    found = version()
    handled = (ctypes.c_uint64 * 3)(
        _FILE_RIGHTS[min(found, 5)],
        _BIND_AND_CONNECT_TCP if found >= 4 else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if found >= 6 else 0,
    )
    size = ctypes.sizeof(handled) if found >= 6 else 16 if found >= 4 else 8
    ruleset = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, ctypes.addressof(handled), size, 0)
    try:
        work = (_WORK | _TRUNCATE) & handled[0]
        run, write = _READ_FILE | _EXECUTE, _READ_FILE | _WRITE_FILE
        for paths, rights in (readable, _READ_FILE), (writable, write), (executable, run), (workplaces, work):
            for path in paths:
                _allow(ruleset, path, rights)
        kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not os.path.exists(path):
        return
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights | (_READ_DIR if os.path.isdir(path) else 0), beneath)
        where = _RULE_PATH_BENEATH, ctypes.addressof(rule), 0
        kernel.syscall("landlock_add_rule", _ADD_RULE, ruleset, *where)
    finally:
        os.close(beneath)

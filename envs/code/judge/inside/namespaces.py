"""Namespaces: a world with no other process, no network, and a read-only root that holds the standard library alone.

Works for root and, where the kernel lets users make namespaces, for anybody.
"""

import os
import sys
from contextlib import suppress

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_ALL = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET
NOBODY = 65534

_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache")
DEVICES = ("/dev/null",)
EMPTY_FOLDER = "/box"


def visible() -> list[str]:
    """Returns the folders and files that an interpreter may need after its start, none inside another."""
    prefix = os.path.join(sys.base_prefix, "lib")
    wanted = sorted({path for path in (*_LIBRARIES, prefix, *sys.path) if os.path.exists(path)})
    return [path for path in wanted if not any(path.startswith(f"{other}/") for other in wanted)]


def enter() -> None:
    """Moves this process to new namespaces and its future children to a process namespace too."""
    user, group = os.geteuid(), os.getegid()
    if user == 0 and _unshared(_ALL):
        return
    kernel.unshare(_ALL | _NEWUSER)
    for name, text in ("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1"):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def build_root(folder: str, paths: "Iterable[str]") -> None:
    """Makes a root of nothing but `paths`, `DEVICES` and an empty folder, all read-only, and moves there.

    Args:
        folder: any; it is hidden from this process, and from no other.
        paths: folders and files to be seen, at the places where they are.
    """
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    # Opened first, for they may lie in `folder`.
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in (*paths, *DEVICES) if not os.path.islink(path)}
    links = {path: os.readlink(path) for path in paths if os.path.islink(path)}
    kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    for path, source in sources.items():
        _bind(source, folder + path, os.path.isdir(f"/proc/self/fd/{source}"))
        os.close(source)
    for path, target in links.items():
        os.makedirs(os.path.dirname(folder + path), exist_ok=True)
        os.symlink(target, folder + path)
    os.makedirs(folder + EMPTY_FOLDER)
    for packages in _site_packages(folder):
        kernel.mount("tmpfs", packages, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=4k")
    kernel.make_read_only(folder)
    kernel.change_root(folder)


def drop_user() -> bool:
    """Makes a root of the machine its nobody, and takes every capability; returns True where tasks are counted anew.

    The root of a container that has no other user stays what it is.
    """
    counted_anew = True
    if os.geteuid() == 0:
        with suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        counted_anew = _unshared(_NEWUSER)
    kernel.drop_capabilities()
    return counted_anew


def _unshared(flags: int) -> bool:
    try:
        kernel.unshare(flags)
    except PermissionError:
        return False
    return True


def _bind(source: int, target: str, is_folder: bool) -> None:
    os.makedirs(target if is_folder else os.path.dirname(target), exist_ok=True)
    if not is_folder:
        os.close(os.open(target, os.O_CREAT | os.O_CLOEXEC))
    kernel.mount(f"/proc/self/fd/{source}", target, None, kernel.MS_BIND)


def _site_packages(folder: str) -> "Iterator[str]":
    """Yields where other packages than the standard library are seen."""
    for path in sys.path:
        for name in "site-packages", "dist-packages":
            if os.path.isdir(packages := f"{folder}{path}/{name}"):
                yield packages

"""What the kernel offers and the standard library does not: a handful of calls through ctypes, errors as `OSError`."""

import _signal as signal  # type: ignore[import-not-found]
import ctypes
import os

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
MNT_DETACH = 2

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_MOUNT_SETATTR = 442
_CAPABILITY_VERSION_3 = 0x20080522

# The lock of the interpreter is kept: nothing here waits, and nothing else runs where it is called.
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.syscall.argtypes = (ctypes.c_long,) * 7
_EMPTY, _NO_ENVIRONMENT = ctypes.c_char(0), ctypes.c_void_p(None)
_libc.prctl.argtypes = (ctypes.c_int,) + (ctypes.c_ulong,) * 4


def syscall(name: str, number: int, *arguments: int) -> int:
    """Calls the kernel by number and returns what it does; `OSError`, with the name, where it refuses."""
    result: int = _libc.syscall(number, *arguments, *(0,) * (6 - len(arguments)))
    if result < 0:
        _refused(name)
    return result


def fork() -> int:
    """Forks, and leaves out what `os.fork` does for processes of several threads, which writes to dozens of pages."""
    process: int = _libc.fork()
    if process < 0:
        _refused("fork")
    return process


def kill_others() -> bool:
    """Kills every process that this one may, but itself; returns False, and raises nothing, where there is none."""
    return not _libc.kill(-1, signal.SIGKILL)


def execveat(file: int, arguments: int, flags: int) -> None:
    """Puts a program that is open as `file` in this one's place; `arguments` is an address, that of an array in C."""
    number = {"x86_64": 322, "aarch64": 281}[os.uname().machine]
    syscall("execveat", number, file, ctypes.addressof(_EMPTY), arguments, ctypes.addressof(_NO_ENVIRONMENT), flags)


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """Changes something about this process."""
    if _libc.prctl(option, value, pointer, 0, 0) < 0:
        _refused(f"prctl({option})")


def unshare(flags: int) -> None:
    """Leaves the namespaces that `flags` name for new ones."""
    if _libc.unshare(flags) < 0:
        _refused("unshare")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mounts."""
    texts = (text if text is None else os.fsencode(text) for text in (source, target, kind))
    if _libc.mount(*texts, ctypes.c_ulong(flags), options and options.encode()) < 0:
        _refused(f"mount on {target}")


def make_read_only(target: str) -> None:
    """Makes a mount read-only, with all that is mounted in it."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID)
    path = ctypes.create_string_buffer(os.fsencode(target))
    where = ctypes.addressof(path), _AT_RECURSIVE, ctypes.addressof(attributes), ctypes.sizeof(attributes)
    syscall("mount_setattr", _MOUNT_SETATTR, _AT_FDCWD, *where)


def change_root(folder: str) -> None:
    """Makes a mount the root and lets go of the old one."""
    os.chdir(folder)
    if _libc.pivot_root(b".", b".") < 0:
        _refused("pivot_root")
    if _libc.umount2(b".", MNT_DETACH) < 0:
        _refused("umount2")
    os.chdir("/")


def drop_capabilities() -> None:
    """Gives up whatever this process may do beyond its user."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) < 0:
        _refused("capset")


def _refused(name: str) -> None:
    error = ctypes.get_errno()
    raise OSError(error, f"{name}: {os.strerror(error)}")

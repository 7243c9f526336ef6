"""Seccomp: which system calls a program may make, as two filters of the kernel's own small language.

The first is installed once, in the process that all programs are forked from, and lists what is allowed: 130 calls,
a few with certain arguments only. Others fail with EPERM; those of `DEADLY`, and of other architectures, kill.
The second is installed in every program, so it is short; it takes away what that process alone needs.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import struct

from . import kernel
from .syscalls import ABSENT, ALLOWED, DEADLY, ITS_OWN, LOOKED_AT, TO_BEGIN, TO_COMPILE, numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Runs = Literal["python3", "cpp", "compiler"]

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# A number with this bit is a call of x32, an architecture that shares x86-64's name.
_X32 = 0x40000000

# Operations: load a word, and it, compare it, return.
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_FILTER_MODE = 2
_LOW, _ALL = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF

_F_ALLOWED = (0, 1, 2, 3, 1030, 1032, 1034)  # F_DUPFD, GETFD, SETFD, GETFL, DUPFD_CLOEXEC, GETPIPE_SZ, GET_SEALS.
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, -BIO, -NCLEX, -CLEX.
_CLONE_THREAD, _CLONE_NEW = 0x10000, 0x7E020080
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF
_RLIMIT_STACK = 3
AT_EMPTY_PATH, _ARCH_SET_FS = 0x1000, 0x1002

Instruction = tuple[int, int, int, int]
"""Operation, jumps if true and if false, operand."""


Test = tuple[int, int, int]
"""A condition on a call: which argument, what it must be once masked, and the mask.

With no bit of the mask above the lower 32, the upper half is not looked at, nor does the kernel.
"""

Rule = int | tuple[tuple[Test, ...], ...]
"""What becomes of a call: a fate, or ways to be allowed, each a row of conditions; if none holds it fails."""


def _any_of(argument: int, values: tuple[int, ...]) -> Rule:
    return tuple(((argument, value, _LOW),) for value in values)


def outer_rules(machine: str, may_open: bool = True, runs: "Runs" = "python3") -> dict[int, Rule]:
    """Returns the rules of the first filter by call number; all other calls fail.

    Args:
        machine: "x86_64" or "aarch64".
        may_open: False where nothing but this filter keeps a program from files: another process's memory is one too.
        runs: what the filter is for.
    """
    looked_at, rules = numbers(LOOKED_AT, machine), dict[int, Rule]()
    # The kernel remembers what it need not ask about, so those that are looked at come first.
    for table, fate in (LOOKED_AT, ALLOW), (ALLOWED, ALLOW), (ITS_OWN, ALLOW), (ABSENT, ENOSYS), (DEADLY, KILL):
        rules |= dict.fromkeys(numbers(table, machine).values(), fate)
    rules[looked_at["fcntl"]] = _any_of(1, _F_ALLOWED)
    rules[looked_at["ioctl"]] = _any_of(1, _IOCTL_ALLOWED)
    rules[looked_at["clone"]] = (((0, 0, _CLONE_NEW),),)
    rules[looked_at["socketpair"]] = (((0, _AF_UNIX, _LOW), (1, _SOCK_STREAM, _SOCK_TYPE)),)
    rules[looked_at["sendto"]] = (((4, 0, _ALL),),)
    if not may_open:
        rules[looked_at["openat"]] = EPERM
    if runs == "cpp":
        to_begin = numbers(TO_BEGIN, machine)
        rules[to_begin["execveat"]] = (((4, AT_EMPTY_PATH, _ALL),),)
        if "arch_prctl" in to_begin:
            rules[to_begin["arch_prctl"]] = _any_of(0, (_ARCH_SET_FS,))
    if runs == "compiler":
        rules |= dict.fromkeys(numbers(TO_COMPILE, machine).values(), ALLOW)
    return rules


def inner_rules(machine: str, process: int, secret: int | None = None) -> dict[int, Rule]:
    """Returns the rules of the second filter; all other calls go on to the first.

    Args:
        machine: "x86_64" or "aarch64".
        process: the number of the program's process.
        secret: the only address of a program's arguments with which another can be put in its place; None for none.
    """
    looked_at, own = numbers(LOOKED_AT, machine), numbers(ITS_OWN, machine)
    own_reading, own_stack = ((0, 0, _LOW), (2, 0, _ALL)), ((0, 0, _LOW), (1, _RLIMIT_STACK, _LOW))
    begun: dict[int, Rule] = {} if secret is None else {numbers(TO_BEGIN, machine)["execveat"]: (((2, secret, _ALL),),)}
    return (
        dict.fromkeys(own.values(), EPERM)
        | begun
        | {
            looked_at["clone"]: (((0, _CLONE_THREAD, _CLONE_THREAD),),),
            looked_at["kill"]: (((0, process, _LOW),),),
            looked_at["tgkill"]: (((0, process, _LOW),),),
            looked_at["prlimit64"]: (own_reading, own_stack),
        }
    )


def outer_filter(machine: str, may_open: bool = True, runs: "Runs" = "python3") -> bytes:
    """Returns the first filter, assembled."""
    foreign = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, KILL)]
    x32 = [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, KILL)]
    return _packed([*foreign, *x32, *_assembled(outer_rules(machine, may_open, runs), EPERM)])


def inner_filter(machine: str, process: int, secret: int | None = None) -> bytes:
    """Returns the second filter, assembled."""
    return _packed([(_LOAD, 0, 0, _NUMBER), *_assembled(inner_rules(machine, process, secret), ALLOW)])


class InnerFilter:
    """The second filter, made once, with the process number still to come."""

    def __init__(self, secret: int | None = None) -> None:
        """Assembles it for this machine; `secret` as in `inner_rules`."""
        machine, unlikely = os.uname().machine, 0x7ABCDEF1
        self._code = ctypes.create_string_buffer(inner_filter(machine, unlikely, secret))
        self._words = memoryview(self._code).cast("B")[: len(self._code) // 8 * 8].cast("I")
        self._places = [place for place, word in enumerate(self._words) if word == unlikely]
        self._program = _program(self._code)

    def code(self) -> bytes:
        """Returns it as it is now."""
        return bytes(self._words)

    def aim(self, process: int) -> None:
        """Completes it with the number of the process that is to install it."""
        for place in self._places:
            self._words[place] = process

    def install(self) -> None:
        """Installs it in this process."""
        kernel.prctl(kernel.PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(self._program))


def install_outer(may_open: bool, runs: "Runs" = "python3") -> None:
    """Installs the first filter in this process, which must have no_new_privs set."""
    code = ctypes.create_string_buffer(outer_filter(os.uname().machine, may_open, runs))
    kernel.prctl(kernel.PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(_program(code)))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _program(code: "ctypes.Array[ctypes.c_char]") -> _Program:
    # The buffer ends with a null byte that is no part of the program.
    return _Program(len(code) // 8, ctypes.addressof(code))


def _assembled(rules: "Mapping[int, Rule]", otherwise: int) -> list[Instruction]:
    """Returns the instructions that find a call's rule, its number being loaded, and follow it."""
    code: list[Instruction] = []
    for number, rule in rules.items():
        body = [(_RETURN, 0, 0, rule)] if isinstance(rule, int) else _ways(rule)
        code += [(_EQUAL, 0, len(body), number), *body]
    return [*code, (_RETURN, 0, 0, otherwise)]


def _ways(rule: tuple[tuple[Test, ...], ...]) -> list[Instruction]:
    code: list[Instruction] = []
    for tests in rule:
        words = [word for test in tests for word in _words(test)]
        way: list[Instruction] = [(_RETURN, 0, 0, ALLOW)]
        for offset, mask, value in reversed(words):
            comparison = [(_AND, 0, 0, mask)] if mask != _LOW else []
            way = [(_LOAD, 0, 0, offset), *comparison, (_EQUAL, 0, len(way), value), *way]
        code += way
    return [*code, (_RETURN, 0, 0, EPERM)]


def _words(test: Test) -> list[tuple[int, int, int]]:
    """Returns offset, mask and value of the words that a condition looks at; the lower one is stored first."""
    argument, value, mask = test
    offset = _ARGUMENTS + 8 * argument
    halves = (offset, mask & _LOW, value & _LOW), (offset + 4, mask >> 32, value >> 32)
    return [half for half in halves if half[1]]


def _packed(code: list[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)

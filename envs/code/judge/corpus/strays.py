"""This process's descendants: which of them judge, and which outlive the program that started them."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

_PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 36, 37


@contextmanager
def adopting() -> Iterator[None]:
    """Makes this process the parent of its descendants' orphans meanwhile, so that none of them is lost sight of."""
    libc, before = ctypes.CDLL(None, use_errno=True), ctypes.c_int()
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this process cannot adopt orphans; Linux 3.4 or newer is wanted")
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


def descendants() -> set[int]:
    """Returns the numbers of all processes below this one that have not ended."""
    return {*_parents()}


def zygotes() -> list[int]:
    """Returns the zygotes below this process and what waits for them outside their namespaces, but no program."""
    parents = _parents()
    judging = {process for process in parents if b"judge.zygote" in _told(process, "cmdline")}
    return [process for process in judging if parents[process] not in judging or _is_first(process)]


def strays(usual: int, patience_seconds: float = 5.0) -> int:
    """Returns how many more descendants than `usual` there are, once those about to end have had their time."""
    until = monotonic() + patience_seconds
    while (more := len(descendants()) - usual) > 0 and monotonic() < until:
        sleep(0.01)
    return max(0, more)


def _parents() -> dict[int, int]:
    """Returns the parents of all processes below this one that have not ended."""
    parents: dict[int, int] = {}
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        state, parent, *_ = _told(process, "stat").rpartition(b")")[2].split() or (b"X", b"0")
        if state not in (b"Z", b"X"):
            parents[process] = int(parent)
    found, level = dict[int, int](), {os.getpid()}
    while level:
        found |= (below := {process: parent for process, parent in parents.items() if parent in level})
        level = {*below}
    return found


def _is_first(process: int) -> bool:
    """Says whether a process is the first of a namespace; its last number there is the innermost."""
    return any(line.split()[-1] == b"1" for line in _told(process, "status").splitlines() if line.startswith(b"NSpid:"))


def _told(process: int, file: str) -> bytes:
    """Returns what the system tells of a process; nothing where that has ended."""
    with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{process}/{file}", "rb") as told:
        return told.read()
    return b""

"""Processes that outlive the program that started them, found among this process's descendants."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in (b"Z", b"X"):
            children.setdefault(int(parent), []).append(int(name))
    found, level = set[int](), [os.getpid()]
    while level:
        level = [child for parent in level for child in children.get(parent, ())]
        found.update(level)
    return found


def strays(usual: int, patience_seconds: float = 5.0) -> int:
    """Returns how many more descendants than `usual` there are, once those about to end have had their time."""
    until = monotonic() + patience_seconds
    while (more := len(descendants()) - usual) > 0 and monotonic() < until:
        sleep(0.01)
    return max(0, more)

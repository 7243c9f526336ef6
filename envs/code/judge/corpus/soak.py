"""Many programs of every kind, one after the other for a long time: what a judge gathers that it should have let go."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from time import perf_counter

from ..job import Mode
from ..pool import Pool
from .check import Checking, Finding, judged, usual_processes
from .lures import Lures
from .program import LIMITS, WORKING, Program
from .programs import PROGRAMS
from .strays import adopting

_AT_A_TIME = 256
_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Soaked:
    """What became of a judge.

    Attributes:
        programs: how many were judged.
        findings: the first of the wrong verdicts, the judge's own failures among them, and whatever was left behind.
        num_findings: all of them.
        descriptors: how many more this process has open than after its first programs.
        resident_bytes: how much more memory this process holds than then.
        seconds: by the clock, the first programs aside.
    """

    programs: int
    findings: tuple[Finding, ...]
    num_findings: int
    descriptors: int
    resident_bytes: int
    seconds: float


def soak(pool: Pool, num_programs: int, num_first: int = 512, mode: Mode = "hybrid") -> Soaked:
    """Runs programs of the corpus over and over, all but those that wait or take much memory.

    Args:
        pool: the judge, with `on_error="ie"`.
        num_programs: how many in all.
        num_first: how many of them pass before this process is measured; a pool remembers results, some 4 KB each, and
            stops to grow by them after `REMEMBERED_RESULTS`.
        mode: how the tests of a program share processes.
    """
    programs = [program for program in PROGRAMS if program.limits in (LIMITS, WORKING)]
    with adopting(), Lures() as lures:
        checking = Checking(pool, lures, mode, usual_processes(pool))
        endless = cycle(programs)
        findings = [*_run(checking, islice(endless, min(num_programs, num_first)))]
        began, descriptors, resident = perf_counter(), _descriptors(), _resident_bytes()
        findings += _run(checking, islice(endless, max(0, num_programs - num_first)))
        findings += [Finding("the soak", what, "nothing left behind") for what in checking.left()]
        return Soaked(
            programs=num_programs,
            findings=tuple(findings[:_MOST_FINDINGS]),
            num_findings=len(findings),
            descriptors=_descriptors() - descriptors,
            resident_bytes=_resident_bytes() - resident,
            seconds=perf_counter() - began,
        )


def _run(checking: Checking, programs: Iterator[Program]) -> Iterator[Finding]:
    """Yields what the judge gets wrong."""
    while batch := [*islice(programs, _AT_A_TIME)]:
        for program, result in zip(batch, checking.pool.map(map(checking.job, batch)), strict=True):
            yield from judged(program, result)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _resident_bytes() -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

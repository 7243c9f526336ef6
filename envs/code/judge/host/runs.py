"""How a program ended on its tests, as the kernel says and, between tests that shared a process, as the program may."""

from dataclasses import dataclass

from ..inside.protocol import PROGRESS

Ending = tuple[int | None, int | None, float, float]
"""Exit code, signal, CPU seconds, wall seconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a program ended on one test.

    Attributes:
        exit_code: what was returned; None where a signal ended it.
        signal: what ended it, or None.
        cpu_seconds: user and system time.
        wall_seconds: by the clock.
        overdue: True where the wall limit was reached.
        output: what it wrote, as far as the limit.
        written: how much it wrote.
    """

    exit_code: int | None
    signal: int | None
    cpu_seconds: float
    wall_seconds: float
    overdue: bool
    output: bytes
    written: int


@dataclass(frozen=True, slots=True)
class Child:
    """What one child did.

    Attributes:
        runs: one for each test it came to; the last may have ended it.
        cpu_seconds: all of its time.
        wall_seconds: all of it by the clock.
        peak_bytes: the most memory it held.
        page_faults: how often it wanted another page of that.
        compiled: False where it ended before the program was compiled.
        ended_well: True where it came to every test and returned 0, so that what it said of each can be believed.
        stderr: the beginning of its standard error.
    """

    runs: tuple[Run, ...]
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    page_faults: int
    compiled: bool
    ended_well: bool
    stderr: str


def endings_of(said: bytes, tests: int, last: tuple[int, float, float]) -> list[Ending]:
    """Returns how each test that a child came to ended.

    Args:
        said: what the child said after each of several tests; it may be a lie that adds up to the truth.
        tests: how many it had.
        last: the kernel's word: exit code, or minus a signal, and all of the child's CPU and wall seconds.
    """
    code, cpu_seconds, wall_seconds = last
    endings: list[Ending] = []
    cpu_before = wall_before = 0.0
    for exit_code, cpu, wall in PROGRESS.iter_unpack(said[: len(said) // PROGRESS.size * PROGRESS.size]):
        cpu, wall = _between(cpu_before, cpu, cpu_seconds), _between(wall_before, wall, wall_seconds)
        endings.append((exit_code, None, cpu - cpu_before, wall - wall_before))
        cpu_before, wall_before = cpu, wall
    if len(endings) == tests and code != 0 and endings:
        endings.pop()
    if len(endings) < tests:
        ended = (code, None) if code >= 0 else (None, -code)
        endings.append((*ended, max(0.0, cpu_seconds - cpu_before), max(0.0, wall_seconds - wall_before)))
    return endings


def _between(least: float, said: float, most: float) -> float:
    # What is no number is not between any, either.
    return said if least <= said <= most else most

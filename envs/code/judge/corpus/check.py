"""Run the corpus on a judge and say what it got wrong: verdicts, escapes, and harm to those who come after."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf

from ..job import Job, Mode
from ..pool import Pool
from ..tests import TestSet
from ..verdict import Result, Verdict
from .lures import Lures
from .poison import PAIRS
from .program import ACCEPTED, PWNED, SECRET, SUMS, Pair, Program
from .programs import PROGRAMS
from .strays import adopting, descendants, strays

_ROUNDS = count(1)
# One that reads all there is, and so sees whether its input is the one it was given.
_HONEST = Program(
    "an honest program",
    ACCEPTED,
    "n, *values = map(int, open(0).read().split())\nassert len(values) == n\nprint(sum(values))\n",
    SUMS,
)
_NOTHING = "nothing touched and nobody left"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the judge got wrong.

    Attributes:
        program: the program's name, or whose if it is not one's alone.
        found: what came of it.
        wanted: what should have.
    """

    program: str
    found: str
    wanted: str


def check_judge(
    pool: Pool, programs: Sequence[Program] = PROGRAMS, pairs: Sequence[Pair] = PAIRS, mode: Mode = "hybrid"
) -> list[Finding]:
    """Returns what a judge gets wrong; an empty list is what is wanted.

    Each program is followed by an honest one, which shows whether the judge came to harm. Programs run side by side, as
    many as the pool has workers; pairs run one after the other. Only a sandbox should be given all of the corpus:
    some of it would hurt the machine.

    Args:
        pool: the judge; with `on_error="ie"`, so that its failures are found and not raised.
        programs: what to run alone.
        pairs: what to run one after the other.
        mode: how the tests of a program share processes.
    """
    with adopting(), Lures() as lures:
        checking = Checking(pool, lures, mode, usual_processes(pool))
        findings = [*checking.alone(programs), *checking.in_pairs(pairs)]
        if left := checking.left():
            # Whose they are shows when all run again, one after the other.
            found = [*checking.one_by_one(programs), *checking.one_by_one(pair.poison for pair in pairs)]
            findings += found or [Finding("the corpus", what, _NOTHING) for what in left]
        return findings


@dataclass(slots=True)
class Checking:
    """One run of the corpus.

    Attributes:
        pool: the judge.
        lures: what programs are tempted with.
        mode: how the tests of a program share processes.
        usual: how many descendants this process has where no program runs.
    """

    pool: Pool
    lures: Lures
    mode: Mode
    usual: int

    def alone(self, programs: Sequence[Program]) -> Iterator[Finding]:
        """Yields what is wrong with programs run side by side, each followed by an honest one."""
        jobs = [self.job(program) for each in programs for program in (each, _HONEST)]
        results = iter(self.pool.map(jobs))
        for program in programs:
            yield from judged(program, next(results))
            for finding in judged(_HONEST, next(results)):
                yield replace(finding, program=f"{program.name}, then {_HONEST.name}")

    def in_pairs(self, pairs: Sequence[Pair]) -> Iterator[Finding]:
        """Yields what is wrong with programs run one after the other, which a pool does in the same place."""
        for pair in pairs:
            for program in (pair.poison, pair.victim):
                yield from judged(program, self._run(program))

    def one_by_one(self, programs: Iterable[Program]) -> Iterator[Finding]:
        """Yields what each program leaves behind."""
        for program in programs:
            self._run(program)
            yield from (Finding(program.name, what, _NOTHING) for what in self.left())

    def left(self) -> list[str]:
        """Returns what was touched and who is left since the last call."""
        if more := strays(self.usual):
            self.usual += more
        return [*self.lures.touched(), *[f"{more} processes left running"][: more > 0]]

    def _run(self, program: Program) -> Result:
        (result,) = self.pool.map([self.job(program)])
        return result

    def job(self, program: Program) -> Job:
        """Returns a job that no pool remembers having done."""
        # No other has this limit.
        limits = replace(program.limits, stderr_bytes=program.limits.stderr_bytes + next(_ROUNDS))
        return Job(self.lures.fill(program.source), program.tests, limits, mode=self.mode)


def usual_processes(pool: Pool) -> int:
    """Returns how many descendants this process has once each worker of the pool has run a program."""
    naps = (f"import time\ntime.sleep(0.1)\n# {next(_ROUNDS)}" for _ in range(2 * pool.workers))
    pool.map([Job(nap, TestSet(SUMS.cases[:1])) for nap in naps])
    return len(descendants())


def judged(program: Program, result: Result) -> Iterator[Finding]:
    """Yields what a result says of the judge."""
    verdicts = " ".join(test.verdict for test in result.tests if test.verdict is not Verdict.SKIPPED) or result.verdict
    if not re.fullmatch(program.wanted, verdicts):
        yield Finding(program.name, f"{verdicts} {result.stderr_head[-200:]}".strip(), program.wanted)
    for test in result.tests:
        if not 0 <= test.cpu_seconds < inf:
            yield Finding(program.name, f"{test.cpu_seconds} CPU seconds", "a number from 0 up")
        for word in (PWNED, SECRET):
            if word in test.output_head:
                yield Finding(program.name, f"output {test.output_head!r}", f"no {word}")

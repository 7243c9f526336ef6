"""One program's trial: runs it on input after input, compares what comes out, gives the verdict.

Expected outputs are compared here and go nowhere else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from signal import SIGKILL, SIGSYS
from time import perf_counter

from .checkers import CheckerProgram, verdict_of
from .host.compilation import Compiled
from .host.process import MOST_TOGETHER, Zygote, ZygoteFailed
from .host.runs import Child, Run
from .job import Mode, Stop
from .limits import Limits
from .tests import TestSet
from .verdict import Result, TestResult, Verdict

HEAD_BYTES = 256
# With less than this part of the wall limit as CPU time, a program was waiting rather than working.
IDLE = 0.2
# Whoever is over the time limit by no more than this part of it may be under it the next time.
MARGIN = 0.1
# After so many children that did not run all their tests, each test has a child of its own.
MOST_BAD_ENDS = 2
# The last line of standard error, in Python and in C++.
_OUT_OF_MEMORY = re.compile(r"MemoryError|  what\(\):  std::bad_(alloc|array_new_length)$")


@dataclass(frozen=True, slots=True)
class Judged:
    """A result and what it took.

    Attributes:
        result: the result.
        check_seconds: what the checker took, by the clock.
        page_faults: pages of memory that its processes asked the kernel for.
    """

    result: Result
    check_seconds: float = 0.0
    page_faults: int = 0


def judge(
    zygote: Zygote,
    source: str,
    tests: TestSet,
    limits: Limits,
    stop: Stop,
    mode: Mode = "hybrid",
    compiled: Callable[[bytes, float], Compiled] | None = None,
) -> Judged:
    """Returns what running `source` on `tests` says of it.

    Args:
        zygote: what runs it; of no more use if anything is raised.
        source: the program, in the language of the zygote.
        tests: what it is judged by.
        limits: what it may use in each test.
        stop: "first" skips what follows a failing test, "never" runs all.
        mode: "isolated" runs each test in a process of its own; "hybrid" whichever fails after another in the same.
        compiled: makes what the zygote runs of a source, in so many CPU seconds; None where it runs the source itself.

    Raises:
        ZygoteFailed: if the zygote broke down.
        OSError: if the machine refuses a file.
    """
    text, compile_seconds = source.encode(errors="surrogatepass"), 0.0
    if len(text) > limits.source_bytes:
        return Judged(_rejected(tests, f"{len(text)} bytes of source, {limits.source_bytes} are allowed"))
    if compiled:
        made = compiled(text, limits.compile_seconds)
        if not made.program:
            return Judged(_rejected(tests, made.complaint[: limits.stderr_bytes], made.cpu_seconds))
        text, compile_seconds, mode = made.program, made.cpu_seconds, "isolated"
    zygote.load(text)
    trial = _Trial(zygote, tests, limits, compile_seconds)
    return Judged(trial.result(stop, mode), trial.check_seconds, trial.page_faults)


def unknown(tests: TestSet) -> Result:
    """Returns the result of a program that the judge could not run."""
    return Result(Verdict.IE, None, len(tests.cases), _skipped(len(tests.cases)))


def fatal(tests: TestSet) -> Result:
    """Returns the result of a program that no zygote outlives, where nothing keeps it from killing one."""
    results = (TestResult(Verdict.RE), *_skipped(len(tests.cases) - 1))[: len(tests.cases)]
    return Result(Verdict.RE, 0, len(tests.cases), results, "the program ended the judge that ran it")


def _rejected(tests: TestSet, complaint: str, cpu_seconds: float = 0.0) -> Result:
    return Result(Verdict.CE, 0, len(tests.cases), _skipped(len(tests.cases)), complaint, cpu_seconds)


def _skipped(count: int) -> tuple[TestResult, ...]:
    return (TestResult(Verdict.SKIPPED),) * count


class _Trial:
    """A program, loaded into a zygote, and what it has taken so far."""

    def __init__(self, zygote: Zygote, tests: TestSet, limits: Limits, compile_seconds: float) -> None:
        assert not isinstance(tests.checker, CheckerProgram), "the pool puts an Arbiter in its place"
        self._zygote, self._tests, self._limits, self._checker = zygote, tests, limits, tests.checker
        self._inputs = [case.input.encode(errors="surrogateescape") for case in tests.cases]
        self._cpu_seconds, self.check_seconds = compile_seconds, 0.0
        self._peak_bytes = self.page_faults = 0
        self._known: tuple[Run, TestResult] | None = None

    def result(self, stop: Stop, mode: Mode) -> Result:
        """Returns the result of running the tests."""
        most = 1 if mode == "isolated" else MOST_TOGETHER
        first = self._run(0, min(most, len(self._inputs)), self._is_right)
        if complaint := self._complaint(first):
            return _rejected(self._tests, complaint, self._cpu_seconds)
        results, errors = list[TestResult](), list[str]()
        for result, stderr in self._tried(first, mode):
            results.append(result)
            if result.verdict is not Verdict.AC:
                errors.append(stderr)
                if stop == "first":
                    break
        failing = (result.verdict for result in results if result.verdict is not Verdict.AC)
        return Result(
            verdict=next(failing, Verdict.AC),
            passed=len(results) - len(errors),
            total=len(self._inputs),
            tests=(*results, *_skipped(len(self._inputs) - len(results))),
            stderr_head=errors[0] if errors else "",
            cpu_seconds=self._cpu_seconds,
            peak_bytes=self._peak_bytes,
        )

    def _tried(self, first: Child, mode: Mode) -> Iterator[tuple[TestResult, str]]:
        """Yields each test's result and standard error; `first` has run the first test, as if alone, and maybe more."""
        child: Child | None = first
        place, together, bad_ends, alone = 0, len(first.runs), 0, {0}
        while place < len(self._inputs):
            if child is None:
                together = 1
                if mode == "hybrid" and place not in alone and bad_ends <= MOST_BAD_ENDS:
                    ends = min((other for other in alone if other > place), default=len(self._inputs))
                    together = min(ends - place, MOST_TOGETHER)
                child = self._run(place, together)
            if together > 1 and not child.ended_well:
                # What it said of the tests before its last may be a lie, so they are run again without that.
                bad_ends += 1
                alone.add(place + len(child.runs) - 1)
                child = None
                continue
            for run in child.runs:
                result, stderr = self._compared(place, run, child.stderr), child.stderr
                if len(child.runs) > 1 and result.verdict is not Verdict.AC:
                    # It may be what an earlier test left behind that fails it.
                    result, stderr = self._repeated(place)
                if self._is_marginal(result):
                    result, stderr = self._repeated(place)
                    result = replace(result, marginal=True)
                yield result, stderr
                place += 1
            child = None

    def _run(self, place: int, count: int, goes_on: Callable[[Run], bool] | None = None) -> Child:
        child = self._zygote.run(self._inputs[place : place + count], self._limits, goes_on)
        self._cpu_seconds += child.cpu_seconds
        self._peak_bytes = max(self._peak_bytes, child.peak_bytes)
        self.page_faults += child.page_faults
        return child

    def _is_right(self, first: Run) -> bool:
        self._known = first, self._compared(0, first, "")
        return self._known[1].verdict is Verdict.AC

    def _repeated(self, place: int) -> tuple[TestResult, str]:
        child = self._run(place, 1)
        return self._compared(place, child.runs[0], child.stderr), child.stderr

    def _complaint(self, child: Child) -> str:
        """Returns why there is nothing to run, the compiler's message mostly; empty where there is something."""
        if child.compiled:
            return ""
        limits, run = self._limits, child.runs[0] if child.runs else None
        if run and (self._out_of_time(run) or (run.exit_code and child.peak_bytes > limits.memory_bytes // 2)):
            return ""
        if run and run.signal == SIGKILL:
            raise ZygoteFailed("the compiler was killed; is the machine out of memory?")
        ended_by = f"signal {run.signal}" if run and run.signal else "something"
        return child.stderr or f"{ended_by} ended the compiler"

    def _compared(self, place: int, run: Run, stderr: str) -> TestResult:
        if self._known and self._known[0] is run:
            return self._known[1]
        verdict = self._failure(run, stderr)
        if verdict is None:
            case, began = self._tests.cases[place], perf_counter()
            expected = case.output.encode(errors="surrogateescape")
            verdict = verdict_of(self._checker(expected, run.output, self._inputs[place]))
            self.check_seconds += perf_counter() - began
        return TestResult(
            verdict=verdict,
            cpu_seconds=run.cpu_seconds,
            wall_seconds=run.wall_seconds,
            exit_code=run.exit_code,
            signal=run.signal,
            output_digest=blake2b(b" ".join(run.output.split()), digest_size=16).hexdigest(),
            output_head=run.output[:HEAD_BYTES].decode(errors="replace"),
        )

    def _failure(self, run: Run, stderr: str) -> Verdict | None:
        """Returns what was wrong with a run, whatever it wrote, or None."""
        if late := self._out_of_time(run):
            return late
        if run.written > self._limits.output_bytes:
            return Verdict.OLE
        if run.signal == SIGSYS:
            return Verdict.SV
        if run.exit_code != 0:
            return Verdict.MLE if _OUT_OF_MEMORY.match(stderr.rstrip().rpartition("\n")[2]) else Verdict.RE
        return None

    def _out_of_time(self, run: Run) -> Verdict | None:
        if run.cpu_seconds > self._limits.cpu_seconds:
            return Verdict.TLE
        if run.overdue:
            return Verdict.ILE if run.cpu_seconds < IDLE * run.wall_seconds else Verdict.TLE
        return None

    def _is_marginal(self, result: TestResult) -> bool:
        cpu_seconds, limit = result.cpu_seconds, self._limits.cpu_seconds
        return result.verdict is Verdict.TLE and limit < cpu_seconds <= (1 + MARGIN) * limit

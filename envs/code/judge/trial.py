"""One program's trial: runs it on input after input, compares what comes out, gives the verdict.

Expected outputs are compared here and go nowhere else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from signal import SIGKILL, SIGSYS
from time import perf_counter

from .arbiter import Arbiter
from .checkers import CheckerFailed, CheckerProgram, CodeContests, verdict_of
from .host.compilation import Compiled
from .host.process import MOST_TOGETHER, Zygote, ZygoteFailed
from .host.runs import Child, Run
from .job import Mode, Stop
from .limits import Limits
from .tests import TestSet
from .verdict import Result, TestResult, Verdict

HEAD_BYTES = 256
# Of a longer output the bytes are what counts, for tokens would take twenty times as much memory.
MOST_TOKENS_BYTES = 1 << 20
# With less than this part of the wall limit as CPU time, a program was waiting rather than working.
IDLE = 0.2
# With less than this it did nothing but wait; else the machine may have kept it from the processor.
ASLEEP = 0.01
# Whoever is over the time limit by no more than this part of it may be under it the next time.
MARGIN = 0.1
# Tests share a child where they would take this part of one test's time limit, going by the slowest so far.
SHARED = 0.5
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
        self._cpu_seconds, self._slowest_seconds, self.check_seconds = compile_seconds, 0.0, 0.0
        self._peak_bytes = self.page_faults = 0
        self._known: tuple[Run, TestResult] | None = None

    def result(self, stop: Stop, mode: Mode) -> Result:
        """Returns the result of running the tests."""
        most = 1 if mode == "isolated" else MOST_TOGETHER
        first = self._run(0, min(most, len(self._inputs)), self._goes_on)
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
        """Yields each test's result and standard error; `first` has run the first test, as if alone, and maybe more.

        What each of several tests took, only the program says. It can be believed as long as all that they took is no
        more than one may take.
        """
        child: Child | None = first
        place, together, bad_ends, alone = 0, len(first.runs), 0, {0}
        while place < len(self._inputs):
            if child is None:
                together = 1
                if mode == "hybrid" and place not in alone and bad_ends <= MOST_BAD_ENDS:
                    ends = min((other for other in alone if other > place), default=len(self._inputs))
                    together = max(1, min(ends - place, self._most_together()))
                child = self._run(place, together)
            if together > 1 and not child.ended_well:
                # What it said of the tests before its last may be a lie, so they are run again without that.
                bad_ends += 1
                alone.add(place + len(child.runs) - 1)
                child = None
                continue
            if together > 1 and self._is_late(child):
                alone.update(range(place, place + together))
                child = None
                continue
            for run in child.runs:
                yield self._counted(place, run, child.stderr, len(child.runs) == 1)
                place += 1
            child = None

    def _counted(self, place: int, run: Run, stderr: str, is_alone: bool) -> tuple[TestResult, str]:
        """Returns a test's result and standard error, once it has been run again where that may change it."""
        result = self._compared(place, run, stderr)
        self._slowest_seconds = max(self._slowest_seconds, run.cpu_seconds)
        if not is_alone and result.verdict is not Verdict.AC:
            # It may be what an earlier test left behind that fails it.
            run, stderr = self._alone(place)
            result = self._compared(place, run, stderr)
        if self._is_marginal(run):
            run, stderr = self._alone(place)
            result = replace(self._compared(place, run, stderr), marginal=True)
        return result, stderr

    def _run(self, place: int, count: int, goes_on: Callable[[Run], bool] | None = None) -> Child:
        child = self._zygote.run(self._inputs[place : place + count], self._limits, goes_on)
        self._cpu_seconds += child.cpu_seconds
        self._peak_bytes = max(self._peak_bytes, child.peak_bytes)
        self.page_faults += child.page_faults
        return child

    def _goes_on(self, first: Run) -> bool:
        """Returns whether the first test is passed, and so quickly that the others may follow in the same child."""
        self._known = first, self._compared(0, first, "")
        self._slowest_seconds = first.cpu_seconds
        others = min(len(self._inputs), MOST_TOGETHER) - 1
        return self._known[1].verdict is Verdict.AC and others <= self._most_together()

    def _most_together(self) -> int:
        seconds = max(self._slowest_seconds, 1e-6)
        return min(MOST_TOGETHER, int(SHARED * self._limits.cpu_seconds / seconds))

    def _is_late(self, child: Child) -> bool:
        limits = self._limits
        return child.cpu_seconds > limits.cpu_seconds or child.wall_seconds > limits.patience_seconds

    def _alone(self, place: int) -> tuple[Run, str]:
        child = self._run(place, 1)
        return child.runs[0], child.stderr

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
            verdict = self._checked(place, run.output)
        elif isinstance(self._checker, CodeContests) and self._checker.lenient:
            answer = self._checked(place, run.output)
            verdict = answer if answer is Verdict.AC else verdict
        return TestResult(
            verdict=verdict,
            cpu_seconds=run.cpu_seconds,
            wall_seconds=run.wall_seconds,
            exit_code=run.exit_code,
            signal=run.signal,
            output_digest=_digest(run.output),
            output_head=run.output[:HEAD_BYTES].decode(errors="replace"),
        )

    def _checked(self, place: int, output: bytes) -> Verdict:
        """Returns what the checker says of what was written."""
        began, expected = perf_counter(), self._tests.cases[place].output.encode(errors="surrogateescape")
        try:
            return verdict_of(self._checker(expected, output, self._inputs[place]))
        except OSError as error:
            if isinstance(self._checker, Arbiter):
                # It was the judge that failed.
                raise
            raise CheckerFailed(f"{self._checker!r} failed: {error!r}") from error
        finally:
            self.check_seconds += perf_counter() - began

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

    def _is_marginal(self, run: Run) -> bool:
        """Returns whether a run that was out of time might have had enough at another time."""
        cpu_seconds, limit = run.cpu_seconds, self._limits.cpu_seconds
        if cpu_seconds > limit:
            return cpu_seconds <= (1 + MARGIN) * limit
        return run.overdue and cpu_seconds > ASLEEP * run.wall_seconds


def _digest(output: bytes) -> str:
    told = output if len(output) > MOST_TOKENS_BYTES else b" ".join(output.split())
    return blake2b(told, digest_size=16).hexdigest()

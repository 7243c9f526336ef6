"""One program's trial: hands it input after input, compares what comes out, gives the verdict.

Expected outputs are compared here and go nowhere else.
"""

import os
from collections.abc import Iterator
from hashlib import blake2b
from signal import SIGKILL, SIGPROF, SIGXCPU
from typing import Literal

from .checkers import Checker
from .limits import Limits
from .process import Report, Runner, RunnerFailed, RunnerLost, Server, started, text_of
from .tests import Case, TestSet
from .verdict import Result, TestResult, Verdict

Stop = Literal["first", "never"]

HEAD_BYTES = 256
# With less than this part of the wall limit as CPU time, a program was waiting rather than working.
IDLE = 0.2


def judge(server: Server, source: str, tests: TestSet, limits: Limits, stop: Stop) -> Result:
    """Returns what running `source` on `tests` says of it.

    Args:
        server: what runs it; of no more use if anything is raised.
        source: the program.
        tests: what it is judged by.
        limits: what it may use in each test.
        stop: "first" skips what follows a failing test, "never" runs all.

    Raises:
        RunnerFailed: if the server or the runner broke down by itself.
        ServerLost: if the server did not outlive the program.
        OSError: if the machine refuses a file or a folder.
    """
    text = source.encode(errors="surrogatepass")
    if len(text) > limits.source_bytes:
        return _rejected(tests, f"{len(text)} bytes of source, {limits.source_bytes} are allowed")
    with started(server, text, limits) as runner:
        cpu_seconds, complaint = _compiled(runner)
        if complaint:
            return _rejected(tests, complaint, cpu_seconds)
        tried = list(_tried(runner, tests, stop))
    results = tuple(result for result, _ in tried)
    failing = ((result.verdict, stderr) for result, stderr in tried if result.verdict is not Verdict.AC)
    verdict, stderr = next(failing, (Verdict.AC, ""))
    return Result(
        verdict=verdict,
        passed=sum(result.verdict is Verdict.AC for result in results),
        total=len(tests.cases),
        tests=results + _skipped(len(tests.cases) - len(results)),
        stderr_head=stderr,
        cpu_seconds=cpu_seconds + sum(result.cpu_seconds for result in results),
    )


def unknown(tests: TestSet) -> Result:
    """Returns the result of a program that the judge could not run."""
    return Result(Verdict.IE, None, len(tests.cases), _skipped(len(tests.cases)))


def fatal(tests: TestSet) -> Result:
    """Returns the result of a program that no server outlives."""
    results = (TestResult(Verdict.RE), *_skipped(len(tests.cases) - 1))[: len(tests.cases)]
    return Result(Verdict.RE, 0, len(tests.cases), results, "the program ended the judge that ran it")


def _rejected(tests: TestSet, complaint: str, cpu_seconds: float = 0.0) -> Result:
    return Result(Verdict.CE, 0, len(tests.cases), _skipped(len(tests.cases)), complaint, cpu_seconds)


def _skipped(count: int) -> tuple[TestResult, ...]:
    return (TestResult(Verdict.SKIPPED),) * count


def _compiled(runner: Runner) -> tuple[float, str]:
    """Returns the CPU seconds of the compilation, and the compiler's message, empty where there is none."""
    try:
        report = runner.compiled()
    except RunnerLost as lost:
        code = runner.kill()
        if code < 0 and code != -SIGKILL:
            return 0.0, f"signal {-code} ended the compiler"
        raise RunnerFailed(text_of(runner.stderr, 1000) or str(lost)) from lost
    return report.cpu_seconds, "" if report.exit_code == 0 else text_of(runner.stderr, runner.limits.stderr_bytes)


def _tried(runner: Runner, tests: TestSet, stop: Stop) -> Iterator[tuple[TestResult, str]]:
    """Yields each test's result and standard error, as far as `stop` allows."""
    try:
        for left, case in zip(reversed(range(len(tests.cases))), tests.cases, strict=True):
            result, stderr = _tested(runner, case, tests.checker)
            last = left == 0 or (stop == "first" and result.verdict is not Verdict.AC)
            if last:
                runner.dismiss()
            yield result, stderr
            if last:
                return
    except RunnerLost as lost:
        if runner.kill() > 0:
            raise RunnerFailed(text_of(runner.stderr, 1000)) from lost
        yield TestResult(Verdict.RE), str(lost)


def _tested(runner: Runner, case: Case, checker: Checker) -> tuple[TestResult, str]:
    """Returns the result of one test and its standard error; RunnerLost where the runner did not survive it."""
    given, expected = (text.encode(errors="surrogateescape") for text in (case.input, case.output))
    report = runner.test(given)
    written = os.fstat(runner.stdout).st_size
    output = os.pread(runner.stdout, min(written, runner.limits.output_bytes), 0)
    stderr = text_of(runner.stderr, runner.limits.stderr_bytes)
    verdict = _failure(report, written, stderr, runner.limits)
    if verdict is None:
        verdict = Verdict.AC if checker(expected, output, given) else Verdict.WA
    result = TestResult(
        verdict=verdict,
        cpu_seconds=report.cpu_seconds,
        wall_seconds=report.wall_seconds,
        exit_code=report.exit_code,
        signal=report.signal,
        output_digest=blake2b(b" ".join(output.split()), digest_size=16).hexdigest(),
        output_head=output[:HEAD_BYTES].decode(errors="replace"),
    )
    return result, stderr


def _failure(report: Report, written: int, stderr: str, limits: Limits) -> Verdict | None:
    """Returns what was wrong with a run, whatever it wrote, or None."""
    if report.cpu_seconds > limits.cpu_seconds or report.signal in (SIGPROF, SIGXCPU):
        return Verdict.TLE
    if written > limits.output_bytes:
        return Verdict.OLE
    if report.overdue:
        return Verdict.ILE if report.cpu_seconds < IDLE * report.wall_seconds else Verdict.TLE
    if report.exit_code != 0:
        return Verdict.MLE if stderr.rstrip().rpartition("\n")[2].startswith("MemoryError") else Verdict.RE
    return None

"""What the judge says of a program."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """A test's outcome, and a program's: that of its first failing test.

    `IE` is the judge's own failure and says nothing about the program; never make a reward of it.
    """

    AC = "AC"
    """Accepted: exit code 0, output within its limit, and the checker agrees."""
    WA = "WA"
    """Wrong answer."""
    PE = "PE"
    """Presentation error: only a problem's own checker, a function or a program, tells it from WA."""
    TLE = "TLE"
    """Time limit exceeded: CPU time."""
    ILE = "ILE"
    """Idleness limit exceeded: the wall limit reached with little CPU time used."""
    MLE = "MLE"
    """Memory limit exceeded."""
    OLE = "OLE"
    """Output limit exceeded."""
    RE = "RE"
    """Runtime error: a non-zero exit code or a signal, whatever was written before."""
    SV = "SV"
    """Security violation: a system call that no honest program makes; the kernel's log (`dmesg`) has its number."""
    CE = "CE"
    """Compile error."""
    IE = "IE"
    """Internal error: the judge could not run the program."""
    SKIPPED = "SKIPPED"
    """Not run, because an earlier test had decided."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test.

    Attributes:
        verdict: the outcome.
        cpu_seconds: user and system time of the program.
        wall_seconds: by the clock.
        exit_code: what the program returned; None where a signal killed it or it did not run.
        signal: what killed it, or None.
        output_digest: equal exactly where two outputs have the same whitespace-separated tokens, or the same
            bytes where they are longer than a MiB; "" where not run.
        output_head: the beginning of the output, for people.
        marginal: True where it was hardly over the time limit, or worked and was ended by the clock, and so was run
            again; the second run is the one that counts.
    """

    __test__ = False  # pytest: this is no test case.

    verdict: Verdict
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    exit_code: int | None = None
    signal: int | None = None
    output_digest: str = ""
    output_head: str = ""
    marginal: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One program.

    Attributes:
        verdict: that of the first failing test; AC where none fails.
        passed: tests with AC; None exactly where `verdict` is IE, since then nobody knows.
        total: tests asked for.
        tests: one a test, in their order.
        stderr_head: the beginning of standard error of the first failing test, or the compiler's message.
        cpu_seconds: the compilation and all tests.
        peak_bytes: the most memory that one of its processes held, the interpreter's own included; 0 where none ran.
        isolation: the level of what shut the program in; see `Pool`.
        attempts: runs it took; more than one where the judge itself failed in between.
    """

    verdict: Verdict
    passed: int | None
    total: int
    tests: tuple[TestResult, ...]
    stderr_head: str = ""
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    isolation: str = "none"
    attempts: int = 1

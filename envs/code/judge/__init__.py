"""The judge: says of a program whether it solves a problem, and how it fails.

    with Pool() as pool:
        result = pool.run("print(int(input()) + 1)", TestSet((Case("1", "2"),)))
    assert result.verdict is Verdict.AC

Every program runs in a process of its own with limits on time, memory and output. It never sees an expected output.
`Result.isolation` says what else stood between it and the machine; "process" means nothing did.
"""

from .checkers import Checker, CodeContests, Exact, Floats, Special, Tokens, Trimmed, YesNo
from .limits import Limits
from .pool import Job, JudgeUnavailable, Pool, Stats
from .tests import Case, TestSet
from .trial import Stop
from .verdict import Result, TestResult, Verdict

__all__ = [
    "Case",
    "Checker",
    "CodeContests",
    "Exact",
    "Floats",
    "Job",
    "JudgeUnavailable",
    "Limits",
    "Pool",
    "Result",
    "Special",
    "Stats",
    "Stop",
    "TestResult",
    "TestSet",
    "Tokens",
    "Trimmed",
    "Verdict",
    "YesNo",
]

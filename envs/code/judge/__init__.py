"""The judge: says of a program whether it solves a problem, and how it fails.

    with Pool() as pool:
        result = pool.run("print(int(input()) + 1)", TestSet((Case("1", "2"),)))
    assert result.verdict is Verdict.AC

Every program runs in a process of its own with limits on time, memory and output. It never sees an expected output.
`Result.isolation` says what else stood between it and the machine: namespaces, Landlock and seccomp at "full", which
works for root and for ordinary users, and less at "no-ns" and "seccomp"; nothing at "none", which is no sandbox.

`pool.py` is the door, and outputs are compared in `trial.py`. `host/` is this end of the processes that programs run
in, `inside/` what those run themselves, and `corpus/` the programs that they must withstand.
"""

from .cache import ResultCache
from .checkers import (
    Checker,
    CheckerFailed,
    CheckerProgram,
    CodeContests,
    Exact,
    Floats,
    Rule,
    Special,
    Tokens,
    Trimmed,
    YesNo,
    verdict_of,
)
from .host.fleet import JudgeUnavailable
from .host.probe import Isolation
from .host.process import Language
from .job import Job, Mode, Stop
from .json_checker import Json
from .limits import Limits
from .pool import Pool
from .recorder import Recorder
from .tally import Stats, Times
from .tests import Case, TestSet
from .verdict import Result, TestResult, Verdict

__all__ = [
    "Case",
    "Checker",
    "CheckerFailed",
    "CheckerProgram",
    "CodeContests",
    "Exact",
    "Floats",
    "Isolation",
    "Job",
    "Json",
    "JudgeUnavailable",
    "Language",
    "Limits",
    "Mode",
    "Pool",
    "Recorder",
    "Result",
    "ResultCache",
    "Rule",
    "Special",
    "Stats",
    "Stop",
    "TestResult",
    "TestSet",
    "Times",
    "Tokens",
    "Trimmed",
    "Verdict",
    "YesNo",
    "verdict_of",
]

"""The code world: contest problems, where they come from, and the contest that judges programs.

`Problem` is one problem; `GeneratedProblems` is an endless source of them and `read_problems` a file; `CodeContest` is
the environment, `ContestDemonstrator` shows it solved.
"""

from .demonstrations import ContestDemonstrator
from .env import CodeContest
from .generate import GeneratedProblems
from .problem import Problem, Solution, read_problems, write_problems

__all__ = [
    "CodeContest",
    "ContestDemonstrator",
    "GeneratedProblems",
    "Problem",
    "Solution",
    "read_problems",
    "write_problems",
]

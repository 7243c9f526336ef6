"""Real problems in bulk: other people's programs, made into contest problems with hidden tests.

Some come with packages (`pip install -c constraints.txt -e '.[code]'`), some as files that a user has. Nothing foreign
is ever imported or run in our process: programs run in the judge, the rest is data. One command makes a file of them:

    python -m alphakata.envs.code.corpora code_io code_io.jsonl
    alphakata solve file=code_io.jsonl task=0
"""

from .apps import read_apps
from .code_contests import read_code_contests
from .code_io import CodeIO
from .doctests import make_doctests
from .files import ProblemFile, build
from .human_eval import HumanEval, make_human_eval
from .rows import BadRow, Collection, Rejected, collect

__all__ = [
    "BadRow",
    "CodeIO",
    "Collection",
    "HumanEval",
    "ProblemFile",
    "Rejected",
    "build",
    "collect",
    "make_doctests",
    "make_human_eval",
    "read_apps",
    "read_code_contests",
]

"""The judge's corpus: hostile, broken and unusual programs, and what a judge must make of them.

    with Pool(on_error="ie") as pool:
        assert check_judge(pool) == []

It ships with the judge, so that all can try it on machines of their own; `alphakata doctor` runs a sample. Only a
sandbox should be given all of it.
"""

from .check import Finding, check_judge
from .mutants import mutants
from .poison import PAIRS
from .program import Pair, Program
from .programs import PROGRAMS, SAMPLE
from .soak import Soaked, soak

__all__ = ["PAIRS", "PROGRAMS", "SAMPLE", "Finding", "Pair", "Program", "Soaked", "check_judge", "mutants", "soak"]

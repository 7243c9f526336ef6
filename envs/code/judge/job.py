"""What a judge is asked: a program, its tests, its limits, and how to go about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from .host.process import Language
from .limits import Limits
from .tests import TestSet

Stop = Literal["first", "never"]
Mode = Literal["hybrid", "isolated"]


@dataclass(frozen=True, slots=True)
class Job:
    """One program to judge; equal jobs have equal results.

    Attributes:
        source: the program.
        tests: what it is judged by.
        limits: what it may use in each test.
        stop: "first" skips what follows a failing test, "never" runs all.
        mode: "isolated" runs every test in a process of its own; "hybrid" runs the first as that does and, where it is
            passed, the others after it in the same process if it left nothing to do, in one of their own if it did. Of
            these, each that fails is run again alone before it counts. In C++ every test is isolated.
        language: "python3", or "cpp" for C++17 as g++ has it.
    """

    source: str
    tests: TestSet
    limits: Limits = field(default_factory=Limits)
    stop: Stop = "first"
    mode: Mode = "hybrid"
    language: Language = "python3"

    def __post_init__(self) -> None:
        for name, kind in {"source": str, "tests": TestSet, "limits": Limits}.items():
            if not isinstance(value := getattr(self, name), kind):
                raise TypeError(f"{name} is a {type(value).__name__}, it must be a {kind.__name__}")
        for name, choices in ("stop", Stop), ("mode", Mode), ("language", Language):
            choose(name, getattr(self, name), get_args(choices))


def choose(name: str, value: str, choices: Sequence[str]) -> None:
    """Raises `ValueError`, naming the setting and its choices, where `value` is none of these."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, it must be one of {tuple(choices)}")

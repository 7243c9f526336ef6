"""What a trial makes of runs near their limits, told to it by a zygote that runs nothing."""

from collections.abc import Callable, Sequence
from typing import cast

import pytest

from alphakata.envs.code.judge import Case, Limits, TestSet, Verdict
from alphakata.envs.code.judge.host.process import Zygote
from alphakata.envs.code.judge.host.runs import Child, Run
from alphakata.envs.code.judge.trial import judge

DOUBLES = TestSet((Case("1\n", "2\n"),))
LIMITS = Limits(cpu_seconds=1.0)


class Scripted:
    """A zygote whose runs take as many CPU seconds as it is told, and some as long as they may by the clock."""

    def __init__(self, *cpu_seconds: float, overdue: int = 0) -> None:
        self.left, self.overdue = list(cpu_seconds), overdue

    def load(self, source: bytes) -> None:
        """Takes no notice of the program."""

    def run(self, inputs: Sequence[bytes], limits: Limits, goes_on: Callable[[Run], bool] | None = None) -> Child:
        """Says that the program was right, and how long it took."""
        seconds = self.left.pop(0)
        self.overdue -= 1
        wall_seconds = limits.patience_seconds if self.overdue >= 0 else seconds
        run = Run(0, None, seconds, wall_seconds, self.overdue >= 0, b"2\n", 2)
        return Child((run,), seconds, wall_seconds, 0, 0, True, True, "")


@pytest.mark.parametrize(
    ("cpu_seconds", "verdict", "marginal"),
    [
        ((1.0,), Verdict.AC, False),
        ((1.05, 0.9), Verdict.AC, True),
        ((1.05, 1.05), Verdict.TLE, True),
        ((1.2,), Verdict.TLE, False),
    ],
)
def test_who_is_hardly_over_the_time_limit_is_run_once_more(
    cpu_seconds: tuple[float, ...], verdict: Verdict, marginal: bool
) -> None:
    zygote = Scripted(*cpu_seconds)
    result = judge(cast(Zygote, zygote), "", DOUBLES, LIMITS, "first").result
    assert (result.verdict, result.tests[0].marginal) == (verdict, marginal)
    assert result.cpu_seconds == sum(cpu_seconds)
    assert zygote.left == []


@pytest.mark.parametrize(
    ("cpu_seconds", "overdue", "verdict", "marginal"),
    [
        ((0.9, 0.9), 1, Verdict.AC, True),
        ((0.5, 0.9), 1, Verdict.AC, True),
        ((0.9, 0.9), 2, Verdict.TLE, True),
        ((0.01,), 1, Verdict.ILE, False),
    ],
    ids=["worked", "hardly came to work", "again", "slept"],
)
def test_who_works_and_is_ended_by_the_clock_is_run_once_more(
    cpu_seconds: tuple[float, ...], overdue: int, verdict: Verdict, marginal: bool
) -> None:
    zygote = Scripted(*cpu_seconds, overdue=overdue)
    result = judge(cast(Zygote, zygote), "", DOUBLES, LIMITS, "first").result
    assert (result.verdict, result.tests[0].marginal) == (verdict, marginal)
    assert zygote.left == []


class Grouped:
    """A zygote whose program says of each test of a group that it took no time, whatever it took."""

    def __init__(self, first_seconds: float, other_seconds: float) -> None:
        self.first_seconds, self.other_seconds, self.asked = first_seconds, other_seconds, list[int]()

    def load(self, source: bytes) -> None:
        """Takes no notice of the program."""

    def run(self, inputs: Sequence[bytes], limits: Limits, goes_on: Callable[[Run], bool] | None = None) -> Child:
        """Says that the program was right."""
        self.asked.append(len(inputs))
        taken = [self.first_seconds if given == b"0\n" else self.other_seconds for given in inputs]
        said = taken if len(inputs) == 1 else [taken[0] if goes_on else 0.0, *(0.0 for _ in taken[1:])]
        runs = [Run(0, None, seconds, seconds, False, b"2\n", 2) for seconds in said]
        if goes_on is not None and not goes_on(runs[0]):
            del runs[1:], taken[1:]
        return Child(tuple(runs), sum(taken), sum(taken), 0, 0, True, True, "")


@pytest.mark.parametrize(
    ("first_seconds", "other_seconds", "asked", "verdict"),
    [
        (0.1, 0.1, [5], Verdict.AC),
        (0.2, 0.2, [5, 2, 2], Verdict.AC),
        (0.6, 0.6, [5, 1, 1, 1, 1], Verdict.AC),
        (0.1, 0.5, [5, 1, 1, 1, 1, 1], Verdict.AC),
        (0.1, 1.5, [5, 1, 1], Verdict.TLE),
    ],
    ids=["quick", "in groups", "slow", "slower later", "too slow later"],
)
def test_what_several_tests_took_is_believed_where_one_might_have_taken_it_all(
    first_seconds: float, other_seconds: float, asked: list[int], verdict: Verdict
) -> None:
    zygote = Grouped(first_seconds, other_seconds)
    tests = TestSet(tuple(Case(f"{place}\n", "2\n") for place in range(5)))
    result = judge(cast(Zygote, zygote), "", tests, LIMITS, "first").result
    assert (result.verdict, zygote.asked) == (verdict, asked)

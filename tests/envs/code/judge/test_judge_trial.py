"""What a trial makes of runs near the time limit, told to it by a zygote that runs nothing."""

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
    """A zygote whose runs take as many CPU seconds as it is told."""

    def __init__(self, *cpu_seconds: float) -> None:
        self.left = list(cpu_seconds)

    def load(self, source: bytes) -> None:
        """Takes no notice of the program."""

    def run(self, inputs: Sequence[bytes], limits: Limits, goes_on: Callable[[Run], bool] | None = None) -> Child:
        """Says that the program was right, and how long it took."""
        seconds = self.left.pop(0)
        run = Run(0, None, seconds, seconds, False, b"2\n", 2)
        return Child((run,), seconds, 0, 0, True, True, "")


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

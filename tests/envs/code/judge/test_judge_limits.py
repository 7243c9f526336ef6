"""Limits that no program could be held to are refused where they are written."""

from math import inf, nan

import pytest

from alphakata.envs.code.judge import Limits


@pytest.mark.parametrize("seconds", [nan, inf])
def test_a_limit_that_no_kernel_knows_is_refused_by_name(seconds: float) -> None:
    with pytest.raises(ValueError, match=f"cpu_seconds is {seconds}, it must be at most"):
        Limits(cpu_seconds=seconds)


def test_a_number_of_bytes_with_a_fraction_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"memory_bytes is 250000000\.0, it must be an int"):
        Limits(memory_bytes=2.5e8)  # type: ignore[arg-type]

"""Over many programs a judge gathers nothing."""

import pytest

from alphakata.envs.code.judge import Pool
from alphakata.envs.code.judge.corpus import soak


@pytest.mark.parametrize(
    ("num_programs", "num_first"), [(2000, 512), pytest.param(100_000, 70_000, marks=[pytest.mark.slow])]
)
def test_thousands_of_programs_leave_nothing_behind(num_programs: int, num_first: int) -> None:
    with Pool(isolation="full", on_error="ie") as pool:
        soaked = soak(pool, num_programs, num_first)
    assert soaked.findings == ()
    assert soaked.descriptors == 0
    assert soaked.resident_bytes < 24 << 20

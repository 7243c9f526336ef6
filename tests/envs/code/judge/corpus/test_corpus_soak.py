"""Over many programs a judge gathers nothing; `benchmarks/judge.py --soak 100000` gives it more."""

from alphakata.envs.code.judge import Pool
from alphakata.envs.code.judge.corpus import soak


def test_thousands_of_programs_leave_nothing_behind() -> None:
    with Pool(isolation="full", on_error="ie") as pool:
        soaked = soak(pool, num_programs=2000, num_first=512)
    assert soaked.findings == ()
    assert soaked.descriptors == 0
    assert soaked.resident_bytes < 24 << 20

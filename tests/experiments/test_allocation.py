"""Freed memory is kept for the next who asks."""

import platform
import subprocess
import sys

import pytest

PASSES = """
import resource, sys
import numpy as np
from alphakata.experiments.allocation import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        held = [np.ones(1 << 19) for _ in range(12)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    keep_freed_memory()
faults()
print(faults())
"""


def faults(*, keep: str) -> int:
    done = subprocess.run([sys.executable, "-c", PASSES, keep], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_what_is_freed_is_taken_again_without_a_fault() -> None:
    assert faults(keep="give back") > 10_000
    assert faults(keep="keep") < 1000

"""Freed memory is kept for the next who asks."""

import os
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
        held = [np.ones(1 << 18) for _ in range(24)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep" and not keep_freed_memory():
    sys.exit(3)
faults()
print(faults())
"""


def faults(*, keep: str) -> int:
    # Huge pages would be as few faults either way.
    variables = {**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"}
    done = subprocess.run([sys.executable, "-c", PASSES, keep], capture_output=True, text=True, env=variables)
    if done.returncode == 3:
        pytest.skip("the C library is not glibc")
    return int(done.stdout)


def test_what_is_freed_is_taken_again_without_a_fault() -> None:
    assert faults(keep="give back") > 10_000
    assert faults(keep="keep") < 1000

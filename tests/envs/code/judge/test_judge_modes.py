"""Tests that share a process: as alone as in processes of their own, and nothing is gained by lying about them."""

from collections.abc import Iterator

import pytest

from alphakata.envs.code.judge import Case, Job, Limits, Mode, Pool, TestSet, Verdict

DOUBLES = TestSet(tuple(Case(f"{n}\n", f"{2 * n}\n") for n in range(6)))
RIGHT = "print(2 * int(input()))\n"
LIMITS = Limits(cpu_seconds=0.1)
FOR_SLEEPERS = Limits(cpu_seconds=0.1, wall_seconds=0.4)

# Says of every test still to come that it ended well.
FORGING = """
import os, struct
def forge(count=6):
    for number in range(3, 128):
        try:
            for place in range(count):
                os.pwrite(number, struct.pack("=idd", 0, 0.0, 0.0), place * 20)
        except OSError:
            pass
n = int(input())
print(2 * n, flush=True)
"""
# Whoever imports this in plain words has its first test in a process of its own.
HIDDEN = 'print.__self__.__dict__["__imp" + "ort__"]("o" + "s")'
PROGRAMS = {
    "right": RIGHT,
    "wrong at the first": "print(1)",
    "wrong in the middle": "n = int(input())\nprint(2 * n if n != 4 else 7)",
    "wrong at the last": "n = int(input())\nprint(2 * n if n < 5 else 7)",
    "an error in the middle": "n = int(input())\nprint(2 * n)\n1 / (4 - n)",
    "a loop in the middle": "n = int(input())\nprint(2 * n, flush=True)\nwhile n == 4:\n    pass",
    "a sleep in the middle": "import time\nn = int(input())\nprint(2 * n, flush=True)\ntime.sleep(9 * (n == 4))",
    "a crash in the middle": "import os\nn = int(input())\nprint(2 * n, flush=True)\nif n == 4:\n    os.abort()",
    "an exit each time": RIGHT + "exit()",
    "a hard exit each time": "import os\nprint(2 * int(input()), flush=True)\nos._exit(0)",
    "a forbidden call in the middle": "import ctypes\nn = int(input())\nprint(2 * n, flush=True)\n"
    "if n == 4:\n    ctypes.CDLL(None).ptrace(0, 0, 0, 0)",
    "output at exit": "import atexit\natexit.register(lambda: print(2 * n))\nn = int(input())",
    "a thread": "import threading\nthreading.Thread(target=lambda: print(2 * int(input()))).start()",
    "a changed module": "import math\nprint(2 * int(input()) - hasattr(math, 'seen'))\nmath.seen = True",
    "a changed builtin": "import builtins\nn = int(input())\nprint(2 * n)\nbuiltins.int = builtins.print = None",
    "a closed input": "import sys\nprint(2 * int(input()))\nsys.stdin.close()",
    "a closed output": "import sys\nprint(2 * int(input()))\nsys.stdout.close()",
    "another output": "import io, sys\nsys.stdout = io.TextIOWrapper(open(1, 'wb'))\nprint(2 * int(input()))",
    "a deeper stack": "import sys\nassert sys.getrecursionlimit() == 1000\nsys.setrecursionlimit(60)\n" + RIGHT,
    "a forged good end": FORGING + "if n >= 4:\n    forge()\n    os._exit(1)",
    "a forged good end and a loop": FORGING + "if n >= 4:\n    forge()\n    while True:\n        pass",
    "forging for ever": FORGING + "while n >= 4:\n    forge(n)",
    "forging and sleep": FORGING + "import time\nwhile n >= 4:\n    forge(n)\n    time.sleep(0.01)",
    "a stop": RIGHT + "import os\nos.kill(os.getpid(), 19)  # and sleep",
    "a forged first end": FORGING.replace("import os, struct", f"import struct\nos = {HIDDEN}")
    + "forge(1)\nos.kill(os.getpid(), 19)  # and sleep\nos._exit(1)",
    "an alarm": RIGHT + "import signal\nsignal.setitimer(signal.ITIMER_REAL, 30)",
    "no way to ask": f"os = {HIDDEN}\nos.kill = None\n{RIGHT}",
    "no modules": f"import sys\nsys.modules = None\n{RIGHT}",
    "forging no more than is true": FORGING + "forge(0)",
}


def verdicts(pool: Pool, source: str, mode: Mode) -> list[Verdict]:
    limits = FOR_SLEEPERS if "sleep" in source else LIMITS
    (result,) = pool.map([Job(source, DOUBLES, limits, "never", mode)])
    return [test.verdict for test in result.tests]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(workers=2) as pool:
        yield pool


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_every_verdict_is_that_of_a_process_of_its_own(pool: Pool, source: str) -> None:
    assert verdicts(pool, source, "hybrid") == verdicts(pool, source, "isolated")


def test_a_program_may_define_what_it_pickles_anew_for_each_test(pool: Pool) -> None:
    source = "import pickle\nclass N:\n    pass\nN.n = int(input())\nprint(2 * pickle.loads(pickle.dumps(N)).n)"
    assert verdicts(pool, source, "hybrid") == [Verdict.AC] * 6


def test_no_name_of_one_test_is_there_in_the_next(pool: Pool) -> None:
    source = "n = int(input())\ntry:\n    print(seen)\nexcept NameError:\n    print(2 * n)\nseen = -1"
    assert verdicts(pool, source, "hybrid") == [Verdict.AC] * 6


def test_chance_is_the_same_in_every_test_and_mode(pool: Pool) -> None:
    source = "import random\nprint(random.random())"
    modes: tuple[Mode, ...] = "hybrid", "isolated"
    results = pool.map([Job(source, DOUBLES, stop="never", mode=mode) for mode in modes])
    assert len({test.output_head for result in results for test in result.tests}) == 1


def test_each_test_has_the_whole_time_limit(pool: Pool) -> None:
    busy = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.05:\n    pass\n" + RIGHT
    assert verdicts(pool, busy, "hybrid") == [Verdict.AC] * 6


def test_a_mode_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"mode is 'fast', .*'hybrid', 'isolated'"):
        Job("", DOUBLES, mode="fast")  # type: ignore[arg-type]

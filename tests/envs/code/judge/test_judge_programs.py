"""What the judge says of good, bad and hostile programs, and what these leave behind."""

import os
import re
import select
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alphakata.envs.code.judge import Case, Limits, Pool, TestSet, Verdict

SUMS = TestSet((Case("2\n3 4\n", "7\n"), Case("1\n5\n", "5\n")))
LIMITS = Limits(cpu_seconds=0.5, memory_bytes=128 << 20, output_bytes=100_000)
FOR_WORKERS = replace(LIMITS, cpu_seconds=0.2)
FOR_SLEEPERS = replace(LIMITS, wall_seconds=0.5)

HONEST = "n = int(input())\nprint(sum(map(int, input().split())))\n"
PROGRAMS = [
    pytest.param(Verdict(verdict), source, id=f"{verdict} {name}")
    for verdict, name, source in re.findall(
        r"^#### (\w+) (.+)\n((?s:.*?))(?=^####|\Z)", Path(__file__).with_name("programs.txt").read_text(), re.MULTILINE
    )
]
# Of bytes that no text file should hold.
SPELLINGS = [
    pytest.param(Verdict.AC, "\ufeff" + HONEST, id="AC a byte order mark"),
    pytest.param(Verdict.AC, HONEST.replace("\n", "\r\n"), id="AC carriage returns"),
    pytest.param(Verdict.AC, HONEST.strip(), id="AC no newline at the end of the source"),
    pytest.param(Verdict.AC, "\f\n# coding: latin-1\n" + HONEST, id="AC a coding cookie"),
    pytest.param(Verdict.CE, HONEST + "\0", id="CE a null byte"),
    pytest.param(Verdict.CE, HONEST + "'\ud800'", id="CE a lone surrogate"),
    pytest.param(Verdict.CE, "(" * 300 + ")" * 300, id="CE too many parentheses"),
    pytest.param(Verdict.CE, "-" * 100_000 + "1", id="CE too many signs"),
    pytest.param(Verdict.CE, HONEST + "#" * LIMITS.source_bytes, id="CE too long"),
]

SECRET = "S3CRET-5d2f80c1"
GUARDED = TestSet((*SUMS.cases, Case("3\n1 2 3\n", SECRET)))
# Right in the first two tests; for the third, each looks somewhere else for an output that no input implies.
SPIES = {
    "memory": """
import os, re
for process in "self", os.getppid():
    for line in open(f"/proc/{process}/maps"):
        low, high = (int(x, 16) for x in line.split()[0].split("-"))
        try:
            with open(f"/proc/{process}/mem", "rb") as memory:
                memory.seek(low)
                print(*re.findall(rb"S3CRET-[0-9a-f]{8}", memory.read(high - low)))
        except (OSError, OverflowError, ValueError):
            pass
""",
    "open files": """
import os
for number in range(30):
    try:
        print(os.pread(number, 10**5, 0))
    except OSError:
        pass
""",
    "frames and objects": """
import gc, sys
frame = sys._getframe()
while frame:
    print(frame.f_locals)
    frame = frame.f_back
print([thing for thing in gc.get_objects() if isinstance(thing, (tuple, list, dict)) and "S3CRET-" + "5" in str(thing)])
""",
    "the environment": """
import os, sys
print(os.environ, sys.orig_argv, os.listdir(), os.listdir(".."))
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the throw-away folders go, and nothing else."""
    usual, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("judge"))
    yield Path(tempfile.tempdir)
    tempfile.tempdir = usual


@pytest.fixture(scope="module")
def pool(folder: Path) -> Iterator[Pool]:
    with Pool(workers=2) as pool:
        yield pool


@pytest.fixture(autouse=True)
def nothing_is_left(pool: Pool, folder: Path) -> Iterator[None]:
    """Whatever a program was, no folder and no process outlives it, and the next program is judged as ever."""
    yield
    assert list(folder.iterdir()) == []
    for process in processes_in(folder):
        # Killed is not yet gone.
        assert select.select([process], [], [], 5)[0], "a process outlives its program"
        os.close(process)
    assert pool.run(f"{HONEST}# {os.urandom(8).hex()}", SUMS, LIMITS).verdict is Verdict.AC


def processes_in(folder: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd").startswith(str(folder)):
                yield os.pidfd_open(int(process.name))
        except OSError:  # It has ended, or is none of ours.
            continue


@pytest.mark.parametrize(("verdict", "source"), PROGRAMS + SPELLINGS)
def test_a_program_gets_the_verdict_it_deserves(pool: Pool, verdict: Verdict, source: str) -> None:
    sleeps = verdict is Verdict.ILE or "sleep(60)" in source
    limits = FOR_SLEEPERS if sleeps else FOR_WORKERS if verdict is Verdict.TLE else LIMITS
    result = pool.run(source, SUMS, limits)
    assert result.verdict is verdict, result
    assert (result.passed == 2) == (verdict is Verdict.AC)
    assert all(test.verdict in (Verdict.AC, verdict, Verdict.SKIPPED) for test in result.tests), result


@pytest.mark.parametrize("spy", SPIES.values(), ids=SPIES)
def test_an_expected_output_is_nowhere_to_be_found(pool: Pool, spy: str) -> None:
    source = f"n, line = int(input()), input()\nif n < 3:\n    print(sum(map(int, line.split())))\n    exit()\n{spy}"
    limits = Limits(cpu_seconds=5, memory_bytes=512 << 20)
    result = pool.run(source, GUARDED, limits)
    *others, last = [test.verdict for test in result.tests]
    assert others == [Verdict.AC, Verdict.AC], result
    assert last in (Verdict.WA, Verdict.RE), result
    assert SECRET not in result.tests[2].output_head


def test_a_test_does_not_see_what_the_one_before_it_changed(pool: Pool) -> None:
    source = "import string\nassert not hasattr(string, 'seen')\nstring.seen = True\n"
    assert pool.run(source + HONEST, SUMS, LIMITS).passed == 2


def test_chance_and_the_order_of_sets_are_the_same_in_every_run(pool: Pool) -> None:
    source = "import random\nprint(random.random(), {*'abcdef'}, hash('a'))\n"
    first, second = (pool.run(f"{source}# {i}", SUMS, LIMITS).tests[0].output_head for i in range(2))
    assert first == second != ""


def test_an_error_is_shown_as_the_programs_own(pool: Pool) -> None:
    result = pool.run("def f():\n    1 / 0\nf()", SUMS, LIMITS)
    assert result.stderr_head == (
        "Traceback (most recent call last):\n"
        '  File "main.py", line 3, in <module>\n'
        '  File "main.py", line 2, in f\n'
        "ZeroDivisionError: division by zero\n"
    )
    assert pool.run("def", SUMS, LIMITS).stderr_head == "SyntaxError: invalid syntax (main.py, line 1)"


def test_standard_error_is_cut_at_its_limit(pool: Pool) -> None:
    result = pool.run("import sys\nsys.exit('x' * 1000)", SUMS, Limits(stderr_bytes=10))
    assert (result.verdict, result.stderr_head) == (Verdict.RE, "x" * 10)

"""The judge against the corpus: every program gets the verdict it deserves, and nothing gets out."""

import os
import socket
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from alphakata.envs.code.judge import Mode, Pool, Verdict
from alphakata.envs.code.judge.corpus import PAIRS, PROGRAMS, SAMPLE, check_judge, mutants
from alphakata.envs.code.judge.corpus.lures import Lures
from alphakata.envs.code.judge.corpus.program import HONEST, LIMITS, SUMS
from alphakata.envs.code.judge.corpus.strays import adopting, descendants, strays

LONGER = """
total, _ = 0, input()
for x in input().split():
    if int(x) > -1:
        total += int(x)
print(total)
"""


@pytest.mark.parametrize("mode", ["isolated", pytest.param("hybrid", marks=pytest.mark.slow)])
def test_the_full_sandbox_holds(mode: Mode) -> None:
    with Pool(workers=4, isolation="full", on_error="ie") as pool:
        assert check_judge(pool, mode=mode) == []


def test_the_corpus_is_large_and_no_name_stands_twice() -> None:
    assert len(PROGRAMS) >= 130
    assert len(PAIRS) >= 8
    assert max(Counter(program.name for program in PROGRAMS).values()) == 1
    assert len(SAMPLE) == 24


def test_what_is_touched_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Lures() as lures:
        assert lures.touched() == []
        Path("alphakata-pwned-test").touch()
        Path(lures.fill("@VICTIM@")).unlink()
        assert lures.touched() == ["a file deleted or changed", f"the file {tmp_path}/alphakata-pwned-test"]
        assert lures.touched() == []


def test_a_knock_is_heard() -> None:
    with Lures() as lures:
        socket.create_connection(("127.0.0.1", int(lures.fill("@PORT@")))).close()
        assert lures.touched() == ["a connection to the listener on a TCP"]


def test_an_orphan_is_found_among_descendants() -> None:
    with adopting():
        usual = len(descendants())
        subprocess.run(["sh", "-c", "sleep 60 &"], check=True)
        assert strays(usual, patience_seconds=0) == 1
        (orphan,) = [child for child in descendants() if b"sleep\0" in Path(f"/proc/{child}/cmdline").read_bytes()]
        os.kill(orphan, 9)
        os.waitpid(orphan, 0)
        assert strays(usual) == 0


def test_a_mutant_differs_from_its_source_and_from_all_others() -> None:
    found = mutants(HONEST, 30, np.random.default_rng(0))
    assert found == mutants(HONEST, 30, np.random.default_rng(0))
    assert len({*found, HONEST}) == len(found) + 1 > 20


def test_some_mutants_are_right_and_most_are_wrong() -> None:
    with Pool() as pool:
        found = [pool.run(mutant, SUMS, LIMITS).verdict for mutant in mutants(LONGER, 60, np.random.default_rng(1))]
    assert {"AC", "WA", "RE"} <= {*found}
    assert found.count(Verdict.AC) < len(found) / 2

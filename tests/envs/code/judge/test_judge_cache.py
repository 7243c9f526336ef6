"""Results kept across runs: under everything that can change them, whole, and by several processes at once."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from alphakata.envs.code.judge import (
    Case,
    CheckerProgram,
    Exact,
    Job,
    Json,
    Limits,
    Pool,
    Result,
    ResultCache,
    Special,
    Stats,
    TestResult,
    TestSet,
    Verdict,
)
from alphakata.envs.code.judge.cache import key_of

TESTS = TestSet((Case("1", "2"),))
JOB = Job("print(2)", TESTS)
RESULT = Result(
    Verdict.WA, 1, 2, (TestResult(Verdict.AC, 0.25, 0.5, 0, None, "d", "é\udc80"), TestResult(Verdict.WA)), "no", 0.25
)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ResultCache]:
    with ResultCache(tmp_path / "results.sqlite") as cache:
        yield cache


def test_a_result_is_found_again_by_another_cache_of_the_same_file(cache: ResultCache) -> None:
    assert cache.get("a") is None
    cache.put("a", RESULT)
    with ResultCache(cache.path) as other:
        assert other.get("a") == RESULT
    assert (cache.hits, cache.misses, len(cache)) == (0, 1, 1)


def test_while_another_holds_the_file_programs_are_judged_without_it(
    cache: ResultCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("alphakata.envs.code.judge.cache._PATIENCE_SECONDS", 0.1)
    assert cache.get("a") is None
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as holder, Pool(workers=1, cache=cache) as pool:
        holder.execute("BEGIN EXCLUSIVE")
        assert pool.run("print(2)", TESTS).verdict is Verdict.AC
        holder.execute("ROLLBACK")
    assert "is not used for this program: database is locked" in caplog.text
    assert len(cache) == 0


@pytest.mark.parametrize(
    "result",
    [
        replace(RESULT, verdict=Verdict.IE, passed=None),
        replace(RESULT, attempts=2),
        replace(RESULT, tests=(TestResult(Verdict.TLE, marginal=True), TestResult(Verdict.SKIPPED))),
    ],
)
def test_what_another_run_might_not_say_is_not_kept(cache: ResultCache, result: Result) -> None:
    cache.put("a", result)
    assert cache.get("a") is None


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, source="print(3)"),
        replace(JOB, stop="never"),
        replace(JOB, mode="isolated"),
        replace(JOB, limits=Limits(cpu_seconds=1.0)),
        replace(JOB, tests=TestSet((Case("1", "3"),))),
        replace(JOB, tests=TestSet((Case("2", "2"),))),
        replace(JOB, tests=TestSet(TESTS.cases, Exact())),
        replace(JOB, tests=TestSet(TESTS.cases, Json())),
        replace(JOB, tests=TestSet(TESTS.cases, CheckerProgram("exit(1)"))),
    ],
)
def test_whatever_can_change_a_result_changes_its_key(other: Job) -> None:
    assert key_of(other, "full") != key_of(JOB, "full")


def test_a_key_is_of_the_job_the_isolation_and_the_interpreter() -> None:
    assert key_of(JOB, "full") == key_of(Job(JOB.source, TestSet((Case("1", "2"),))), "full")
    assert len({key_of(JOB, "full"), key_of(JOB, "none"), key_of(JOB, "full", "/usr/bin/python3")}) == 3


def yes(given: str, expected: str, found: str) -> bool:
    return True


def test_a_checker_that_is_a_function_is_not_kept(cache: ResultCache) -> None:
    key = key_of(replace(JOB, tests=TestSet(TESTS.cases, Special(yes))), "full")
    assert key is None
    cache.put(key, RESULT)
    assert (cache.get(key), len(cache)) == (None, 0)


def write(path: Path, number: int) -> list[bool]:
    """Writes and reads a hundred results as one process of several."""
    with ResultCache(path) as cache:
        for key in range(100):
            cache.put(str(key), replace(RESULT, stderr_head="x" * 5000))
        return [found is not None and len(found.stderr_head) == 5000 for found in map(cache.get, map(str, range(100)))]


def test_several_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as processes:
        found = list(processes.map(write, [path] * 3, range(3)))
    assert found == [[True] * 100] * 3
    with ResultCache(path) as cache:
        assert len(cache) == 100


def test_a_cache_is_sent_to_another_process_by_its_path(cache: ResultCache) -> None:
    cache.put("a", RESULT)
    with pickle.loads(pickle.dumps(cache)) as copy:
        assert copy.get("a") == RESULT


def unusable(path: Path) -> None:
    path.write_text("no database" * 100)


def anothers(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE results (number INTEGER)")
    connection.close()


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("spoil", [unusable, anothers, a_folder])
def test_a_file_that_is_no_cache_is_named(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "results.sqlite"
    spoil(path)
    with (
        ResultCache(path) as cache,
        pytest.raises(ValueError, match=r"results\.sqlite cannot hold results .*delete it"),
    ):
        cache.put("a", RESULT)


def test_a_pool_runs_nothing_that_its_cache_holds_and_bills_it_all_the_same(tmp_path: Path) -> None:
    def judged() -> tuple[Result, Stats, float]:
        with ResultCache(tmp_path / "results.db") as cache, Pool(1, cache=cache) as pool:
            return pool.run(JOB.source, JOB.tests), pool.stats(), pool.meter()[1]

    (first, ran, billed), (second, found, billed_again) = judged(), judged()
    assert (first, billed) == (second, billed_again)
    assert (ran.verdicts, found.verdicts) == ({Verdict.AC: 1}, {})
    assert (ran.cached, found.cached) == (0, 1)

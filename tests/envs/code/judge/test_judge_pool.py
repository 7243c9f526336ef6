"""Many programs at a time: order, counting, remembering, and what happens when the judge itself fails."""

import asyncio
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from alphakata.envs.code.judge import (
    Case,
    CheckerFailed,
    CodeContests,
    Job,
    JudgeUnavailable,
    Limits,
    Pool,
    Special,
    TestSet,
    Verdict,
)

DOUBLES = TestSet(tuple(Case(f"{n}\n", f"{2 * n}\n") for n in (1, 2, 3)))
RIGHT = "print(2 * int(input()))"


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(workers=2) as pool:
        yield pool


def test_a_program_has_the_verdict_of_its_first_failing_test(pool: Pool) -> None:
    source = "n = int(input())\nprint(2 if n == 1 else 1 / (3 - n))"
    result = pool.run(source, DOUBLES, stop="never")
    assert [test.verdict for test in result.tests] == [Verdict.AC, Verdict.WA, Verdict.RE]
    assert (result.verdict, result.passed, result.total) == (Verdict.WA, 1, 3)
    assert (result.isolation, result.attempts) == ("full", 1)


def test_what_follows_the_first_failing_test_is_skipped(pool: Pool) -> None:
    result = pool.run("print(2)", DOUBLES, stop="first")
    assert [test.verdict for test in result.tests] == [Verdict.AC, Verdict.WA, Verdict.SKIPPED]


def test_a_test_tells_how_the_program_ended_and_what_it_wrote(pool: Pool) -> None:
    fine, failed, killed = (
        pool.run(source, DOUBLES).tests[0]
        for source in (RIGHT, "print('é' * 500)\nexit(3)", "import signal\nsignal.raise_signal(9)")
    )
    assert (fine.exit_code, fine.signal, fine.output_head) == (0, None, "2\n")
    assert (failed.exit_code, failed.signal, failed.output_head) == (3, None, "é" * 128)
    assert (killed.exit_code, killed.signal, killed.output_head) == (None, 9, "")
    assert 0 < fine.cpu_seconds < 1
    assert 0 < fine.wall_seconds < 10


def test_outputs_of_equal_tokens_have_equal_digests(pool: Pool) -> None:
    digests = [pool.run(f"print({text!r})", DOUBLES).tests[0].output_digest for text in ("1 2", "1\n2 ", "12")]
    assert digests[0] == digests[1] != digests[2]


def test_no_tests_are_all_passed_by_what_compiles(pool: Pool) -> None:
    assert pool.run(RIGHT, TestSet(())).verdict is Verdict.AC
    assert pool.run("def", TestSet(())).verdict is Verdict.CE


def test_results_come_in_the_order_of_their_jobs_or_with_their_places(pool: Pool) -> None:
    sources = [RIGHT, "print()", "def", "1 / 0", RIGHT + "  # again", "print()"]
    jobs = [Job(source, DOUBLES) for source in sources]
    verdicts = [Verdict.AC, Verdict.WA, Verdict.CE, Verdict.RE, Verdict.AC, Verdict.WA]
    assert [result.verdict for result in pool.map(jobs)] == verdicts
    found = dict(pool.imap_unordered(jobs))
    assert [found[place].verdict for place in range(len(jobs))] == verdicts


def test_a_program_asked_about_again_is_counted_again_but_not_run(pool: Pool) -> None:
    first = pool.run(RIGHT, DOUBLES)
    asked, seconds = pool.meter()
    assert (asked, seconds) == (1, first.cpu_seconds)
    assert pool.run(RIGHT, TestSet(DOUBLES.cases)) is first
    assert pool.run(RIGHT, DOUBLES, stop="never") is not first
    assert pool.run(RIGHT, DOUBLES, Limits(cpu_seconds=1)) is not first


def test_a_program_is_billed_the_same_each_time_however_often_it_is_run(pool: Pool) -> None:
    first, *_ = pool.map([Job(RIGHT, DOUBLES)] * 3)
    assert pool.meter() == (3, first.cpu_seconds * 3)
    pool.run(RIGHT, DOUBLES)
    assert pool.meter() == (4, first.cpu_seconds * 3 + first.cpu_seconds)
    assert pool.stats().cpu_seconds == first.cpu_seconds


def test_the_statistics_count_verdicts_and_seconds(pool: Pool) -> None:
    assert pool.stats().run.p99 == 0
    pool.map([Job(source, DOUBLES) for source in (RIGHT, RIGHT, "def", "print()", "1 / 0", "1 // 0")])
    stats = pool.stats()
    assert (stats.programs, stats.remembered, stats.retries) == (6, 1, 0)
    assert stats.verdicts == {Verdict.AC: 1, Verdict.CE: 1, Verdict.WA: 1, Verdict.RE: 2}
    assert 0 < stats.cpu_seconds < pool.meter()[1], "one was billed twice and run once"
    assert 0 < stats.run.p50 <= stats.run.p99
    assert stats.page_faults_per_program > 10, "a fork that touches no memory is none"


def test_the_statistics_are_a_line_of_json(pool: Pool) -> None:
    pool.run(RIGHT, DOUBLES)
    told = json.loads(json.dumps(asdict(pool.stats())))
    assert (told["programs"], told["verdicts"], told["isolation"]) == (1, {"AC": 1}, "full")


def test_programs_that_wait_are_counted() -> None:
    begun, go = Event(), Event()

    def wait(given: str, expected: str, found: str) -> bool:
        begun.set()
        return go.wait(60)

    def jobs() -> Iterator[Job]:
        yield Job(RIGHT, TestSet(DOUBLES.cases[:1], Special(wait)))
        assert begun.wait(60)
        yield from (Job(f"{RIGHT}# {number}", DOUBLES) for number in range(2))
        waiting.append(pool.stats().waiting)
        go.set()

    waiting: list[int] = []
    with Pool(workers=1) as pool:
        assert [result.verdict for result in pool.map(jobs())] == [Verdict.AC] * 3
        assert [*waiting, pool.stats().waiting] == [2, 0]


def test_whoever_waits_in_an_event_loop_lets_others_work_and_may_give_up(pool: Pool) -> None:
    async def ask() -> list[Verdict]:
        impatient = asyncio.create_task(pool.arun(Job(RIGHT, DOUBLES)))
        results = asyncio.gather(*(pool.arun(Job(source, DOUBLES)) for source in (RIGHT, "def", "print()")))
        await asyncio.sleep(0)
        impatient.cancel()
        return [result.verdict for result in await results]

    assert asyncio.run(ask()) == [Verdict.AC, Verdict.CE, Verdict.WA]


def test_the_most_memory_that_a_program_held_is_told(pool: Pool) -> None:
    small, large = (pool.run(f"x = b'x' * ({size} << 20)\n{RIGHT}", DOUBLES).peak_bytes for size in (1, 65))
    assert 4 << 20 < small < large - (60 << 20) < 40 << 20


def test_a_judge_that_cannot_start_says_so_and_names_its_python() -> None:
    with (
        Pool(python="/nowhere/python") as pool,
        pytest.raises(JudgeUnavailable, match=r"^/nowhere/python .*pass python="),
    ):
        pool.run(RIGHT, DOUBLES)


@pytest.mark.parametrize("script", ["#!/bin/sh\necho broken >&2\nexit 1\n", "#!/bin/sh\nkill -9 $$\n"])
def test_a_judge_that_breaks_down_gives_no_verdict(tmp_path: Path, script: str) -> None:
    python = tmp_path / "python"
    python.write_text(script)
    python.chmod(stat.S_IRWXU)
    with Pool(python=str(python), on_error="ie") as pool:
        result = pool.run(RIGHT, DOUBLES)
        assert (result.verdict, result.passed, result.total, result.attempts) == (Verdict.IE, None, 3, 3)
        assert (pool.stats().retries, pool.stats().verdicts) == (2, {Verdict.IE: 1})
        assert pool.run(RIGHT, DOUBLES) is not result, "a failure of the judge is not remembered"


def test_a_judge_that_recovers_says_how_often_it_tried(tmp_path: Path) -> None:
    python = tmp_path / "python"
    once = tmp_path / "once"
    with Pool(workers=1) as usual:
        real = usual.python
    python.write_text(f'#!/bin/sh\n[ -e {once} ] || {{ : > {once}; exit 1; }}\nexec {real} "$@"\n')
    python.chmod(stat.S_IRWXU)
    with Pool(python=str(python)) as pool:
        result = pool.run(RIGHT, DOUBLES)
    assert (result.verdict, result.attempts, pool.stats().retries) == (Verdict.AC, 2, 1)


def explode(given: str, expected: str, found: str) -> bool:
    raise ZeroDivisionError


def test_a_checker_that_fails_is_its_authors_to_mend(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        pool.run(RIGHT, TestSet(DOUBLES.cases, Special(explode)))


def look_for_a_file(given: str, expected: str, found: str) -> bool:
    return Path(BESIDE[0]).read_text() == found


BESIDE = ["/nowhere"]


def test_a_checker_that_finds_no_file_has_failed_and_once_it_does_is_asked_again(pool: Pool, tmp_path: Path) -> None:
    tests = TestSet(DOUBLES.cases[:1], Special(look_for_a_file))
    with pytest.raises(CheckerFailed, match=r"look_for_a_file.*FileNotFoundError"):
        pool.run(RIGHT, tests)
    BESIDE[0] = str(tmp_path / "answer")
    Path(BESIDE[0]).write_text("2\n")
    assert pool.run(RIGHT, tests).verdict is Verdict.AC


def test_a_source_may_be_longer_than_what_it_may_write(pool: Pool) -> None:
    limits = Limits(output_bytes=100)
    assert pool.run(RIGHT + "#" * 5000, DOUBLES, limits).verdict is Verdict.AC
    assert pool.run("print(1000 * '2')" + "#" * 5000, DOUBLES, limits).verdict is Verdict.OLE


def test_the_tool_of_codecontests_looks_at_the_output_alone(pool: Pool) -> None:
    crashes = RIGHT + "\nraise SystemExit(1)"
    for lenient, verdict in (False, Verdict.RE), (True, Verdict.AC):
        assert pool.run(crashes, TestSet(DOUBLES.cases, CodeContests(lenient))).verdict is verdict
    assert pool.run("1 / 0", TestSet(DOUBLES.cases, CodeContests(lenient=True))).verdict is Verdict.RE


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Limits(memory_bytes=10**30), "memory_bytes is 1000000000000000000000000000000, it must be at most"),
        (lambda: Limits(cpu_seconds=0), "cpu_seconds is 0"),
        (lambda: Limits(wall_seconds=-1), "wall_seconds is -1"),
        (lambda: Pool(workers=0), "workers is 0, it must be an int of 1 or more"),
        (lambda: Job("", DOUBLES, stop="soon"), "stop is 'soon', .*'first', 'never'"),  # type: ignore[arg-type]
        (lambda: Pool(on_error="ignore"), "on_error is 'ignore', .*'raise', 'ie'"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_setting_is_refused_by_name(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_the_wall_limit_follows_the_time_limit() -> None:
    assert Limits(cpu_seconds=2).patience_seconds == 7
    assert Limits(cpu_seconds=2, wall_seconds=3).patience_seconds == 3


def wrong(thing: object) -> Any:
    return thing


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Case(wrong(1), "2"), "input is 1, a int; it must be a str"),
        (lambda: Case("1", wrong(None)), "output is None"),
        (lambda: TestSet(wrong([Case("1", "2")])), "it must be a tuple of Case"),
        (lambda: TestSet(wrong(Case("1", "2"))), "it must be a tuple of Case"),
        (lambda: TestSet((Case("1", "2"),), wrong("tokens")), "checker is 'tokens'"),
        (lambda: Job(wrong(b"print()"), DOUBLES), "source is a bytes, it must be a str"),
        (lambda: Limits(wrong(None)), "cpu_seconds is None, it must be a number"),
        (lambda: Limits(wall_seconds=wrong("x")), "wall_seconds is 'x', it must be a number"),
        (lambda: Limits(memory_bytes=wrong(True)), "memory_bytes is True, it must be a number"),
        (lambda: Pool(cache=wrong("x.db")), "cache is 'x.db', it must be a ResultCache"),
        (lambda: Job("", wrong([("1", "2")])), "tests is a list, it must be a TestSet"),
        (lambda: Job("", DOUBLES, limits=wrong(2.0)), "limits is a float, it must be a Limits"),
    ],
)
def test_a_thing_of_a_wrong_kind_is_refused_by_name(build: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        build()


def test_a_pool_that_is_closed_or_another_process_s_says_so() -> None:
    with Pool(workers=1) as pool:
        assert pool.run(RIGHT, DOUBLES).verdict is Verdict.AC
        pool._owner = 1
        with pytest.raises(JudgeUnavailable, match="another process's"):
            pool.run(RIGHT, DOUBLES)
    with pytest.raises(JudgeUnavailable, match="this pool is closed; make a new one"):
        pool.run(RIGHT, DOUBLES)


INTERRUPTED = """
import os, signal, sys, threading
from alphakata.envs.code.judge import Case, Job, JudgeUnavailable, Limits, Pool, TestSet
from alphakata.envs.code.judge.corpus.strays import descendants
signal.signal(signal.SIGINT, signal.default_int_handler)
tests, pool = TestSet((Case("", ""),)), Pool(workers=1)
pool.run("", tests)
usual = len(descendants())
loops = [Job(f"while {n}: pass", tests, Limits(cpu_seconds=1000)) for n in (1, 2)]

def interrupt():
    while len(descendants()) == usual:
        pass
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
try:
    ASKED
except KeyboardInterrupt:
    pool.close()
    print("interrupted", len(descendants()))
try:
    pool.run("print()", tests)
except JudgeUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize(
    "asked",
    ["pool.run(loops[0].source, tests, loops[0].limits)", "pool.map(loops)", "[*pool.imap_unordered(loops)]"],
)
def test_an_interrupt_kills_what_runs_and_what_waits(asked: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED.replace("ASKED", asked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[:1] == ["interrupted 0"], done.stderr
    assert "was interrupted" in done.stdout


def test_leaving_the_block_by_an_exception_kills_what_runs() -> None:
    limits = Limits(cpu_seconds=1000)
    with suppress(KeyboardInterrupt), Pool(workers=1) as pool:
        pool.run(RIGHT, DOUBLES)
        futures = [pool._ask(Job(f"while {n}: pass", DOUBLES, limits)) for n in (1, 2)]
        while not futures[0].running():
            pass
        raise KeyboardInterrupt
    assert futures[1].cancelled()
    with pytest.raises(JudgeUnavailable, match="left by an exception"):
        futures[0].result()

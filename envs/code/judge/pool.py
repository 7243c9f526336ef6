"""The judge's door: many programs at a time, each run once, all of them counted."""

import os
import sys
import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from types import TracebackType
from typing import Literal, Self, get_args

from .limits import Limits
from .process import RunnerFailed, Server, ServerLost
from .tests import TestSet
from .trial import Stop, fatal, judge, unknown
from .verdict import Result, Verdict

OnError = Literal["raise", "ie"]

ATTEMPTS = 3
REMEMBERED_RESULTS = 65_536
REMEMBERED_TIMES = 10_000
PROGRAMS_A_SERVER = 5000


class JudgeUnavailable(RuntimeError):
    """The judge itself failed again and again, so that a program was not judged."""


@dataclass(frozen=True, slots=True)
class Job:
    """One program to judge; equal jobs have equal results.

    Attributes:
        source: the program.
        tests: what it is judged by.
        limits: what it may use in each test.
        stop: "first" skips what follows a failing test, "never" runs all.
    """

    source: str
    tests: TestSet
    limits: Limits = field(default_factory=Limits)
    stop: Stop = "first"

    def __post_init__(self) -> None:
        if self.stop not in get_args(Stop):
            raise ValueError(f"stop is {self.stop!r}, it must be one of {get_args(Stop)}")


@dataclass(frozen=True, slots=True)
class Stats:
    """What a pool has done so far.

    Attributes:
        programs: programs asked about.
        remembered: of these, how many had been asked before and were not run again.
        retries: runs repeated because the judge itself failed.
        verdicts: of the programs run, how many met which verdict.
        cpu_seconds: user and system time of the programs run.
        p50_seconds: median run by the clock, of the latest runs; 0 before the first.
        p99_seconds: the run that 1 in 100 exceed.
    """

    programs: int
    remembered: int
    retries: int
    verdicts: dict[Verdict, int]
    cpu_seconds: float
    p50_seconds: float
    p99_seconds: float


@dataclass(slots=True)
class _Entry:
    """What is remembered of a job.

    Attributes:
        future: its result.
        asked: how often it was asked about while it had none.
        cpu_seconds: what each time is billed, once known, so that no bill depends on what ran before.
    """

    future: Future[Result] = field(default_factory=Future)
    asked: int = 1
    cpu_seconds: float | None = None


class Pool:
    """Judges programs, each in a process of its own, `workers` at a time; a context manager.

    Nothing starts before the first program. Then each worker keeps an interpreter to fork programs from, until the pool
    is closed or forgotten. Results of the latest programs are remembered.

    Attributes:
        python: path of the interpreter that runs the programs.
    """

    def __init__(self, workers: int | None = None, python: str | None = None, on_error: OnError = "raise") -> None:
        """Makes a pool.

        Args:
            workers: programs run at a time; one a core that this process may use where None.
            python: path of the interpreter, at least 3.11; the running one where None.
            on_error: "raise" raises `JudgeUnavailable` where the judge itself fails, "ie" answers with `Verdict.IE`.
        """
        if on_error not in get_args(OnError):
            raise ValueError(f"on_error is {on_error!r}, it must be one of {get_args(OnError)}")
        self.python = os.path.realpath(python or sys.executable)
        self._on_error, self._workers = on_error, workers
        self._threads = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)), "judge")
        self._lock = threading.Lock()
        self._idle: list[Server] = []
        self._release = weakref.finalize(self, _close, self._idle)
        self._asked: dict[Job, _Entry] = {}
        self._programs = self._remembered = self._retries = 0
        self._verdicts: Counter[Verdict] = Counter()
        self._cpu_seconds = self._billed_seconds = 0.0
        self._times: deque[float] = deque(maxlen=REMEMBERED_TIMES)

    def run(self, source: str, tests: TestSet, limits: Limits | None = None, stop: Stop = "first") -> Result:
        """Returns the result of one program; raises `JudgeUnavailable` as the pool was told."""
        return self._ask(Job(source, tests, limits or Limits(), stop)).result()

    def map(self, jobs: Iterable[Job]) -> list[Result]:
        """Returns the jobs' results in their order; raises as `run`."""
        return [future.result() for future in [self._ask(job) for job in jobs]]

    def imap_unordered(self, jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yields each job's place and result as it is ready; raises as `run`."""
        places: dict[Future[Result], list[int]] = {}
        for place, job in enumerate(jobs):
            places.setdefault(self._ask(job), []).append(place)
        for future in as_completed(places):
            for place in places[future]:
                yield place, future.result()

    def meter(self) -> tuple[int, float]:
        """Returns the programs asked about and their CPU seconds, a remembered one at what its run took."""
        with self._lock:
            return self._programs, self._billed_seconds

    def stats(self) -> Stats:
        """Returns what the pool has done so far."""
        with self._lock:
            times = sorted(self._times) or [0.0]
            return Stats(
                programs=self._programs,
                remembered=self._remembered,
                retries=self._retries,
                verdicts=dict(self._verdicts),
                cpu_seconds=self._cpu_seconds,
                p50_seconds=times[len(times) // 2],
                p99_seconds=times[len(times) * 99 // 100],
            )

    def close(self) -> None:
        """Waits for the programs that are running and drops those that are not."""
        self._threads.shutdown(cancel_futures=True)
        self._release()

    def __reduce__(self) -> tuple[type["Pool"], tuple[int | None, str, OnError]]:
        """Sends a pool to another process as one that has not started."""
        return Pool, (self._workers, self.python, self._on_error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, job: Job) -> Future[Result]:
        with self._lock:
            self._programs += 1
            self._remembered += job in self._asked
            entry = self._asked.pop(job, None)
            if entry is None:
                entry = _Entry()
                entry.future = self._threads.submit(self._judge, job, entry)
            elif entry.cpu_seconds is None:
                entry.asked += 1
            else:
                self._billed_seconds += entry.cpu_seconds
            # Dictionaries keep their order, so the job asked longest ago stands first.
            self._asked[job] = entry
            if len(self._asked) > REMEMBERED_RESULTS:
                del self._asked[next(iter(self._asked))]
            return entry.future

    def _judge(self, job: Job, entry: _Entry) -> Result:
        failures: list[Exception] = []
        for attempt in range(1, ATTEMPTS + 1):
            began = perf_counter()
            try:
                with self._server() as server:
                    result = judge(server, job.source, job.tests, job.limits, job.stop)
            except (RunnerFailed, OSError) as error:
                failures.append(error)
            else:
                return self._counted(entry, replace(result, attempts=attempt), perf_counter() - began)
        if all(isinstance(failure, ServerLost) for failure in failures):
            return self._counted(entry, replace(fatal(job.tests), attempts=ATTEMPTS))
        with self._lock:
            self._asked.pop(job, None)
        result = self._counted(entry, replace(unknown(job.tests), attempts=ATTEMPTS))
        if self._on_error == "raise":
            raise JudgeUnavailable(
                f"{self.python} failed {ATTEMPTS} times to run the judge's runner, last with: {failures[-1]}; "
                "pass python= the path of a working Python of at least 3.11"
            ) from failures[-1]
        return result

    @contextmanager
    def _server(self) -> Iterator[Server]:
        """Lends an idle server or a new one; it is kept unless it failed or has served its time."""
        with self._lock:
            server = self._idle.pop() if self._idle else None
        server = server or Server(self.python)
        try:
            yield server
        except BaseException:
            server.close()
            raise
        if server.programs < PROGRAMS_A_SERVER:
            self._idle.append(server)
        else:
            server.close()

    def _counted(self, entry: _Entry, result: Result, seconds: float | None = None) -> Result:
        with self._lock:
            self._verdicts[result.verdict] += 1
            self._retries += result.attempts - 1
            self._cpu_seconds += result.cpu_seconds
            self._billed_seconds += result.cpu_seconds * entry.asked
            entry.cpu_seconds = result.cpu_seconds
            if seconds is not None:
                self._times.append(seconds)
        return result


def _close(servers: list[Server]) -> None:
    while servers:
        servers.pop().close()

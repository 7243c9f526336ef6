"""The judge's door: many programs at a time, each run once, all of them counted."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from time import perf_counter, sleep
from types import TracebackType
from typing import Literal, Self, get_args

from .arbiter import Arbiter
from .cache import ResultCache, key_of
from .checkers import CheckerProgram
from .host.compilation import Compiled
from .host.cpp import Compiler, found, version
from .host.fleet import Fleet, JudgeUnavailable
from .host.probe import Isolation
from .host.process import Language, StartFailed, ZygoteFailed
from .job import Job, Mode, Stop, choose
from .limits import Limits
from .tally import Stats, Tally
from .tests import TestSet
from .trial import fatal, judge, unknown
from .verdict import Result

OnError = Literal["raise", "ie"]

ATTEMPTS = 3
# The machine may have been out of memory or of processes for a moment.
REST_SECONDS = 0.2
REMEMBERED_RESULTS = 16_384


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
        workers: programs run at a time.
    """

    def __init__(
        self,
        workers: int | None = None,
        python: str | None = None,
        on_error: OnError = "raise",
        isolation: Isolation = "auto",
        cache: ResultCache | None = None,
        _without: Iterable[str] = (),
    ) -> None:
        """Makes a pool.

        Args:
            workers: programs run at a time; one a core that this process may use where None.
            python: path of the interpreter, at least 3.11; the running one where None.
            on_error: "raise" raises `JudgeUnavailable` where the judge itself fails, "ie" answers with `Verdict.IE`.
            isolation: what shuts programs in: "full", "no-ns" (all but namespaces), "seccomp" alone or "none", each of
                which is refused where it cannot be had; "auto" takes the first of them that can, but never "none".
            cache: keeps results beyond this pool and this process; programs found in it are not run again.
        """
        if workers is not None and (not isinstance(workers, int) or workers < 1):
            raise ValueError(f"workers is {workers!r}, it must be an int of 1 or more, or None for one a core")
        if cache is not None and not isinstance(cache, ResultCache):
            raise TypeError(f"cache is {cache!r}, it must be a ResultCache; write ResultCache({str(cache)!r})")
        choose("on_error", on_error, get_args(OnError))
        choose("isolation", isolation, get_args(Isolation))
        self.python = os.path.realpath(python or sys.executable)
        self._arguments = workers, self.python, on_error, isolation, cache, tuple(_without)
        self._on_error, self._cache = on_error, cache
        self.workers = workers or len(os.sched_getaffinity(0))
        self._threads = ThreadPoolExecutor(self.workers, "judge")
        self._fleet = Fleet(self.python, isolation, frozenset(_without))
        self._compiler = Compiler(self.python, self._fleet.layers)
        self._tally = Tally()
        self._asked: dict[Job, _Entry] = {}
        self._owner: int | None = os.getpid()

    def run(
        self,
        source: str,
        tests: TestSet,
        limits: Limits | None = None,
        stop: Stop = "first",
        mode: Mode = "hybrid",
        language: Language = "python3",
    ) -> Result:
        """Returns the result of one program.

        Raises:
            JudgeUnavailable: if the judge itself fails, as the pool was told.
            KeyboardInterrupt: if the user interrupts; programs that run are killed, and the pool runs no more.
        """
        with self._given_up_by_interrupts():
            return self._ask(Job(source, tests, limits or Limits(), stop, mode, language)).result()

    def map(self, jobs: Iterable[Job]) -> list[Result]:
        """Returns the jobs' results in their order; raises as `run`."""
        with self._given_up_by_interrupts():
            return [future.result() for future in [self._ask(job) for job in jobs]]

    def imap_unordered(self, jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yields each job's place and result as it is ready; raises as `run`."""
        places: dict[Future[Result], list[int]] = {}
        with self._given_up_by_interrupts():
            for place, job in enumerate(jobs):
                places.setdefault(self._ask(job), []).append(place)
            for future in as_completed(places):
                for place in places[future]:
                    yield place, future.result()

    async def arun(self, job: Job) -> Result:
        """Returns the result of one job, and lets others of the event loop work meanwhile; raises as `run`."""
        # Others may have asked for the same, so whoever gives up must not take it from them.
        return await asyncio.shield(asyncio.wrap_future(self._ask(job)))

    def meter(self) -> tuple[int, float]:
        """Returns the programs asked about and their CPU seconds, a remembered one at what its run took."""
        with self._tally.lock:
            return self._tally.programs, self._tally.billed_seconds

    def stats(self) -> Stats:
        """Returns what the pool has done so far."""
        fleet = self._fleet
        restarts = sum(max(0, count - self.workers) for count in fleet.starts.values())
        return self._tally.stats(restarts, fleet.memory_bytes(), fleet.isolation)

    def close(self) -> None:
        """Waits for the programs that are running and drops those that are not."""
        self._owner = None
        self._threads.shutdown(cancel_futures=True)
        self._fleet.close()

    def __reduce__(self) -> tuple[type["Pool"], tuple[object, ...]]:
        """Sends a pool to another process as one that has not started."""
        return Pool, self._arguments

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._give_up()
        self.close()

    @contextmanager
    def _given_up_by_interrupts(self) -> Iterator[None]:
        """Leaves nothing running where the user has lost patience."""
        try:
            yield
        except KeyboardInterrupt:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Kills what runs, and runs no more."""
        # First those that wait, or they would take the place of those killed.
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._compiler.abandon()
        self._fleet.abandon()

    def _ask(self, job: Job) -> Future[Result]:
        tally = self._tally
        self._fleet.check()
        if self._owner != os.getpid():
            ended = "is closed" if self._owner is None else "is another process's, whose threads did not come along"
            raise JudgeUnavailable(f"this pool {ended}; make a new one")
        with tally.lock:
            tally.programs += 1
            tally.remembered += job in self._asked
            entry = self._asked.pop(job, None)
            if entry is None:
                entry = _Entry()
                entry.future = self._threads.submit(self._judge, job, entry, perf_counter())
            elif entry.cpu_seconds is None:
                entry.asked += 1
            else:
                tally.billed_seconds += entry.cpu_seconds
            # Dictionaries keep their order, so the job asked longest ago stands first.
            self._asked[job] = entry
            if len(self._asked) > REMEMBERED_RESULTS:
                del self._asked[next(iter(self._asked))]
            return entry.future

    def _judge(self, job: Job, entry: _Entry, asked_at: float) -> Result:
        self._tally.begin(perf_counter() - asked_at)
        try:
            return self._found(job, entry)
        except BaseException:
            # Whatever was in the way may be mended when the same is asked again.
            self._forget(job)
            raise

    def _found(self, job: Job, entry: _Entry) -> Result:
        """Returns a job's result, out of the cache or by running it."""
        failures: list[Exception] = []
        self._fleet.check()
        key = self._key(job)
        if self._cache is not None and (kept := self._cache.get(key)):
            self._tally.find()
            return self._billed(entry, kept)
        for attempt in range(1, ATTEMPTS + 1):
            began = perf_counter()
            try:
                with self._fleet.lent(job.language) as zygote:
                    tests, compiled = self._with_arbiter(job.tests), self._compiled(job.language)
                    judged = judge(zygote, job.source, tests, job.limits, job.stop, job.mode, compiled)
            except (ZygoteFailed, OSError) as error:
                failures.append(error)
                if not _is_lost(error) and attempt < ATTEMPTS:
                    sleep(REST_SECONDS * attempt)
            else:
                self._tally.end(perf_counter() - began, judged.check_seconds, judged.page_faults)
                result = self._counted(entry, judged.result, attempt)
                if self._cache is not None:
                    self._cache.put(key, result)
                return result
        if all(map(_is_lost, failures)) and self._fleet.isolation == "none":
            return self._counted(entry, fatal(job.tests), ATTEMPTS)
        self._forget(job)
        result = self._counted(entry, unknown(job.tests), ATTEMPTS)
        if self._on_error == "raise":
            raise JudgeUnavailable(
                f"{self.python} failed {ATTEMPTS} times to run the judge, last with: {failures[-1]}; "
                "pass python= the path of a working Python of at least 3.11"
            ) from failures[-1]
        return result

    def _forget(self, job: Job) -> None:
        with self._tally.lock:
            self._asked.pop(job, None)

    def _key(self, job: Job) -> str | None:
        """Returns what the cache keeps a job's result under; None where there is no cache or no level yet."""
        if self._cache is not None:
            with suppress(StartFailed):
                self._fleet.settled()
                compiler = f", {version(found())}" if job.language == "cpp" else ""
                return key_of(job, self._fleet.isolation, self.python + compiler)
        return None

    def _compiled(self, language: Language) -> Callable[[bytes, float], Compiled] | None:
        """Returns what makes programs of sources in a language, None where these are what is run."""
        return self._compiler.compiled if language == "cpp" else None

    def _with_arbiter(self, tests: TestSet) -> TestSet:
        """Returns the tests with a checker that can be called."""
        program = tests.checker
        return (
            replace(tests, checker=Arbiter(program, self._arbitrate)) if isinstance(program, CheckerProgram) else tests
        )

    def _arbitrate(self, source: str, tests: TestSet, limits: Limits) -> Result:
        """Runs a checker on a zygote of its own, in the thread of the job that asks."""
        with self._fleet.lent() as zygote:
            return judge(zygote, source, tests, limits, "first").result

    def _counted(self, entry: _Entry, result: Result, attempts: int) -> Result:
        result = replace(result, attempts=attempts, isolation=self._fleet.isolation)
        with self._tally.lock:
            self._tally.count(result)
        return self._billed(entry, result)

    def _billed(self, entry: _Entry, result: Result) -> Result:
        """Bills a result to all who asked: a cached one at what its run took."""
        with self._tally.lock:
            self._tally.billed_seconds += result.cpu_seconds * entry.asked
            entry.cpu_seconds = result.cpu_seconds
        return result


def _is_lost(failure: Exception) -> bool:
    """Returns True where a zygote that had come to serve was lost, and another may do as well at once."""
    return isinstance(failure, ZygoteFailed) and not isinstance(failure, StartFailed)

"""What a pool counts."""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field

from .verdict import Result, Verdict

REMEMBERED_TIMES = 10_000


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by the clock, of the latest programs; 0 before the first.

    Attributes:
        p50: the median.
        p99: what 1 in 100 exceed.
    """

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Stats:
    """What a pool has done so far; `json.dumps(asdict(stats))` is a line of a log.

    Attributes:
        programs: programs asked about.
        remembered: of these, how many had been asked about before and were not run again.
        waiting: how many have yet to be run.
        cached: how many the cache knew.
        retries: runs repeated because the judge itself failed.
        restarts: zygotes started in place of others.
        verdicts: of the programs run, how many met which verdict.
        marginal: tests repeated because another run might have ended in time.
        cpu_seconds: user and system time of the programs run.
        page_faults: how often they wanted another page of memory, which is most of what a short program costs.
        queue: from being asked about to being run.
        run: a program with all of its tests.
        check: what checkers took of that.
        zygote_bytes: memory of the largest idle zygote, 0 where there is none.
        isolation: what stands between a program and the machine.
    """

    programs: int
    remembered: int
    waiting: int
    cached: int
    retries: int
    restarts: int
    verdicts: dict[Verdict, int]
    marginal: int
    cpu_seconds: float
    page_faults: int
    queue: Times
    run: Times
    check: Times
    zygote_bytes: int
    isolation: str

    @property
    def cpu_seconds_per_program(self) -> float:
        """User and system time of a program that was run, on average."""
        return self.cpu_seconds / max(1, sum(self.verdicts.values()))

    @property
    def page_faults_per_program(self) -> float:
        """Page faults of a program that was run, on average."""
        return self.page_faults / max(1, sum(self.verdicts.values()))


@dataclass(slots=True)
class Tally:
    """The counters behind `Stats`, and the lock that guards them."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    programs: int = 0
    remembered: int = 0
    begun: int = 0
    cached: int = 0
    retries: int = 0
    marginal: int = 0
    cpu_seconds: float = 0.0
    billed_seconds: float = 0.0
    page_faults: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    queues: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))
    runs: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))
    checks: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))

    def begin(self, queue_seconds: float) -> None:
        """Counts a program whose turn has come."""
        with self.lock:
            self.begun += 1
            self.queues.append(queue_seconds)

    def find(self) -> None:
        """Counts a program that the cache knew."""
        with self.lock:
            self.cached += 1

    def end(self, run_seconds: float, check_seconds: float, page_faults: int) -> None:
        """Counts what running a program took."""
        with self.lock:
            self.runs.append(run_seconds)
            self.checks.append(check_seconds)
            self.page_faults += page_faults

    def count(self, result: Result) -> None:
        """Counts a result; the caller holds the lock."""
        self.verdicts[result.verdict] += 1
        self.retries += result.attempts - 1
        self.marginal += sum(test.marginal for test in result.tests)
        self.cpu_seconds += result.cpu_seconds

    def stats(self, restarts: int, zygote_bytes: int, isolation: str) -> Stats:
        """Returns what was counted, beside what the fleet of zygotes says of itself."""
        with self.lock:
            return Stats(
                programs=self.programs,
                remembered=self.remembered,
                waiting=self.programs - self.remembered - self.begun,
                cached=self.cached,
                retries=self.retries,
                restarts=restarts,
                verdicts=dict(self.verdicts),
                marginal=self.marginal,
                cpu_seconds=self.cpu_seconds,
                page_faults=self.page_faults,
                queue=_times(self.queues),
                run=_times(self.runs),
                check=_times(self.checks),
                zygote_bytes=zygote_bytes,
                isolation=isolation,
            )


def _times(seconds: "deque[float]") -> Times:
    ordered = sorted(seconds) or [0.0]
    return Times(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])

"""What a pool counts."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from .host.process import Language
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
    """What a pool has done so far.

    Attributes:
        programs: programs asked about.
        remembered: of these, how many had been asked before and were not run again.
        retries: runs repeated because the judge itself failed.
        restarts: zygotes started in place of others.
        verdicts: of the programs run, how many met which verdict.
        marginal: tests repeated because they were hardly over their time limit.
        cpu_seconds: user and system time of the programs run.
        p50_seconds: median run by the clock, of the latest runs; 0 before the first.
        p99_seconds: the run that 1 in 100 exceed.
        queue: from being asked about to being run.
        check: what checkers took.
        zygote_bytes: memory of the largest idle zygote, 0 where there is none.
        isolation: what stands between a program and the machine.
    """

    programs: int
    remembered: int
    retries: int
    restarts: int
    verdicts: dict[Verdict, int]
    marginal: int
    cpu_seconds: float
    p50_seconds: float
    p99_seconds: float
    queue: Times
    check: Times
    zygote_bytes: int
    isolation: str

    @property
    def cpu_seconds_per_program(self) -> float:
        """User and system time of a program that was run, on average."""
        return self.cpu_seconds / max(1, sum(self.verdicts.values()))


@dataclass(slots=True)
class Tally:
    """The counters behind `Stats`, and the lock that guards them."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    programs: int = 0
    remembered: int = 0
    retries: int = 0
    marginal: int = 0
    cpu_seconds: float = 0.0
    billed_seconds: float = 0.0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    runs: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))
    queues: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))
    checks: "deque[float]" = field(default_factory=lambda: deque(maxlen=REMEMBERED_TIMES))

    def count(self, result: Result) -> None:
        """Counts a result; the caller holds the lock."""
        self.verdicts[result.verdict] += 1
        self.retries += result.attempts - 1
        self.marginal += sum(test.marginal for test in result.tests)
        self.cpu_seconds += result.cpu_seconds

    def stats(self, starts: Mapping[Language, int], workers: int, zygote_bytes: int, isolation: str) -> Stats:
        """Returns what was counted, beside what the fleet of zygotes says of itself."""
        with self.lock:
            run = _times(self.runs)
            return Stats(
                programs=self.programs,
                remembered=self.remembered,
                retries=self.retries,
                restarts=sum(max(0, count - workers) for count in starts.values()),
                verdicts=dict(self.verdicts),
                marginal=self.marginal,
                cpu_seconds=self.cpu_seconds,
                p50_seconds=run.p50,
                p99_seconds=run.p99,
                queue=_times(self.queues),
                check=_times(self.checks),
                zygote_bytes=zygote_bytes,
                isolation=isolation,
            )


def _times(seconds: "deque[float]") -> Times:
    ordered = sorted(seconds) or [0.0]
    return Times(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])

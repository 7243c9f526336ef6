"""Runs programs in the judge to learn what they print: so tests are made, and nothing foreign runs in our process."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from ..judge import Case, Limits, Pool, Recorder, TestSet, Verdict
from .rows import Row

Raw = TypeVar("Raw")

AT_A_TIME = 64
"""Rows that are handed out together; what an interruption may cost."""


@dataclass(frozen=True, slots=True)
class Run:
    """A program on one input.

    Attributes:
        verdict: AC where it ended well.
        output: all it printed then, otherwise nothing.
        complaint: the last line of standard error, of the first input that it failed on.
    """

    verdict: Verdict
    output: str = ""
    complaint: str = ""


def record(pool: Pool, source: str, inputs: Iterable[str], limits: Limits) -> tuple[Run, ...]:
    """Returns a run of `source` for each input.

    Raises:
        JudgeUnavailable: if the judge itself fails.
    """
    recorder, cases = Recorder(), tuple(Case(text, "") for text in inputs)
    result = pool.run(source, TestSet(cases, recorder), limits, stop="never")
    complaint = result.stderr_head.strip().rpartition("\n")[2][:200]
    runs = []
    for output, test in zip(recorder.tell(cases, result), result.tests, strict=True):
        if output is not None:
            runs.append(Run(Verdict.AC, output.decode(errors="surrogateescape")))
        else:
            # What does not compile is skipped in every test.
            runs.append(Run(Verdict.CE if result.verdict is Verdict.CE else test.verdict, complaint=complaint))
    return tuple(runs)


def passes(pool: Pool, source: str, tests: TestSet, limits: Limits) -> bool:
    """Returns True where `source` passes all tests both times: each in a process of its own, and one after another."""
    alone = pool.run(source, tests, limits, stop="first", mode="isolated")
    together = pool.run(source, tests, limits, stop="never", mode="hybrid")
    return all(test.verdict is Verdict.AC for result in (alone, together) for test in result.tests)


def side_by_side(make: Callable[[Raw], Row], rows: Iterable[Raw], num_threads: int) -> Iterator[Row]:
    """Yields `make` of each row in order, `num_threads` of them at work at a time."""
    remaining = iter(rows)
    with ThreadPoolExecutor(num_threads, "corpus") as threads:
        try:
            while batch := list(islice(remaining, AT_A_TIME)):
                yield from threads.map(make, batch)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

"""A file of problems made fit to train and to judge on: without doubles, cleaned, with more tests, and enough of them.

Problems stream from one file to another, and a run that is broken off goes on behind the last problem it wrote.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from .augmentation import Augmentation, augmented
from .cleaning import cleaned, is_covered, spelling
from .judge import CheckerFailed, Pool
from .problem import Problem, stream_problems

logger = logging.getLogger(__name__)

PROBLEMS_A_POOL = 64
"""After so many a new pool begins: a pool remembers the tests it was handed, and those of a data set fill a machine."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done to problems.

    Attributes:
        augmentation: how tests are added; None for none.
        only_covered: True to drop problems whose hidden and generated tests are too few or all alike.
    """

    augmentation: Augmentation | None = field(default_factory=Augmentation)
    only_covered: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one problem.

    Attributes:
        name: the problem's.
        problem: it, or None where it is dropped.
        reason: why it is dropped, or "".
        num_made: tests added.
        num_solutions: correct solutions asked for them; None where none were.
        cpu_seconds: what adding them took.
    """

    name: str
    problem: Problem | None
    reason: str = ""
    num_made: int = 0
    num_solutions: int | None = None
    cpu_seconds: float = 0.0


def prepared(problem: Problem, pool: Pool, settings: Preparation) -> Prepared:
    """Returns what becomes of `problem`.

    Raises:
        CheckerFailed: if the problem's own checker does.
        JudgeUnavailable: if the judge itself fails.
    """
    clean = cleaned(problem, pool)
    num_before, num_solutions, cpu_seconds = len(clean.generated), None, 0.0
    if settings.augmentation is not None:
        more = augmented(clean, pool, settings.augmentation)
        clean, num_solutions, cpu_seconds = more.problem, more.num_solutions, more.cpu_seconds
    if settings.only_covered and not is_covered(clean):
        return Prepared(problem.name, None, "too few tests, or all alike", 0, num_solutions, cpu_seconds)
    return Prepared(problem.name, clean, "", len(clean.generated) - num_before, num_solutions, cpu_seconds)


def prepare_file(source: Path, target: Path, settings: Preparation, workers: int | None = None) -> Iterator[Prepared]:
    """Writes the problems of `source`, prepared, to `target`, and yields what became of each as soon as it is written.

    A statement that was seen before, white space aside, is dropped, and so is a problem whose checker fails. Where
    `target` exists, made with the same settings, the work goes on behind the last problem in it.

    Raises:
        ValueError: if a row is no problem, or the last of `target` is none of `source`'s.
        JudgeUnavailable: if the judge itself fails; what is written stays.
    """
    statements: set[str] = set()
    with target.open("a+b") as file:
        last = _cut_to_last(file, target)
        problems = stream_problems(source)
        if last is not None:
            yield from _passed_over(
                problems, last, statements, f"{target} ends with {last!r}, which is not in {source}"
            )
        for first in problems:
            with Pool(workers) as pool:
                for problem in chain((first,), islice(problems, PROBLEMS_A_POOL - 1)):
                    outcome = _prepared_once(problem, statements, pool, settings)
                    if outcome.problem is not None:
                        file.write(f"{outcome.problem.to_json()}\n".encode())
                        file.flush()
                        os.fsync(file.fileno())
                    yield outcome


def _cut_to_last(file: BinaryIO, path: Path) -> str | None:
    """Cuts off a torn last line, which is what a kill leaves, and returns the name of the last problem, if any."""
    last, size = None, 0
    file.seek(0)
    for number, line in enumerate(file, 1):
        if line.endswith(b"\n"):
            last, size = (number, line), size + len(line)
    file.truncate(size)
    return None if last is None else Problem.from_json(last[1].decode(), f"{path}, row {last[0]}").name


def _passed_over(problems: Iterator[Problem], last: str, statements: set[str], complaint: str) -> Iterator[Prepared]:
    """Yields the problems up to the one named `last`, and notes their statements."""
    for problem in problems:
        statements.add(spelling(problem.statement))
        yield Prepared(problem.name, None, "dealt with before")
        if problem.name == last:
            return
    raise ValueError(f"{complaint}: name another file to write to, or delete this one to begin anew")


def _prepared_once(problem: Problem, statements: set[str], pool: Pool, settings: Preparation) -> Prepared:
    """Returns what becomes of `problem`, knowing the statements of those before it."""
    statement = spelling(problem.statement)
    if statement in statements:
        return Prepared(problem.name, None, "a double")
    statements.add(statement)
    try:
        return prepared(problem, pool, settings)
    except CheckerFailed as error:
        logger.warning("problem %s is dropped: %s", problem.name, error)
        return Prepared(problem.name, None, "its checker failed")

"""What is dropped before problems are learnt from: doubles, programs that do nothing right, tests that tell nothing.

The rules are AlphaCode's (Li et al. 2022, appendix B.2), as functions of the judge's results.

Shapes: `S` submissions, `T` tests.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .judge import Case, Pool, Result, TestResult, Verdict
from .problem import Problem, Solution
from .runs import can_run, judged

LEAST_SHARE = 0.1
"""Of submissions that print anything for a test, and of tests that a submission passes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What cleaning leaves.

    Attributes:
        submissions: places of the submissions, in order.
        tests: places of the tests, in order.
    """

    submissions: tuple[int, ...]
    tests: tuple[int, ...]


def kept(results: Sequence[Result]) -> Kept:
    """Returns what is left of `[S]` submissions and their `[T]` tests, each run on every one.

    Dropped are, in this order, submissions that pass no test, tests for which less than a tenth of the others print
    anything, and submissions that pass less than a tenth of the tests left. Where no submission is left nobody can tell
    good tests from bad, so all of them stay.
    """
    passes = np.array([[test.verdict is Verdict.AC for test in result.tests] for result in results], np.bool_)
    prints = np.array([[bool(test.output_head.strip()) for test in result.tests] for result in results], np.bool_)
    if not passes.any():
        return Kept((), tuple(range(len(results[0].tests) if results else 0)))
    able = passes.any(axis=1)
    telling = prints[able].mean(axis=0) >= LEAST_SHARE
    able &= passes[:, telling].sum(axis=1) >= max(1, LEAST_SHARE * telling.sum())
    submissions, tests = (tuple(np.flatnonzero(mask).tolist()) for mask in (able, telling))
    return Kept(submissions, tests)


def disputed(results: Sequence[Result]) -> tuple[int, ...]:
    """Returns the places of the tests that seem to have several right outputs, from correct solutions' results.

    AlphaCode's rule (ibid., A.2): five different outputs, or two that several solutions print each. Outputs that the
    checker accepts are one; those of programs that failed to end well are none.
    """
    tests = zip(*(result.tests for result in results), strict=True)
    return tuple(place for place, column in enumerate(tests) if _is_disputed(column))


def is_covered(problem: Problem, num_tests: int = 5, num_outputs: int = 2) -> bool:
    """Says whether the tests the player does not see are enough, and no constant passes them (ibid., 3.2.1)."""
    outputs = {tuple(case.output.split()) for case in problem.hidden + problem.generated}
    return len(problem.hidden + problem.generated) >= num_tests and len(outputs) >= num_outputs


def spelling(text: str) -> str:
    """Returns `text` without white space: what doubles have in common."""
    return "".join(text.split())


def cleaned(problem: Problem, pool: Pool) -> Problem:
    """Returns `problem` without doubles and by `kept`'s rules, and says whether it has several right answers.

    Examples stay whatever they tell, for the statement shows them, and so do programs that the judge cannot run.

    Raises:
        JudgeUnavailable: if the judge itself fails.
    """
    solutions = _different(problem.solutions)
    incorrect = _different((*solutions, *problem.incorrect_solutions))[len(solutions) :]
    asked = [solution for solution in (*solutions, *incorrect) if can_run(solution)]
    results = judged(problem, asked, pool)
    left = kept(results) if results else Kept((), tuple(range(len(problem.tests))))
    able = {asked[place] for place in left.submissions}
    correct = [results[place] for place in left.submissions if asked[place] in solutions]
    secret = len(problem.examples)
    return replace(
        problem,
        hidden=_left(problem.hidden, secret, left.tests),
        generated=_left(problem.generated, secret + len(problem.hidden), left.tests),
        solutions=tuple(s for s in solutions if s in able or not can_run(s)),
        incorrect_solutions=tuple(s for s in incorrect if s in able or not can_run(s)),
        several_answers=problem.several_answers or bool(disputed(correct)),
    )


def _is_disputed(column: Sequence[TestResult]) -> bool:
    """Says whether correct solutions, of which these are the results on one test, disagree about it."""
    ended = (test for test in column if test.verdict in (Verdict.AC, Verdict.WA, Verdict.PE))
    votes = Counter("" if test.verdict is Verdict.AC else test.output_digest for test in ended)
    return len(votes) >= 5 or sum(count > 1 for count in votes.values()) >= 2


def _different(solutions: Iterable[Solution]) -> list[Solution]:
    """Returns the first of each spelling in each language; so a right program that is also called wrong is right."""
    different: dict[tuple[str, str], Solution] = {}
    for solution in solutions:
        different.setdefault((solution.language, spelling(solution.source)), solution)
    return list(different.values())


def _left(cases: Sequence[Case], first: int, places: Sequence[int]) -> tuple[Case, ...]:
    """Returns the cases, of which the first stands in place `first`, whose places are among `places`."""
    return tuple(case for place, case in enumerate(cases, first) if place in places)

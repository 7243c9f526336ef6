"""A program meets the same verdicts with its tests in one process as with each in a process of its own."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pytest

from alphakata.envs.code.generate import GeneratedProblems
from alphakata.envs.code.judge import Job, Limits, Mode, Pool, TestSet, Verdict
from alphakata.envs.code.judge.corpus import mutants

# Enough that no program of these is near it unless it never ends.
LIMITS = Limits(cpu_seconds=0.3, memory_bytes=128 << 20, wall_seconds=60)


def candidates(seed: int) -> Iterator[tuple[str, TestSet]]:
    """Yields programs and the tests of their problem: right ones, wrong ones, and mutants of both."""
    problems, rng = GeneratedProblems(seed=seed), np.random.default_rng(seed)
    for index in range(10**6):
        problem = problems[index]
        tests = TestSet(problem.tests)
        sources = [solution.source for solution in (*problem.solutions, *problem.incorrect_solutions)]
        changed = [mutant for source in sources[:4] for mutant in mutants(source, 8, rng)]
        yield from ((source, tests) for source in (*sources, *changed))


def verdicts(pool: Pool, pairs: Sequence[tuple[str, TestSet]], mode: Mode) -> list[list[Verdict]]:
    """Returns the verdicts of all tests of each program."""
    results = pool.map([Job(source, tests, LIMITS, mode=mode) for source, tests in pairs])
    return [[test.verdict for test in result.tests] for result in results]


def different(pairs: Sequence[tuple[str, TestSet]]) -> list[int]:
    """Returns the places of the programs on which the modes disagree."""
    with Pool() as pool:
        both = verdicts(pool, pairs, "isolated"), verdicts(pool, pairs, "hybrid")
    return [place for place, (one, other) in enumerate(zip(*both, strict=True)) if one != other]


@pytest.mark.parametrize(
    ("num_pairs", "seed"), [(200, 0), pytest.param(3000, 1, marks=[pytest.mark.slow])], ids=["some", "many"]
)
def test_both_modes_say_the_same(num_pairs: int, seed: int) -> None:
    pairs = [*islice(candidates(seed), num_pairs)]
    # Some print where in memory something lies, which changes from interpreter to interpreter: true differences stay.
    for _ in range(4):
        pairs = [pairs[place] for place in different(pairs)]
    assert [source for source, _ in pairs] == []

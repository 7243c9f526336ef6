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


def changed_by_sharing(pairs: Sequence[tuple[str, TestSet]]) -> list[str]:
    """Returns the programs that always meet the same verdicts in processes of their own, and others in one."""
    with Pool() as pool:
        alone, shared = verdicts(pool, pairs, "isolated"), verdicts(pool, pairs, "hybrid")
    suspects = [place for place, verdict in enumerate(alone) if verdict != shared[place]]
    # Some print where in memory something lies, which changes from interpreter to interpreter.
    for _ in range(5):
        with Pool() as pool:
            again = verdicts(pool, [pairs[place] for place in suspects], "isolated")
        suspects = [place for place, verdict in zip(suspects, again, strict=True) if verdict == alone[place]]
    return [pairs[place][0] for place in suspects]


@pytest.mark.parametrize(
    ("num_pairs", "seed"), [(200, 0), pytest.param(3000, 1, marks=[pytest.mark.slow])], ids=["some", "many"]
)
def test_both_modes_say_the_same(num_pairs: int, seed: int) -> None:
    assert changed_by_sharing([*islice(candidates(seed), num_pairs)]) == []

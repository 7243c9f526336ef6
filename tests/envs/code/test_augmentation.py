"""Made tests: where correct solutions agree, up to a number, and never from programs that cannot be trusted."""

from dataclasses import replace

import pytest

from alphakata.envs.code import Problem, Solution
from alphakata.envs.code.augmentation import Augmentation, agreed, augmented
from alphakata.envs.code.judge import Case, CheckerProgram, Floats, Pool, Tokens

SETTINGS = Augmentation(agreeing=2, num_tests=8, num_inputs=40, batch=10)
DOUBLE = Problem(
    name="double",
    statement="",
    examples=(Case("1 5", "2 10"),),
    hidden=(Case("4 4", "8 8"),),
    solutions=tuple(
        Solution("python3", source)
        for source in (
            "print(2)  # called correct",
            "print(*(2 * int(x) for x in input().split()))",
            "for x in input().split(): print(int(x) * 2, end=' ')",
        )
    ),
)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(workers=1)


def test_an_input_is_kept_where_all_print_the_same_and_something() -> None:
    outputs = [(b"1\n", b"1", b"", b"1", b"0.5"), (b" 1", b"2", b"", None, b"0.50")]
    assert agreed(outputs, ["a", "b", "c", "d", "e"], Tokens()) == [b"1\n", None, None, None, None]
    assert agreed(outputs, ["a", "b", "c", "d", "e"], Floats())[-1] == b"0.5"


def test_new_tests_have_new_inputs_and_right_outputs(pool: Pool) -> None:
    done = augmented(DOUBLE, pool, SETTINGS)
    made = done.problem.generated
    assert (len(made), done.num_solutions) == (8, 2)
    assert len({case.input for case in (*DOUBLE.tests, *made)}) == 10
    for case in made:
        assert [int(x) for x in case.output.split()] == [2 * int(x) for x in case.input.split()]
    assert replace(done.problem, generated=()) == DOUBLE
    assert done.cpu_seconds > 0


def test_tests_are_made_the_same_way_each_time_and_otherwise_by_another_seed(pool: Pool) -> None:
    made, again, other = (augmented(DOUBLE, pool, replace(SETTINGS, seed=seed)).problem.generated for seed in (0, 0, 1))
    assert made == again != other


def test_made_tests_count_together_with_those_there_were(pool: Pool) -> None:
    full = augmented(DOUBLE, pool, SETTINGS).problem
    more = augmented(full, pool, replace(SETTINGS, num_tests=9)).problem
    assert (more.generated[:8], len(more.generated)) == (full.generated, 9)
    assert augmented(full, pool, replace(SETTINGS, num_tests=3)).problem == full


def test_too_few_trusted_solutions_make_no_test(pool: Pool) -> None:
    done = augmented(DOUBLE, pool, replace(SETTINGS, agreeing=3))
    assert (done.problem, done.num_solutions, done.num_inputs) == (DOUBLE, 2, 0)


def test_inputs_and_seconds_have_an_end(pool: Pool) -> None:
    clocks = ("import time\nprint(time.time())", "import os\nprint(os.urandom(8))")
    liars = replace(DOUBLE, examples=(), hidden=(Case("1", ""),), checker=CheckerProgram("exit(0)"))
    liars = replace(liars, solutions=tuple(Solution("python3", source) for source in clocks))
    done = augmented(liars, pool, SETTINGS)
    assert done.problem.generated == ()
    assert 0 < done.num_inputs <= SETTINGS.num_inputs
    assert augmented(DOUBLE, pool, replace(SETTINGS, cpu_seconds=1e-9)).num_inputs == 0


def test_where_a_program_checks_one_right_output_must_still_be_the_only_one(pool: Pool) -> None:
    either = replace(DOUBLE, checker=CheckerProgram("exit(0)"), solutions=DOUBLE.solutions[:2])
    assert augmented(either, pool, SETTINGS).problem.generated == ()


def test_an_output_that_is_no_text_makes_no_test(pool: Pool) -> None:
    sources = ("import sys\nsys.stdout.buffer.write(b'\\xff')", "import os\nos.write(1, b'\\xff')")
    raw = replace(DOUBLE, examples=(), hidden=(), solutions=tuple(Solution("python3", source) for source in sources))
    raw = replace(raw, hidden=(Case("1 5", "\udcff"),))
    assert augmented(raw, pool, SETTINGS).problem.generated == ()


@pytest.mark.parametrize("name", ["agreeing", "num_tests", "num_inputs", "cpu_seconds", "batch"])
def test_a_senseless_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0, it must be greater than 0"):
        Augmentation(**{name: 0})

"""HumanEval as contest problems: its solutions pass, its tricks do not."""

from collections.abc import Iterator

import pytest

from alphakata.envs.code import Problem
from alphakata.envs.code.corpora.human_eval import HumanEval, make_human_eval, program, read_tasks
from alphakata.envs.code.corpora.rows import Rejected
from alphakata.envs.code.judge import Case, CheckerProgram, Job, Limits, Pool, TestSet, Verdict

TASKS = {task["task_id"]: task for task in read_tasks()}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


def made(pool: Pool, number: int, **changes: str) -> Problem | Rejected:
    """Returns the problem of one task, changed."""
    return next(make_human_eval(pool, [TASKS[f"HumanEval/{number}"] | changes]))


def job(problem: Problem, source: str) -> Job:
    limits = Limits(cpu_seconds=problem.time_limit_seconds, memory_bytes=problem.memory_limit_bytes)
    return Job(source, TestSet(problem.tests, problem.checker), limits)


def verdict(pool: Pool, problem: Problem, source: str) -> Verdict:
    return pool.map([job(problem, source)])[0].verdict


@pytest.fixture(scope="module")
def close_elements(pool: Pool) -> Problem:
    problem = made(pool, 0)
    assert isinstance(problem, Problem)
    return problem


def test_the_calls_that_check_makes_are_the_hidden_tests(close_elements: Problem) -> None:
    assert close_elements.hidden[0] == Case("[[1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3]", "true\n")
    assert len(close_elements.hidden) == TASKS["HumanEval/0"]["test"].count("assert")


def test_the_calls_that_the_docstring_shows_are_the_examples(close_elements: Problem) -> None:
    assert [case.input for case in close_elements.examples] == [
        "[[1.0, 2.0, 3.0], 0.5]",
        "[[1.0, 2.8, 3.0, 4.0, 5.0, 2.0], 0.3]",
    ]


def test_a_completion_that_is_right_or_wrong_is_found_out(pool: Pool, close_elements: Problem) -> None:
    prompt = TASKS["HumanEval/0"]["prompt"]
    right = "    s = sorted(numbers)\n    return any(b - a < threshold for a, b in zip(s, s[1:]))\n"
    assert verdict(pool, close_elements, program(prompt, right, "has_close_elements")) is Verdict.AC
    assert verdict(pool, close_elements, program(prompt, "    return True\n", "has_close_elements")) is Verdict.WA


def test_a_result_that_claims_to_equal_everything_equals_nothing(pool: Pool, close_elements: Problem) -> None:
    claim = "class Any(int):\n    __eq__ = __ne__ = lambda *_: True\n\ndef has_close_elements(*_):\n    return Any(1)\n"
    assert verdict(pool, close_elements, program("", claim, "has_close_elements")) is Verdict.WA


def test_any_zero_of_a_polynomial_is_right_and_what_is_no_zero_is_not(pool: Pool) -> None:
    problem = made(pool, 32)
    assert isinstance(problem, Problem)
    assert isinstance(problem.checker, CheckerProgram)
    tests = TestSet((Case("[[-6, 11, -6, 1]]", "1.0\n"),), problem.checker)
    answers = ["1.0", "3", "2.0000001", "1.5", "NaN", "true", "[1.0]", "1" * 5000, ""]
    results = pool.map([Job(f"print('{answer}')", tests) for answer in answers])
    assert [result.verdict for result in results] == [Verdict.AC] * 3 + [Verdict.WA] * 6


def test_where_the_docstring_shows_no_call_the_first_of_check_is_the_example(pool: Pool) -> None:
    problem = made(pool, 38)
    assert isinstance(problem, Problem)
    assert (len(problem.examples), len(problem.hidden)) == (1, 99)


def test_a_call_that_json_cannot_say_is_left_out(pool: Pool) -> None:
    problem = made(pool, 95)
    assert isinstance(problem, Problem)
    assert not [case for case in problem.hidden if "pineapple" in case.input and '"5"' in case.input]


def test_a_solution_that_fails_its_check_is_rejected(pool: Pool) -> None:
    found = made(pool, 0, canonical_solution="    return True\n")
    assert found == Rejected("HumanEval/0", "its own solution fails its check", "RE")


@pytest.mark.slow
def test_all_164_solutions_pass(pool: Pool) -> None:
    problems = HumanEval()
    results = pool.map([job(problem, problem.solutions[0].source) for problem in problems])
    assert [result.verdict for result in results] == [Verdict.AC] * 164

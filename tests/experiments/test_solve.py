"""A search is set on one problem, and what it finds is judged."""

from pathlib import Path

import pytest

from alphakata.envs.code.judge import Case
from alphakata.envs.code.problem import Problem, write_problems
from alphakata.experiments.build import build
from alphakata.experiments.configure import ConfigError, compose
from alphakata.experiments.solve import Found, SolveConfig, solve


def solved(*overrides: str) -> Found:
    return solve(build(compose(list(overrides), "solve"), SolveConfig))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Returns problems that ask for nothing: the empty program solves the first and passes the second's example."""
    quiet, loud = Case("", ""), Case("", "1")
    path = tmp_path / "problems.jsonl"
    write_problems(path, [Problem("quiet", "Say nothing.", (quiet,)), Problem("loud", "Say it.", (quiet,), (loud,))])
    return path


def test_what_passes_the_examples_may_fail_the_hidden_tests(file: Path) -> None:
    # With nothing to spend, a search hands in the empty program.
    found = solved("search=sample", "budget.samples=0", f"file={file}", "task=1")

    assert (found.problem, found.program, found.num_hidden_tests) == ("loud", "", 1)
    assert found.passes_examples
    assert not found.solves


def test_a_solved_problem_says_so(file: Path) -> None:
    found = solved("search=sample", "budget.samples=0", f"file={file}")

    assert found.passes_examples
    assert found.solves


def test_the_bill_stays_within_the_budget() -> None:
    found = solved("search=alphacode", "budget.policy_tokens=2000", "searches.alphacode.chunk=4")

    assert found.problem.startswith("generated/test/")
    assert 0 < found.cost.policy_tokens <= 2000


def test_a_problem_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"task: found 2, but .* holds 2 problems, 0 the first"):
        solved(f"file={file}", "task=2")


@pytest.mark.parametrize("override", ["env=tictactoe", "search=[beam,sample]"])
def test_solve_wants_one_contest_and_one_search(override: str) -> None:
    with pytest.raises(ConfigError, match="solve wants"):
        solved(override)

"""CodeI/O as contest problems: what is kept passes its own tests, what is not says why."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from alphakata.envs.code import Problem
from alphakata.envs.code.corpora.code_io import CodeIO
from alphakata.envs.code.corpora.rows import BadRow, Rejected, Row
from alphakata.envs.code.judge import Job, Json, Pool, TestSet, Verdict

Made = Callable[..., list[Row]]
GENERATOR = "def generate_inputs(rng: Random) -> dict:\n    return {'n': rng.randint(1, 99)}"


def row(body: str, generator: str = GENERATOR, before: str = "") -> dict[str, object]:
    """Returns a row of CodeI/O whose solution has `body`."""
    return {
        "task_description": f"What is this? {body}",
        "input_output_spec": "Input:\n  `n` (int)\n\nOutput:\n  `return` (int)",
        "code_sample": f"{before}\ndef main_solution(n):\n    {body}",
        "input_generator": generator,
        "difficulty": 3,
    }


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


@pytest.fixture
def made(pool: Pool, tmp_path: Path) -> Made:
    """Returns what becomes of rows that are written to a file first."""

    def make(rows: Sequence[object], start: int = 0) -> list[Row]:
        path = tmp_path / "codeio.jsonl.gz"
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
        return list(replace(CodeIO(), path=str(path))(pool, start))

    return make


DOUBLE = row("return {'twice': [2 * n, n / 7]}")


def test_a_program_and_its_generator_become_a_problem(made: Made, pool: Pool) -> None:
    (problem,) = made([DOUBLE])
    assert isinstance(problem, Problem)
    assert (len(problem.examples), len(problem.hidden), problem.checker) == (2, 10, Json())
    assert "`return` (int)" in problem.statement
    source = "import json\nn = json.loads(input())['n']\nprint(json.dumps({'twice': [n + n, 1e-9 + n / 7]}))"
    tests = TestSet(problem.tests, problem.checker)
    right, wrong = pool.map([Job(source, tests), Job(source.replace("n + n", "n + n + 1"), tests)])
    assert (right.verdict, wrong.verdict) == (Verdict.AC, Verdict.WA)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (row("return n", before="import numpy as np"), "needs a package outside the standard library"),
        (row("return n + random.random()", before="import random"), "depends on random numbers or on the time"),
        (row("return datetime.now().year + n", before="from datetime import datetime"), "depends on random"),
        (row("return id(object()) + n"), "depends on random numbers or on the time"),
        (row("return n // 0"), "fails on its own inputs"),
        (row("return {n}"), "fails on its own inputs"),
        (row("return n / 1e-320"), "prints no JSON"),
        (row("print(n)\n    return n"), "prints no JSON, too much, or something else besides"),
        (row("while n: pass"), "takes too long or too much memory"),
        (row("return 'x' * 3000"), "prints no JSON, too much"),
        (row("return n // 100"), "has too few different outputs"),
        (row("return n", GENERATOR.replace("99", "6")), "has too few different inputs"),
        (row("return n", GENERATOR.replace("rng", "np", 1)), "its input generator does not run"),
    ],
)
def test_a_row_that_cannot_be_judged_fairly_says_why(made: Made, given: dict[str, object], reason: str) -> None:
    (found,) = made([given])
    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)


def test_a_doubtful_escape_in_a_program_is_no_warning_of_ours(made: Made) -> None:
    assert isinstance(made([row("return len('\\d' * n)")])[0], Problem)


def test_chance_that_changes_no_result_is_no_reason(made: Made) -> None:
    shuffled = row("x = list(range(n)); random.shuffle(x); return sorted(x)[-1]", before="import random")
    assert isinstance(made([shuffled])[0], Problem)


def test_rows_keep_their_names_wherever_one_starts_and_stand_once(made: Made) -> None:
    rows = [row("return n"), DOUBLE, row("return n")]
    assert [found.name for found in made(rows, start=1)] == ["codeio/1", "codeio/2"]
    assert made(rows, start=2) == [Rejected("codeio/2", "stands there twice")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code_sample": 5}, r"row 2, field 'code_sample': found int 5, wanted str"),
        ({"code_sample": "x = 1"}, r"row 2: found no 'def main_solution\('"),
    ],
)
def test_a_row_of_something_else_is_named(made: Made, changes: dict[str, object], told: str) -> None:
    with pytest.raises(BadRow, match=told):
        made([DOUBLE, DOUBLE | changes])

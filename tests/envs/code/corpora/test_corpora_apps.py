"""APPS' JSONL: a small file in the published schema, read as it should be and spoilt in every way."""

import json
from pathlib import Path
from typing import Any

import pytest

from alphakata.envs.code import Problem, Solution
from alphakata.envs.code.corpora.apps import read_apps
from alphakata.envs.code.corpora.rows import BAD_ROW, BadRow, Rejected
from alphakata.envs.code.judge import Case

TESTS = {"inputs": ["1 2\n", ["5", "5"], "12 30\n"], "outputs": ["3\n", ["10"], "42\n"]}
ROW: dict[str, Any] = {
    "problem_id": 17,
    "question": "Add.\n\n-----Example-----\nInput\n12  30\n\nOutput\n42\n",
    "solutions": json.dumps(["print(sum(map(int, open(0).read().split())))"]),
    "input_output": json.dumps(TESTS),
    "difficulty": "interview",
    "url": "https://example.org/17",
    "starter_code": "",
}


def written(path: Path, *changes: dict[str, Any]) -> Path:
    """Writes a row for each change of `ROW`."""
    (path / "test.jsonl").write_text("".join(json.dumps(ROW | change) + "\n" for change in changes))
    return path / "test.jsonl"


def test_a_row_becomes_a_problem_whose_examples_its_statement_shows(tmp_path: Path) -> None:
    assert list(read_apps(written(tmp_path, {}))) == [
        Problem(
            name="apps/17",
            statement=ROW["question"].strip(),
            examples=(Case("12 30\n", "42\n"),),
            hidden=(Case("1 2\n", "3\n"), Case("5\n5", "10")),
            difficulty="interview",
            solutions=(Solution("python3", "print(sum(map(int, open(0).read().split())))"),),
            source="apps",
        )
    ]


def test_a_problem_may_have_no_solution(tmp_path: Path) -> None:
    (problem,) = read_apps(written(tmp_path, {"solutions": ""}))
    assert isinstance(problem, Problem)
    assert problem.solutions == ()


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("", "has no tests"),
        ("{}", "has no tests"),
        ('{"inputs": [], "outputs": []}', "has no tests"),
        (json.dumps(TESTS | {"fn_name": "add"}), "asks for a function, not for a program"),
    ],
)
def test_a_problem_that_cannot_be_judged_says_why(tmp_path: Path, tests: str, reason: str) -> None:
    (found,) = read_apps(written(tmp_path, {"input_output": tests}))
    assert isinstance(found, Rejected)
    assert (found.name, found.reason) == ("apps/17", reason)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"question": None}, r", field 'question': found NoneType None, wanted str"),
        ({"problem_id": 1.5}, r", field 'problem_id': found float 1\.5, wanted int or str"),
        ({"solutions": "[1]"}, r", field 'solutions': found int 1, wanted the text of a program"),
        ({"solutions": "{}"}, r", field 'solutions': found dict \{\}, wanted list"),
        ({"input_output": "{'a'"}, r", field 'input_output': not JSON"),
        ({"input_output": '{"inputs": []}'}, r", field 'input_output': field 'outputs' is missing, found only inputs"),
        ({"input_output": '{"inputs": ["1"], "outputs": []}'}, r", .*: found 1 inputs and 0 outputs"),
        ({"input_output": '{"inputs": [1], "outputs": [2]}'}, r", .*: found int 1 for a test, wanted a text"),
        ({"question": "\ud800"}, r": found half of a character"),
        ({"input_output": 100_000 * "["}, r": nested deeper than can be read"),
    ],
)
def test_a_bad_row_stops_all_or_is_counted_as_asked(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    path = written(tmp_path, {}, change, {})
    with pytest.raises(BadRow, match=rf"test\.jsonl, row 2{told}"):
        list(read_apps(path))
    first, bad, third = read_apps(path, on_error="skip")
    assert isinstance(bad, Rejected)
    assert (bad.reason, first) == (BAD_ROW, third)


def test_bytes_that_are_no_text_are_named_by_their_row(tmp_path: Path) -> None:
    path = written(tmp_path, {}, {})
    path.write_bytes(path.read_bytes().replace(b"Add.", b"\xff", 1))
    with pytest.raises(BadRow, match=r"test\.jsonl, row 1: not JSON .*codec can't decode"):
        list(read_apps(path))


def test_a_torn_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.jsonl").write_text(json.dumps(ROW)[:-5])
    with pytest.raises(BadRow, match=r"torn\.jsonl, row 1: not JSON"):
        list(read_apps(tmp_path / "torn.jsonl"))

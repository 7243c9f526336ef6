"""Problems in JSON: what is written is read back, and what is wrong is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from alphakata.envs.code import Problem, Solution, read_problems, write_problems
from alphakata.envs.code.judge import Case, CheckerProgram, Floats, Rule, Special, Tokens, YesNo

ADD = Problem(
    name="add",
    statement="Add two numbers.",
    examples=(Case("1 2\n", "3\n"),),
    hidden=(Case("5 5\n", "10\n"),),
    tags=("math",),
    rating=800,
    solutions=(Solution("python3", "print(sum(map(int, input().split())))"),),
)


def test_problems_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    write_problems(tmp_path / "problems.jsonl", [ADD, Problem("é", "?", ())])
    assert read_problems(tmp_path / "problems.jsonl") == (ADD, Problem("é", "?", ()))


def test_a_missing_field_is_named_with_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    path.write_text(ADD.to_json() + '\n{"name": "b", "examples": []}\n')
    with pytest.raises(ValueError, match=r"problems\.jsonl, row 2: field 'statement' is missing, found only name, ex"):
        read_problems(path)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rating", "hard", "field 'rating': found str \"hard\", wanted int"),
        ("rating", True, "field 'rating': found bool true, wanted int"),
        ("tags", "math", "field 'tags': found str \"math\", wanted a list"),
        ("examples", [{"input": "1"}], "field 'examples', item 0: field 'output' is missing, found only input"),
        ("hidden", [["1", "2"]], "field 'hidden', item 0: found list .*, wanted an object with the fields of Case"),
        ("time_limit", 2, "unknown field 'time_limit'; Problem has name, statement"),
        ("several_answers", 1, "field 'several_answers': found int 1, wanted bool"),
        (
            "checker",
            "floats",
            "field 'checker': found str \"floats\", wanted an object whose 'kind' is one of exact, tri",
        ),
        ("checker", {"kind": "near"}, "field 'checker': found str \"near\", wanted an object whose 'kind' is one of"),
        ("checker", {"kind": "floats", "relative": "1e-4"}, "field 'checker', field 'relative': found str \"1e-4\""),
        ("checker", {"kind": "program"}, "field 'checker': field 'source' is missing"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found_and_wanted(field: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Problem.from_json(json.dumps({**json.loads(ADD.to_json()), field: value}), "row 1")


def test_a_torn_line_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    path.write_text(ADD.to_json()[:-9])
    with pytest.raises(ValueError, match="row 1: not JSON"):
        read_problems(path)
    path.write_text("\n")
    with pytest.raises(ValueError, match="no problems in it"):
        read_problems(path)


def test_a_whole_number_of_seconds_is_a_time_limit() -> None:
    row = {**json.loads(ADD.to_json()), "time_limit_seconds": 3}
    assert Problem.from_json(json.dumps(row)).time_limit_seconds == 3


@pytest.mark.parametrize("checker", [Tokens(), YesNo(), Floats(relative=1e-4), CheckerProgram("exit(0)", 2.5)])
def test_a_problem_is_read_back_with_its_checker(checker: Rule) -> None:
    problem = replace(ADD, checker=checker, several_answers=True)
    assert Problem.from_json(problem.to_json()) == problem


def test_a_checker_that_is_a_function_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Special.* cannot be written as JSON; .*take a CheckerProgram"):
        replace(ADD, checker=Special(is_even)).to_json()


def is_even(given: str, expected: str, found: str) -> bool:
    return int(found) % 2 == 0


def test_what_a_player_sees_is_statement_examples_limits_and_checker() -> None:
    assert ADD.prompt == "Add two numbers.\nin\n1 2\nout\n3\ncode\n"
    assert replace(ADD, time_limit_seconds=3.0, memory_limit_bytes=5, checker=YesNo()).as_seen() == Problem(
        "", "Add two numbers.", ADD.examples, time_limit_seconds=3.0, memory_limit_bytes=5, checker=YesNo()
    )

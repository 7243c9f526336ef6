"""Files of problems, prepared in one go or in several."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from alphakata.envs.code import GeneratedProblems, Problem, read_problems, write_problems
from alphakata.envs.code.augmentation import Augmentation
from alphakata.envs.code.judge import CheckerProgram
from alphakata.envs.code.preparation import Preparation, prepare_file

SETTINGS = Preparation(Augmentation(agreeing=2, num_tests=6, num_inputs=20, batch=10))


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    source = GeneratedProblems("train", num_solutions=6, num_mistakes=1)
    some = [source[i] for i in range(4)]
    bare = replace(some[1], name="bare", statement="Something else.", hidden=(), generated=(), solutions=())
    return [*some[:3], replace(some[0], name="double"), bare, some[3]]


@pytest.fixture
def source(problems: list[Problem], tmp_path: Path) -> Path:
    write_problems(tmp_path / "source.jsonl", problems)
    return tmp_path / "source.jsonl"


def test_problems_are_written_augmented_without_doubles_and_those_with_few_tests(source: Path, tmp_path: Path) -> None:
    outcomes = list(prepare_file(source, tmp_path / "target.jsonl", SETTINGS, workers=1))
    assert [outcome.reason for outcome in outcomes] == ["", "", "", "a double", "too few tests, or all alike", ""]
    written = read_problems(tmp_path / "target.jsonl")
    assert written == tuple(outcome.problem for outcome in outcomes if outcome.problem is not None)
    assert [len(problem.generated) for problem in written] == [6] * 4
    assert sum(outcome.num_made for outcome in outcomes) > 0


def test_a_run_that_was_broken_off_goes_on_and_writes_the_same(source: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    list(prepare_file(source, whole, SETTINGS, workers=1))
    list(islice(prepare_file(source, parts, SETTINGS, workers=1), 2))
    with parts.open("a") as file:
        file.write(whole.read_text().splitlines()[2][:50])
    resumed = list(prepare_file(source, parts, SETTINGS, workers=1))
    assert parts.read_bytes() == whole.read_bytes()
    assert [outcome.reason for outcome in resumed[:4]] == ["dealt with before"] * 2 + ["", "a double"]


def test_another_files_work_is_not_gone_on_with(source: Path, tmp_path: Path, problems: list[Problem]) -> None:
    write_problems(tmp_path / "target.jsonl", [replace(problems[0], name="stranger")])
    with pytest.raises(
        ValueError, match=r"target\.jsonl ends with 'stranger', which is not in .*source\.jsonl: name an"
    ):
        list(prepare_file(source, tmp_path / "target.jsonl", SETTINGS, workers=1))


def test_a_problem_whose_checker_fails_is_dropped_and_named(
    tmp_path: Path, problems: list[Problem], caplog: pytest.LogCaptureFixture
) -> None:
    write_problems(tmp_path / "source.jsonl", [replace(problems[0], name="odd", checker=CheckerProgram("exit(3)"))])
    outcomes = list(prepare_file(tmp_path / "source.jsonl", tmp_path / "target.jsonl", SETTINGS, workers=1))
    assert [outcome.reason for outcome in outcomes] == ["its checker failed"]
    assert "problem odd is dropped: the checker program 'exit(3)'... ended with exit code 3" in caplog.text


def test_tests_and_coverage_are_optional(source: Path, tmp_path: Path) -> None:
    outcomes = list(prepare_file(source, tmp_path / "target.jsonl", Preparation(None, only_covered=False), workers=1))
    assert [outcome.reason for outcome in outcomes] == ["", "", "", "a double", "", ""]
    assert not any(outcome.num_made for outcome in outcomes)

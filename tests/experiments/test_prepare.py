"""The command that prepares a file of problems."""

from pathlib import Path

import pytest

from alphakata.envs.code import GeneratedProblems, read_problems, write_problems
from alphakata.experiments.prepare import main


def test_the_command_writes_the_problems_and_says_what_became_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = GeneratedProblems("train", num_solutions=6, num_mistakes=1)[0]
    write_problems(tmp_path / "source.jsonl", [problem, problem])
    main([*(str(tmp_path / f"{name}.jsonl") for name in ("source", "target")), "--agreeing=2", "--tests=5"])
    assert capsys.readouterr().out == "2 problems: 1 kept, 1 a double\n"
    assert [len(problem.generated) for problem in read_problems(tmp_path / "target.jsonl")] == [5]


def test_no_tests_are_made_where_none_are_wanted(tmp_path: Path) -> None:
    problem = GeneratedProblems("train")[0]
    write_problems(tmp_path / "source.jsonl", [problem])
    main([*(str(tmp_path / f"{name}.jsonl") for name in ("source", "target")), "--tests=0"])
    assert read_problems(tmp_path / "target.jsonl")[0].generated == problem.generated

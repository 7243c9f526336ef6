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


def test_it_says_that_no_problem_has_solutions_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_problems(tmp_path / "source.jsonl", [GeneratedProblems("train", num_solutions=2)[0]])
    main([*(str(tmp_path / f"{name}.jsonl") for name in ("source", "target")), "--agreeing=30"])
    assert "no tests made: no problem has 30 correct solutions; see --agreeing\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nope.jsonl"], r"No such file or directory: 'nope\.jsonl'"),
        (["torn.jsonl"], "torn.jsonl, row 1: field 'examples' is missing"),
        (["torn.jsonl", "--workers=0"], "--workers: found 0, wanted 1 or more"),
        (["torn.jsonl", "--agreeing=0"], "agreeing is 0, it must be greater than 0"),
    ],
)
def test_what_a_user_can_cause_is_one_line(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torn.jsonl").write_text('{"name": "a", "statement": "Add."}\n')
    with pytest.raises(SystemExit, match=told):
        main([arguments[0], "target.jsonl", *arguments[1:]])

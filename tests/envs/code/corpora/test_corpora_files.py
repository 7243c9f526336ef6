"""A corpus in a file: made row by row, gone on with, and read in parts that share nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from alphakata.envs.code import CodeContest, Problem, read_problems, write_problems
from alphakata.envs.code.corpora import __main__ as command
from alphakata.envs.code.corpora.files import Part, ProblemFile, build
from alphakata.envs.code.corpora.rows import Rejected, Row
from alphakata.envs.code.judge import Case, Json
from alphakata.envs.types import play

ROWS: list[Row] = [
    Rejected(f"row/{n}", "is odd", str(n))
    if n % 2
    else Problem(f"row/{n}", "é\u2028?", (Case("1", "2"),), checker=Json())
    for n in range(10)
]


def rows(start: int) -> Iterator[Row]:
    yield from ROWS[start:]


def interrupted(start: int) -> Iterator[Row]:
    yield from ROWS[start : start + 4]
    raise KeyboardInterrupt


def test_a_file_has_the_problems_and_its_neighbour_the_reasons(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    assert build(path, rows, "rows") == {"is odd": 5}
    assert list(read_problems(path)) == ROWS[::2]
    told = [json.loads(line) for line in (tmp_path / "rows.jsonl.rejected").read_text().splitlines()]
    assert told[0] == {"name": "row/1", "reason": "is odd", "detail": "1"}
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["rows.jsonl", "rows.jsonl.rejected"]


def test_an_interrupted_file_is_gone_on_with_to_the_same_file(tmp_path: Path) -> None:
    build(tmp_path / "whole", rows, "rows")
    path, seen = tmp_path / "rows.jsonl", []
    with pytest.raises(KeyboardInterrupt):
        build(path, interrupted, "rows")
    assert not path.exists()
    with open(tmp_path / "rows.jsonl.part", "a") as torn:
        torn.write('{"name": "row/4", "statem')
    assert build(path, rows, "rows", lambda number, reasons: seen.append(number)) == {"is odd": 5}
    assert seen == [5, 6, 7, 8, 9, 10]
    assert path.read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_corpus_that_fails_at_once_leaves_no_file(tmp_path: Path) -> None:
    def failing(start: int) -> Iterator[Row]:
        raise ValueError("no such corpus")
        yield

    with pytest.raises(ValueError, match="no such corpus"):
        build(tmp_path / "rows.jsonl", failing, "rows")
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_file_of_something_else_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "rows.jsonl", interrupted, "rows")
    with pytest.raises(ValueError, match=r'rows\.jsonl\.part was begun as \{"recipe": "rows"\}, wanted .*"others"'):
        build(tmp_path / "rows.jsonl", rows, "others")


def test_train_and_test_share_nothing_and_leave_nothing_out(tmp_path: Path) -> None:
    path = str(tmp_path / "many.jsonl")
    write_problems(path, [Problem(f"many/{n}", "?", (Case("1", "2"),)) for n in range(300)])
    names = [{problem.name for problem in ProblemFile(path, part)} for part in get_args(Part)]
    everything, train, test = names
    assert train | test == everything
    assert not train & test
    assert len(test) == pytest.approx(30, abs=15)


def test_a_program_is_judged_by_the_problems_own_checker(tmp_path: Path) -> None:
    path = str(tmp_path / "one.jsonl")
    write_problems(path, [Problem("one", "?", (Case("1", "[0.3, 2]"),), checker=Json())])
    world = CodeContest(ProblemFile(path))
    program = world.codec.encode("print([0.1 + 0.2,\n2])").tolist()
    assert play(world, world.init(5), [*program, world.end]).rewards.tolist() == [1.0]


def test_a_world_is_built_without_its_file_and_asks_for_it_by_name_when_it_is_played() -> None:
    world = CodeContest(ProblemFile("nowhere.jsonl"))
    with pytest.raises(
        FileNotFoundError, match=r"nowhere\.jsonl, a file of problems, does not exist: `python -m alphak"
    ):
        world.init(0)


def test_an_unknown_or_empty_part_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "one.jsonl")
    write_problems(path, [Problem("one", "?", ())])
    with pytest.raises(ValueError, match=r"part is 'valid', it must be one of \('all', 'train', 'test'\)"):
        len(ProblemFile(path, "valid"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="none of its 1 problems is in the part 'test'"):
        len(ProblemFile(path, "test"))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["corpora", *map(str, arguments)])
    return command.main()


APPS = {"problem_id": 1, "question": "?", "solutions": "", "difficulty": "", "input_output": ""}


def test_the_command_makes_a_file_and_says_why_rows_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = json.dumps({"inputs": ["1"], "outputs": ["2"]})
    lines = [APPS, APPS | {"input_output": tests}, APPS | {"question": 3}]
    (tmp_path / "apps.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = tmp_path / "out.jsonl"
    assert call(monkeypatch, "apps", tmp_path / "apps.jsonl", out) == 1
    assert "row 3, field 'question': found int 3" in capsys.readouterr().err
    (tmp_path / "out.jsonl.part").unlink()
    assert call(monkeypatch, "apps", tmp_path / "apps.jsonl", out, "--skip-bad") == 0
    printed = capsys.readouterr().out
    assert f"{out}: 1 problems" in printed
    assert "1 rows: has no tests" in printed
    assert "1 rows: is not in the format" in printed


def test_the_command_refuses_a_source_where_none_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call(monkeypatch, "human_eval", "source", "file")
    assert "human_eval wants FILE alone" in capsys.readouterr().err


def test_progress_is_told_with_a_rate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "SECONDS_BETWEEN_LINES", 0.0)
    progress = command.Progress()
    progress(1001, Counter({"is odd": 3}))
    assert capsys.readouterr().err.startswith("1,001 rows, 998 problems, ")


def test_no_file_is_made_of_itself_nor_in_the_place_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "apps.jsonl"
    source.write_text(json.dumps(APPS) + "\n")
    for target, told in (source, "is the file to read, wanted another"), (tmp_path, "is a folder, wanted the name"):
        assert call(monkeypatch, "apps", source, target) == 1
        assert told in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["apps.jsonl"]


def test_a_file_of_another_source_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "apps.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(APPS) + "\n" + json.dumps(APPS | {"question": 3}) + "\n")
    assert call(monkeypatch, "apps", source, out) == 1
    source.write_text(json.dumps(APPS | {"difficulty": "changed"}) + "\n" + json.dumps(APPS) + "\n")
    assert call(monkeypatch, "apps", source, out) == 1
    assert "delete it or finish it" in capsys.readouterr().err

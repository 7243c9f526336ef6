"""The command line: exit codes, one paragraph for every mistake, and going on where a run was."""

import io
import json
import sys
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import get_args

import pytest

from alphakata.envs.code.judge import JudgeUnavailable
from alphakata.envs.requirements import ContractError
from alphakata.experiments import worlds
from alphakata.experiments.cli import HOWS, main
from alphakata.experiments.matching import How

Captured = pytest.CaptureFixture[str]


def told(capsys: Captured) -> str:
    """Returns what stands on standard error, which must be one paragraph."""
    text = capsys.readouterr().err
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize(
    "argv",
    [[], ["runn"], ["run", "--bogus"], ["report"], ["doctor", "env=code"], ["compare", "a", "--how=stict"]],
)
def test_a_wrong_command_is_a_usage_error(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stop:
        main(argv)

    assert stop.value.code == 2
    assert "usage: alphakata" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run", "env=conect_four"], "there is no env 'conect_four'"),
        (["run", "train.stepz=3"], "did you mean 'steps'?"),
        (["run", "train.steps=three"], "train.steps: found 'three', wanted int"),
        (["run", "train.steps=1,2"], "say so with -m"),
        (["run", "--resume=nowhere"], "nowhere is no run"),
        (["run", "-m", "--resume", "train.steps=1,2"], "resume them one by one"),
        (["eval"], "add checkpoint=DIR"),
        (["compare", "nowhere"], "nowhere is no run"),
        (["envs", "check"], "envs check wants a world: chess, code"),
        (["envs", "check", "checkers"], "there is no env 'checkers'"),
        (["run", "experiment=tiny", "agent.num_heads=3", "--dry-run"], "no multiple of 2 x num_heads"),
        (["solve", "task=-1"], "task: found -1, wanted 0, the first problem, or more"),
        (["solve", "env=tictactoe"], "solve wants a code contest, found TicTacToe"),
    ],
)
def test_a_wrong_word_is_one_paragraph_and_exit_code_2(
    argv: list[str], words: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(argv) == 2
    assert words in told(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        ContractError("legal lies"),
        JudgeUnavailable("no judge"),
        OSError("disk is full"),
        ImportError("no rlax"),
        BrokenExecutor("a worker died"),
    ],
)
def test_what_a_world_or_a_machine_causes_is_one_paragraph_and_exit_code_1(
    error: Exception, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(worlds, "check_env", fail)

    assert main(["envs", "check", "tictactoe"]) == 1
    assert told(capsys) == f"alphakata: {error}\n"
    assert main(["envs", "check", "tictactoe", "-v"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_what_only_we_can_cause_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(worlds, "check_env", fail)

    with pytest.raises(RuntimeError, match="a mistake of ours"):
        main(["envs", "check", "tictactoe"])


def test_every_way_to_match_bills_can_be_asked_for() -> None:
    assert get_args(How) == HOWS


def test_a_problem_file_with_a_missing_field_is_named(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "problems.jsonl"
    file.write_text('{"name": "a", "statement": "Add."}\n')

    assert main(["solve", f"file={file}"]) == 1
    assert "examples" in told(capsys)


def test_a_dry_run_prints_the_whole_configuration_and_leaves_nothing(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["run", "experiment=tiny", "searches.puct.c1=2.5", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "c1: 2.5" in printed
    assert "\nthreads: null\n" in printed
    assert "c2: 19652.0" in printed
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_tells_of_a_search_that_is_asked_for_in_no_world(capsys: Captured, tmp_path: Path) -> None:
    chosen = ["experiment=tiny", "env=rts", "search=[sample,alphacode]"]
    assert main(["run", *chosen, f"--root={tmp_path}", "--dry-run"]) == 0
    assert "rts does not take alphacode: left out" in capsys.readouterr().err


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there_is_refused_before_anything_is_written(
    device: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["run", "experiment=tiny", f"device={device}"]) == 1
    assert f"device: found '{device}'" in told(capsys)
    assert list(tmp_path.iterdir()) == []


def test_play_reads_the_keyboard(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n4\n2\n5\n3\n"))

    assert main(["play", "env=tictactoe", "seats=[person,person]"]) == 0
    assert capsys.readouterr().out.endswith("person +1, person -1\n")


def test_doctor_finds_this_machine_well(capsys: Captured) -> None:
    assert main(["doctor", "--json"]) == 0
    found = {finding["name"]: finding["found"] for finding in json.loads(capsys.readouterr().out)}
    assert found.keys() >= {"torch", "rlax", "judge"}
    assert all(layer in found["sandbox"] for layer in ("namespaces (", "landlock (", "seccomp ("))


def test_a_world_whose_extra_is_missing_is_left_out_by_name(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setitem(sys.modules, "pyspiel", None)
    assert main(["envs"]) == 0
    listed = capsys.readouterr()
    assert "chess is left out: OpenSpiel's games need the extra `games`" in listed.err
    assert "connect_four" in listed.out
    assert main(["envs", "check", "chess"]) != 0
    assert "need the extra `games`" in capsys.readouterr().err

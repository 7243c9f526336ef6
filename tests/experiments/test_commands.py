"""One tiny run, made once and looked at from every side: resumed, reported, compared, evaluated, played with."""

import json
from pathlib import Path

import pytest

from alphakata.experiments.cli import main

Captured = pytest.CaptureFixture[str]


def told(capsys: Captured) -> str:
    """Returns what stands on standard error, which must be one paragraph."""
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    return text


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    assert main(["run", "experiment=tiny", f"--root={root}", "--quiet"]) == 0
    return root


@pytest.fixture
def folder(runs: Path) -> Path:
    (config,) = runs.glob("tiny/*/config.yaml")
    return config.parent


def test_it_leaves_everything_in_its_folder(folder: Path) -> None:
    for name in ("overrides.yaml", "meta.json", "tb", "checkpoints", "trajectories", "summary.json", "log"):
        assert (folder / name).exists(), name


def test_it_goes_on_with_its_own_configuration_and_has_nothing_left_to_do(runs: Path, folder: Path) -> None:
    before = (folder / "records.jsonl").read_bytes()

    assert main(["run", "--resume", f"--root={runs}", "--quiet"]) == 0
    assert (folder / "records.jsonl").read_bytes() == before


def test_a_changed_configuration_is_refused(runs: Path, folder: Path, capsys: Captured) -> None:
    assert main(["run", "--resume", "experiment=tiny", "train.steps=11", f"--root={runs}"]) == 2
    assert f"{folder} was started with learner.steps 10, found 11" in told(capsys)


def test_what_is_not_said_again_stands_as_it_was_chosen(folder: Path, capsys: Captured) -> None:
    assert main(["run", f"--resume={folder}", "batch.length=512"]) == 2
    assert "was started with batch.length 256, found 512: a run keeps its configuration" in told(capsys)


def test_its_log_tells_the_stages(folder: Path) -> None:
    log = (folder / "log").read_text()

    assert [stage for stage in ("demonstrate", "imitate", "evaluate", "report") if f" {stage}: " in log] == [
        "demonstrate",
        "imitate",
        "evaluate",
        "report",
    ]


def test_its_report_can_be_written_again(folder: Path) -> None:
    written = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()

    assert main(["report", str(folder)]) == 0
    assert (folder / "report.html").read_bytes() == written


def test_it_is_compared_with_itself(folder: Path, capsys: Captured) -> None:
    assert main(["compare", str(folder), "--how=none", "--json"]) == 0
    once = json.loads(capsys.readouterr().out)
    assert {row["setting"] for row in once if row["env"] == "tictactoe"} == {"sample", "puct"}

    assert main(["compare", str(folder), "--how=none"]) == 0
    assert "tictactoe" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (
            "--baseline=smaple",
            "--baseline: there is no 'smaple' (known: alphacode, puct, sample); did you mean 'sample'?",
        ),
        ("--match=policy_token", "did you mean 'policy_tokens'?"),
    ],
)
def test_a_wrong_word_to_compare_by_is_named(folder: Path, option: str, words: str, capsys: Captured) -> None:
    assert main(["compare", str(folder), option]) == 2
    assert words in told(capsys)


def test_unequal_bills_are_not_compared_unless_told_how(folder: Path, capsys: Captured) -> None:
    assert main(["compare", str(folder)]) == 1
    assert "which differ by more than 2.0%" in told(capsys)


def test_only_the_verb_that_started_a_run_goes_on_with_it(runs: Path, folder: Path, capsys: Captured) -> None:
    assert main(["train", f"--resume={folder}"]) == 2
    assert f"{folder} was started by alphakata run, found train" in told(capsys)

    assert main(["train", "--resume", f"--root={runs}"]) == 2
    assert f"{runs} holds no run of alphakata train to go on with" in told(capsys)


@pytest.mark.parametrize("more", [["--dry-run"], []])
def test_a_checkpoint_that_is_not_there_is_refused_before_a_folder_is_made(
    tmp_path: Path, capsys: Captured, more: list[str]
) -> None:
    assert main(["eval", "experiment=tiny", f"checkpoint={tmp_path}/nowhere", f"--root={tmp_path}", *more]) == 1
    assert "nowhere/config.json is missing" in told(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_is_no_policy_and_the_refusal_names_those_it_has(folder: Path, capsys: Captured) -> None:
    assert main(["play", "env=tictactoe", "seats=[sample,opponent]", f"checkpoint={folder}"]) == 1
    assert told(capsys).rstrip().endswith(f"{folder} is a run, wanted one of its policies: {folder}/checkpoints/seed_0")


def test_its_policy_is_evaluated_elsewhere_and_compared(runs: Path, folder: Path, capsys: Captured) -> None:
    overrides = [f"checkpoint={folder}/checkpoints/seed_0", "experiment=tiny", "env=tictactoe", "name=again"]

    assert main(["eval", *overrides, f"--root={runs}", "--quiet"]) == 0
    (again,) = (report.parent for report in runs.glob("again/*/report.html"))
    capsys.readouterr()
    assert main(["compare", str(folder), str(again), "--how=none", "--json"]) == 0
    settings = {row["setting"] for row in json.loads(capsys.readouterr().out) if row["env"] == "tictactoe"}
    assert settings == {f"{name} in {run.name}" for name in ("sample", "puct") for run in (folder, again)}


def test_its_policy_plays_and_solves(folder: Path, capsys: Captured) -> None:
    checkpoint = f"checkpoint={folder}/checkpoints/seed_0"

    assert main(["play", "env=tictactoe", "seats=[puct,opponent]", "budget.predictions=4", checkpoint]) == 0
    assert "puct: " in capsys.readouterr().out

    assert main(["solve", "budget.policy_tokens=500", "--json", checkpoint]) in (0, 1)
    assert 0 < json.loads(capsys.readouterr().out)["cost"]["policy_tokens"] <= 500


def test_a_torn_checkpoint_is_named(folder: Path, capsys: Captured, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    for file in next(folder.glob("checkpoints/seed_0/*")).iterdir():
        (torn / file.name).write_bytes(file.read_bytes()[:-7])

    assert main(["play", "env=tictactoe", "seats=[puct,opponent]", f"checkpoint={torn}"]) == 1
    assert str(torn) in told(capsys)

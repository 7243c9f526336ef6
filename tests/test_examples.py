"""A world in a package of its own gets everything without a line of ours being touched."""

import json
from pathlib import Path

import pytest

from alphakata.experiments.cli import main


@pytest.mark.usefixtures("nim_installed")
def test_nim_gets_imitation_every_search_and_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["envs.nim.num_demonstrations=20", "envs.nim.num_episodes=2", "envs.nim.budgets=[{predictions: 8}]"]
    searches = "search=[sample,best_of_n,alphacode,beam,puct]"

    code = main(["run", "experiment=tiny", "env=nim", searches, *few, f"--root={tmp_path}", "--quiet"])

    (report,) = tmp_path.glob("tiny/*/report.html")
    rows = json.loads(report.with_name("summary.json").read_text())
    assert code == 0
    assert str(report) in capsys.readouterr().out.replace("\n", "")
    assert {row["env"] for row in rows} == {"nim"}
    assert {row["setting"] for row in rows} == {"sample", "best_of_n", "alphacode", "beam", "puct"}


@pytest.mark.usefixtures("nim_installed")
def test_nim_is_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["envs", "--json"]) == 0
    assert "nim.game" not in (listed := capsys.readouterr().out)
    assert "nim" in {card["name"] for card in json.loads(listed)}

    assert main(["envs", "check", "nim"]) == 0
    assert "Nim keeps the contract" in capsys.readouterr().out

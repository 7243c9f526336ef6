"""The page of a replay, as text; `test_pages.py` opens it."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from alphakata.experiments.cli import main
from alphakata.experiments.replay import Replay
from alphakata.experiments.view import page

REPLAY = Replay(
    "tictactoe", 0, ["puct", "</script>"], [1, -1], {}, True, ["everything"], [{"turn": 0, "views": ["<svg/>"]}]
)


def test_the_page_asks_for_nothing_from_outside() -> None:
    assert re.findall(r'(?:src|href)=|url\(|@import|https?://[^"]*"', page(REPLAY)) == []
    assert "default-src 'none'" in page(REPLAY)


def test_the_page_runs_its_own_script_and_no_other() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", page(REPLAY), re.DOTALL)

    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in page(REPLAY)


def test_what_a_replay_says_cannot_end_the_element_that_holds_it() -> None:
    (data,) = re.findall(r'<script id="replay" type="application/json">(.*?)</script>', page(REPLAY), re.DOTALL)

    assert json.loads(data)["seats"] == ["puct", "</script>"]
    assert "<title>tictactoe, episode 0: puct against &lt;/script&gt;</title>" in page(REPLAY)


def test_a_picture_that_comes_up_twice_is_told_once() -> None:
    twice = replace(REPLAY, frames=[{"turn": i, "views": ["<svg>twice</svg>"]} for i in range(2)])

    assert page(twice).count("svg>twice") == 1


def test_figures_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        page(replace(REPLAY, returns=[float("nan"), 0]))


def test_what_play_recorded_becomes_a_page_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "game.parquet"

    assert (
        main(["play", "env=tictactoe", "seats=[puct,opponent]", "searches.puct.num_simulations=4", f"record={file}"])
        == 0
    )
    assert main(["view", str(file)]) == 0
    assert capsys.readouterr().out.endswith(f"Page: {tmp_path / 'game.html'}\n")
    assert "puct against opponent" in (tmp_path / "game.html").read_text()


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nowhere.parquet", 2, "nowhere.parquet does not exist"),
        ("torn.parquet", 1, "torn.parquet is no whole shard of trajectories"),
        ("report.html", 2, "report.html is no Parquet"),
        ("", 2, "is no run"),
    ],
)
def test_what_is_no_replay_is_refused_in_a_paragraph(
    name: str, code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    (tmp_path / "report.html").write_text("<!doctype html>")

    assert main(["view", str(tmp_path / name)]) == code
    assert words in capsys.readouterr().err

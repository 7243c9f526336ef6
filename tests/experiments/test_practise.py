"""Practice in a run: from nothing to a report, on the smallest of worlds; and what it refuses."""

import json
from pathlib import Path

import pytest

from alphakata.experiments.absorbed import search_gain_absorbed, watched
from alphakata.experiments.acting import trained
from alphakata.experiments.build import build
from alphakata.experiments.cli import main
from alphakata.experiments.configure import ConfigError, compose
from alphakata.experiments.folder import RunFolder
from alphakata.experiments.records import Record, read_records
from alphakata.experiments.run import RunConfig

SMALL = [
    "experiment=connect_four_zero",
    "agent={d_model: 16, num_layers: 1, num_heads: 2, num_kv_heads: 2, d_ff: 32, max_length: 64}",
    "search=[greedy,gumbel]",
    "searches.gumbel.num_simulations=4",
    "practice.search.num_simulations=4",
    "practice.loop={iterations: 3, episodes: 8, episodes_per_chunk: 4, updates: 2, match_episodes: 4}",
    "practice.batch={rows: 4, length: 72}",
    "practice.learner.steps=6",
    "practice.watched_every=2",
    "practice.watched_episodes=4",
    "envs.connect_four.num_episodes=4",
    "envs.connect_four_one_ply.num_episodes=4",
    "processes=2",
    "threads=2",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The folder of a run that practised."""
    root = tmp_path_factory.mktemp("runs")
    assert main(["run", "-q", *SMALL, f"--root={root}"]) == 0
    return RunFolder.newest(root, "run")


def test_a_run_without_demonstrations_practises_and_evaluates_the_strongest(folder: RunFolder) -> None:
    practice = folder.practice(0)
    results = [json.loads((practice / f"iteration_{i:04d}/match.json").read_text()) for i in (1, 2, 3)]
    passed = max([0, *(result["iteration"] for result in results if result["accepted"])])
    assert trained(practice) == practice / f"iteration_{passed:04d}" / "policy"
    assert {record.setting for record in read_records(folder.records)} == {"greedy", "gumbel"}
    assert not folder.checkpoint(0).exists()


def test_every_second_iteration_and_the_last_are_watched_alone_and_with_search(folder: RunFolder) -> None:
    found = watched([folder.practice(0)])
    assert list(found) == [2, 3]
    played = {(record.env, record.setting) for record in found[3]}
    assert played == {(env, name) for env in ("connect_four", "connect_four_one_ply") for name in ("greedy", "gumbel")}
    assert "<h2>Search gain absorbed</h2>" in folder.report.read_text()


def test_a_finished_run_is_resumed_to_the_same_records(folder: RunFolder) -> None:
    before = folder.records.read_bytes()
    assert main(["run", "-q", "--resume", str(folder.path)]) == 0
    assert folder.records.read_bytes() == before


def test_a_policy_that_practised_plays_on_the_command_line(folder: RunFolder) -> None:
    seats = ["seats=[gumbel,opponent]", "search=[gumbel]", "searches.gumbel.num_simulations=2"]
    assert main(["play", "env=connect_four", f"checkpoint={folder.practice(0)}", *seats]) == 0


def scored(iteration_scores: list[float], setting: str) -> list[Record]:
    return [
        Record("go", setting, "unlimited", task, 0, 0, score, 1, {"seconds": 1.0})
        for task, score in enumerate(iteration_scores)
    ]


def test_the_report_says_what_the_policy_scores_alone_with_search_and_the_gain() -> None:
    records = {
        1: scored([0.0] * 20, "greedy") + scored([0.0, 1.0] * 10, "puct"),
        2: scored([0.0, 1.0] * 10, "greedy") + scored([1.0] * 20, "puct"),
    }
    html = search_gain_absorbed(records, ["greedy", "puct"])
    assert "<th>iteration</th>" in html
    assert html.count("<tr>") == 3
    assert "<strong>+0.50</strong>" in html
    assert search_gain_absorbed({}, ["greedy", "puct"]) == ""


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("practice.env=go", "practice.env: found 'go', wanted one of connect_four, connect_four_one_ply"),
        ("practice.watched=[beam]", "practice.watched: found 'beam', wanted searches that are chosen: sample"),
        ("practice.watched_every=0", "practice.watched_every: found 0, wanted 1 or more"),
        ("practice.loop.updates=0", "practice.loop: updates: found 0, wanted 1 or more"),
        ("practice=null", "envs.connect_four: found neither a demonstrator nor a practice"),
    ],
)
def test_a_practice_that_cannot_be_is_refused(override: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(compose(["experiment=connect_four_zero", override]), RunConfig)


def test_nobody_practises_on_the_problems_of_the_examination() -> None:
    practice = "practice={env: code, search: {_target_: alphakata.search.sample.Sample}, learner: {}}"
    with pytest.raises(ConfigError, match=r"problems it is evaluated on; set envs\.code\.school"):
        build(compose(["experiment=tiny", practice]), RunConfig)


def test_a_folder_without_iterations_is_taken_as_it_is(tmp_path: Path) -> None:
    assert trained(tmp_path) == tmp_path

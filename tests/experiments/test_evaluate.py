from pathlib import Path
from typing import Any

import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.demonstrations import ExpertGames, UniformExpert
from alphakata.envs.rts import MapSettings
from alphakata.envs.rts.demonstrations import BotGames
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.players import Bot
from alphakata.envs.types import SequentialEnv
from alphakata.experiments.evaluate import Keep, chunks, evaluate_chunks, seat, tell_left_out
from alphakata.experiments.records import RecordFile, without_times
from alphakata.experiments.replay import read_replay
from alphakata.experiments.task import Task
from alphakata.search import BestOfN, Limits, Puct, Sample, Search

SETTINGS: dict[str, Search] = {"sample": Sample(), "best_of_n": BestOfN(8), "puct": Puct(8)}


def speak(world: SequentialEnv[Any]) -> UniformPolicy:
    return UniformPolicy(world.codec.size)


def task(**changes: Any) -> Task:
    games = ExpertGames([UniformExpert()])
    budgets = (Limits(predictions=1), Limits(predictions=9))
    return Task(
        TicTacToe(), games, opponent=UniformExpert(), num_episodes=6, episodes_per_chunk=2, budgets=budgets, **changes
    )


@pytest.mark.parametrize(("is_asked", "lines"), [(True, 1), (False, 0)])
def test_a_search_that_no_world_names_is_not_left_out_without_a_word(
    is_asked: bool, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    # Whatever level a command left behind.
    caplog.set_level("WARNING")
    worlds = {"race": task(), "tictactoe": task(searches=["sample"]), "other": task(searches=["sample", "puct"])}
    tell_left_out(worlds, {"sample": Sample(), "puct": Puct(8)}, is_asked)
    assert caplog.messages == []

    tell_left_out({**worlds, "other": task()}, {"sample": Sample(), "puct": Puct(8)}, is_asked)
    told = "tictactoe does not take puct: left out; set envs.tictactoe.searches=[sample,puct] to ask for it there"
    assert caplog.messages == [told] * lines


def test_every_setting_plays_every_episode_at_every_budget(tmp_path: Path) -> None:
    records = RecordFile(tmp_path / "records.jsonl")
    evaluate_chunks(chunks({"tictactoe": task()}, SETTINGS), speak, 0, records)
    assert len(records.keys()) == 3 * 6 * 2
    assert all(record.cost["predictions"] <= 9 * record.decisions for record in records.records())


def test_an_interrupted_evaluation_repeats_only_what_is_missing_and_ends_the_same(tmp_path: Path) -> None:
    work = chunks({"tictactoe": task()}, SETTINGS)
    whole, parts = RecordFile(tmp_path / "whole.jsonl"), RecordFile(tmp_path / "parts.jsonl")
    evaluate_chunks(work, speak, 0, whole)
    evaluate_chunks(work[:1], speak, 0, parts)
    before = parts.path.read_text()
    evaluate_chunks(work, speak, 0, parts)
    assert parts.path.read_text().startswith(before)
    assert [without_times(r) for r in parts.records()] == [without_times(r) for r in whole.records()]


def test_two_processes_record_what_one_does(tmp_path: Path) -> None:
    work = chunks({"tictactoe": task()}, SETTINGS)
    alone, together = RecordFile(tmp_path / "alone.jsonl"), RecordFile(tmp_path / "together.jsonl")
    evaluate_chunks(work, speak, 0, alone)
    evaluate_chunks(work, speak, 0, together, processes=2)
    assert [without_times(r) for r in together.records()] == [without_times(r) for r in alone.records()]


def test_only_settings_that_apply_are_played_and_none_is_an_error() -> None:
    (first, *_) = chunks({"tictactoe": task(searches=["puct", "alphacode"])}, SETTINGS)
    assert list(first.settings) == ["puct"]
    with pytest.raises(ValueError, match="none of sample, best_of_n, puct applies to 'tictactoe'"):
        chunks({"tictactoe": task(searches=["alphacode"])}, SETTINGS)


def test_the_evaluated_player_takes_every_seat_in_turn() -> None:
    assert [seat(task(), seed) for seed in range(4)] == [0, 1, 0, 1]
    assert task().score((1.0, -1.0), 1) == 0.0


def test_a_world_of_two_wants_an_opponent() -> None:
    with pytest.raises(ValueError, match="TicTacToe seats 2 players: name an `opponent`"):
        Task(TicTacToe(), ExpertGames([UniformExpert()]))


def test_a_record_names_the_strategy_that_the_world_dealt_the_opponent(tmp_path: Path) -> None:
    world = Skirmish(MapSettings(limit=20), strategies=["turtle", "economy"])
    rts = Task(world, BotGames(), opponent=Bot(), num_episodes=8)
    records = RecordFile(tmp_path / "records.jsonl")
    evaluate_chunks(chunks({"rts": rts}, {"sample": Sample()}), speak, 0, records)
    dealt = [world.init(seed).inner.dealt[1 - seed % 2] for seed in range(8)]
    assert [record.outcome["opponent"] for record in records.records()] == [f"bot {name}" for name in dealt]
    assert set(dealt) == {"turtle", "economy"}


@pytest.mark.parametrize("processes", [1, 2])
def test_the_first_episodes_are_kept_as_replays_of_every_setting_at_every_budget(
    tmp_path: Path, processes: int
) -> None:
    work, keep = chunks({"tictactoe": task()}, SETTINGS), Keep(tmp_path, num_episodes=3)

    evaluate_chunks(work, speak, 5, RecordFile(tmp_path / "records.jsonl"), processes, keep)

    assert len(list(tmp_path.glob("*.parquet"))) == 3 * 3 * 2
    replay = read_replay(tmp_path / "tictactoe_puct_9-predictions_5_1.parquet")
    assert (replay.seed, replay.seats) == (1, ["opponent", "puct"])

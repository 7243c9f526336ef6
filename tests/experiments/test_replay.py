"""What a replay tells of an episode, and what it refuses to be made of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.envs.board import ConnectFour, TicTacToe
from alphakata.envs.code.env import CodeContest
from alphakata.envs.code.generate import GeneratedProblems
from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.players import Bot
from alphakata.envs.shards import read_shard, write_shard
from alphakata.envs.types import SequentialEnv
from alphakata.experiments.replay import Replay, read_replay, write_replay
from alphakata.search import BestOfN, Player, Puct, Root, Sample, Scheduler, Search, rollout
from alphakata.search.outline import Outline
from alphakata.search.rollout import Episode
from alphakata.search.scripted import Scripted


def play(world: SequentialEnv[Any], *searches: Search, max_turns: int | None = None) -> Episode:
    policy = UniformPolicy(world.codec.size)
    players = [Player(f"player {i}", search, policy) for i, search in enumerate(searches)]
    (episode,) = Scheduler().run([rollout(world, 3, players, max_turns=max_turns)])
    return episode


def told(path: Path, world: SequentialEnv[Any], episode: Episode) -> Replay:
    write_replay(path / "replay.parquet", "world", world, episode)
    return read_replay(path / "replay.parquet")


def test_every_decision_is_told_in_its_order_and_the_end_after_them(tmp_path: Path) -> None:
    world = TicTacToe()
    episode = play(world, Puct(8), Puct(8))
    replay = told(tmp_path, world, episode)

    assert replay.seats == ["player 0", "player 1"]
    assert [frame.get("player") for frame in replay.frames] == [turn.player for turn in episode.turns] + [None]
    assert [frame["views"][0] for frame in replay.frames[:-1]] == [
        world.draw(turn.state, None) for turn in episode.turns
    ]
    assert replay.frames[-1]["views"] == [world.draw(episode.final, None)]
    assert replay.returns == list(episode.returns)


def test_what_is_saved_are_the_trajectories_that_were_played(tmp_path: Path) -> None:
    world = TicTacToe()
    episode = play(world, Puct(4), Puct(4))
    told(tmp_path, world, episode)

    for saved, played in zip(read_shard(tmp_path / "replay.parquet"), episode.trajectories, strict=True):
        assert saved.tokens.tolist() == played.tokens.tolist()
        assert saved.returns == played.returns


def test_a_tree_search_tells_its_candidates_most_visited_first_and_its_tree(tmp_path: Path) -> None:
    world = ConnectFour()
    frame = told(tmp_path, world, play(world, *[Puct(40, outline=Outline())] * 2, max_turns=1)).frames[0]

    visits = [candidate["figures"][frame["columns"].index("visits")] for candidate in frame["candidates"]]
    assert visits == sorted(visits, reverse=True)
    assert [candidate["played"] for candidate in frame["candidates"]] == [True] + [False] * 6
    assert [node["token"] for node in frame["tree"]] == [candidate["move"] for candidate in frame["candidates"]]
    assert frame["facts"] == {"simulations": 40}


def test_sampled_moves_are_told_as_words_beside_their_values(tmp_path: Path) -> None:
    world = Skirmish()
    frame = told(tmp_path, world, play(world, *[BestOfN(8)] * 2, max_turns=1)).frames[0]

    assert frame["columns"] == ["value"]
    assert frame["moves"] == [frame["candidates"][0]["move"]]
    assert all(candidate["move"].endswith("end") for candidate in frame["candidates"])


FOGGY = """
    B W . . . . . . .
    . . . . . {} {} w b
"""


def test_a_search_s_trace_is_the_same_wherever_a_hidden_unit_stands() -> None:
    world, traces = Skirmish(), []
    for cells in ("l.", ".l"):
        model, state = world.model(world.begin(from_drawing(FOGGY.format(*cells)), ("turtle", "turtle")), seed=7)
        player = Player("puct", Puct(400, outline=Outline()), UniformPolicy(world.codec.size))
        root = Root(model, state, Stream(state.tokens), seed=0)
        (decided,) = Scheduler().decide(player, [root], [np.random.default_rng(0)])
        traces.append(decided.decision.trace)

    assert traces[0]["tree"]
    assert traces[0] == traces[1]


def test_a_world_that_looks_alike_to_all_has_one_picture_and_one_in_fog_three(tmp_path: Path) -> None:
    games: list[tuple[SequentialEnv[Any], Search]] = [(ConnectFour(), Puct(2)), (Skirmish(), Scripted(Bot()))]

    views = [told(tmp_path, world, play(world, search, search, max_turns=4)).views for world, search in games]

    assert views == [["everything"], ["everything", "as player 0, player 0", "as player 1, player 1"]]


def test_a_world_that_cannot_draw_is_told_in_words(tmp_path: Path) -> None:
    world = CodeContest(GeneratedProblems(split="test"), attempts=1)
    replay = told(tmp_path, world, play(world, Sample()))

    assert not replay.is_drawn
    assert replay.frames[0]["views"] == [world.codec.decode(world.init(3).tokens.tolist())]


def test_a_file_that_is_no_whole_replay_is_refused(tmp_path: Path) -> None:
    world, path = TicTacToe(), tmp_path / "replay.parquet"
    told(tmp_path, world, play(world, Puct(4), Puct(4)))
    rows = read_shard(path)

    for some in ([], rows[:1], [*rows, *rows]):
        write_shard(path, some)
        with pytest.raises(ValueError, match=r"is no replay of one episode: .* record one with alphakata play"):
            read_replay(path)

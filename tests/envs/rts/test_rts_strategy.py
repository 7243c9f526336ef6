"""`z` says what a side made, is read at the head of observations, and is told as often as it should be."""

import numpy as np
import pytest

from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.demonstrations import BotGames
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.maps import SMALL, new_game
from alphakata.envs.rts.players import Bot
from alphakata.envs.rts.rules import BARRACKS, LIGHT, WORKER
from alphakata.envs.rts.strategy import STRATEGIES, foreseen, statistic
from alphakata.envs.rts.words import codec

ENV, WORDS = Skirmish(first_map=1000), codec()


def z(strategy: str, seed: int = 0) -> str:
    told = foreseen(new_game(SMALL, seed), seed % 2, strategy, np.random.default_rng(seed))
    return WORDS.decode(told.tolist())


def test_the_statistic_is_the_build_order_and_how_many_of_each_kind() -> None:
    games = from_drawing("B . . b")
    games["opening"][0, 1, :5] = [WORKER, BARRACKS, LIGHT, LIGHT, LIGHT]
    games["made"][0, 1, [WORKER, BARRACKS, LIGHT]] = 1, 1, 7

    told = WORDS.decode(statistic(games, 1).tolist())

    assert told == "first.worker second.barracks third.light fourth.light all.barracks.1 all.worker.1 all.light.5-8"
    assert len(statistic(games, 0)) == 0


@pytest.mark.parametrize(
    ("strategy", "word"), [("light_rush", "light"), ("heavy_rush", "heavy"), ("ranged_rush", "ranged")]
)
def test_a_rush_is_foreseen_to_make_what_it_is_called_after(strategy: str, word: str) -> None:
    for seed in range(6):
        assert f"second.barracks third.{word}" in z(strategy, seed)


def test_who_is_told_a_strategy_reads_it_first_and_all_else_after() -> None:
    plain, told = (Skirmish(told=told).init(4) for told in (None, "worker_rush"))
    shown = WORDS.decode(told.tokens.tolist())

    assert shown.startswith("first.worker second.worker third.worker fourth.worker all.worker.")
    assert shown.endswith(" " + WORDS.decode(plain.tokens.tolist()))


def test_demonstrations_are_told_what_their_side_went_on_to_make() -> None:
    trajectories = [t for seed in range(4) for t in BotGames(told=1.0)(ENV, seed)]
    for trajectory in trajectories:
        assert trajectory.metadata["z"]
        for segment in (0, int(trajectory.segment[-1])):
            shown = WORDS.decode(trajectory.tokens[trajectory.segment == segment].tolist())
            assert shown.startswith(trajectory.metadata["z"] + " stock.")


def test_one_demonstration_in_ten_is_told_nothing() -> None:
    told = [bool(t.metadata["z"]) for seed in range(15) for t in BotGames()(ENV, seed)]
    assert 0.7 < np.mean(told) < 1.0


def test_a_demonstration_is_the_same_every_time_and_pays_its_winner() -> None:
    for seed in range(3):
        games = [BotGames()(ENV, seed) for _ in range(2)]
        assert [t.tokens.tolist() for t in games[0]] == [t.tokens.tolist() for t in games[1]]
        won = [t.metadata["player"] for t in games[0] if t.returns > 0]
        assert won == [w for w in [games[0][0].metadata["winner"]] if w is not None]


def test_winners_are_copied_more_than_losers() -> None:
    trajectories = [t for seed in range(3) for t in BotGames(losing=0.25)(ENV, seed)]
    assert {(t.returns, t.copy_weight) for t in trajectories} <= {(1.0, 1.0), (0.0, 0.625), (-1.0, 0.25)}


def test_what_is_written_down_is_legal_where_it_stands() -> None:
    (trajectory, _) = BotGames(skills=[100], told=0.0)(ENV, 0)
    first = trajectory.segment == 0
    state = ENV.init(0)

    assert trajectory.tokens[first & ~trajectory.is_action].tolist() == state.tokens.tolist()
    ENV.advance([state], [trajectory.tokens[first & trajectory.is_action].tolist()])


def test_bots_are_named_in_reports_and_refuse_what_they_cannot_play() -> None:
    assert [str(Bot()), str(Bot("turtle")), str(Bot("economy", 80))] == ["bot", "turtle", "economy@80"]
    assert set(STRATEGIES) < {*STRATEGIES, "random"}
    with pytest.raises(ValueError, match="skill 120"):
        Bot(skill=120)
    with pytest.raises(ValueError, match="no strategy is called 'zerg'"):
        Bot("zerg")
    with pytest.raises(ValueError, match="not TicTacToe"):
        BotGames()(TicTacToe(), 0)


def test_scripted_players_build_what_their_strategy_builds() -> None:
    ends = []
    for seed in range(24):
        state, rng = ENV.init(seed), np.random.default_rng(seed)
        while not state.terminal:
            (state,) = ENV.advance((state,), (Bot()(ENV, state, rng),))
        ends.append(ENV.describe(state))

    pairs = [pair for end in ends for pair in zip(end["strategies"], end["built"], strict=True)]
    assert np.mean([dealt == built for dealt, built in pairs]) > 0.7
    assert ends[0]["told"] == [None, None]


def test_in_the_model_a_side_goes_on_as_it_was_told() -> None:
    for seed in range(4):
        for told in (None, "dealt", "turtle"):
            env = Skirmish(told=told)
            state = env.init(seed)
            dealt = state.inner.dealt[state.player]
            assert env.model(state, 0)[1].inner.dealt[state.player] == ("turtle" if told == "turtle" else dealt)


def test_a_guise_is_the_same_state_told_a_strategy_and_nothing_of_it_is_hidden_knowledge() -> None:
    state = ENV.init(3)
    _, model = ENV.model(state, 0)
    guises = ENV.guises(model, 0)

    assert set(guises) == set(STRATEGIES)
    for name, guise in guises.items():
        told, shown = (WORDS.decode(s.tokens.tolist()) for s in (guise, state))
        assert told.endswith(" " + shown)
        assert told.startswith("first.")
        assert ENV.guided(guise, name).inner.dealt[state.player] == name
        assert ENV.guided(guise, name).inner.dealt[1 - state.player] == model.inner.dealt[1 - state.player]

from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.types import SequentialEnv, play
from alphakata.search import Decision, Limits, Player, Puct, Root, Scheduler


def decide(env: SequentialEnv[Any], words: str, search: Puct) -> Decision:
    state = play(env, env.init(0), env.codec.encode(words).tolist())
    root = Root(env, state, Stream(state.tokens), seed=0)
    player = Player("puct", search, UniformPolicy(env.codec.size))
    return Scheduler().decide(player, [root], [np.random.default_rng(0)])[0].decision


def test_it_takes_the_win() -> None:
    # x x .
    # o o .   x to move: 3 wins at once.
    # . . .
    decision = decide(TicTacToe(), "1 4 2 5", Puct(60))
    assert TicTacToe().codec.decode(decision.moves[0]) == "3"


def test_it_blocks_the_loss_two_tokens_ahead() -> None:
    # x . .
    # o o .   x to move: o threatens 6.
    # . . x
    decision = decide(TicTacToe(), "1 4 9 5", Puct(300))
    assert TicTacToe().codec.decode(decision.moves[0]) == "6"


def test_visits_add_up_to_the_simulations_and_weights_to_one() -> None:
    decision = decide(ConnectFour(), "", Puct(50))
    assert sum(decision.trace["visits"]) == decision.trace["simulations"] == 50
    assert decision.weights is not None
    assert decision.weights.sum() == pytest.approx(1.0)


def test_a_uniform_policy_without_values_spreads_visits_by_the_formula() -> None:
    # With equal priors and all Q equal, the score 1 / (1 + n) visits each of 7 columns in turn.
    decision = decide(ConnectFour(), "", Puct(14))
    assert decision.trace["visits"] == [2] * 7


def test_a_budget_of_predictions_bounds_the_tree() -> None:
    env = TicTacToe()
    state = env.init(0)
    player = Player("puct", Puct(500), UniformPolicy(env.codec.size), Limits(predictions=33))
    root = Root(env, state, Stream(state.tokens), seed=0)
    decided = Scheduler().decide(player, [root], [np.random.default_rng(0)])[0]
    assert decided.cost.predictions == 33


def test_more_than_two_players_are_refused_by_name() -> None:
    class ThreeHanded(TicTacToe):
        num_players = 3

    with pytest.raises(ValueError, match="ThreeHanded has 3"):
        decide(ThreeHanded(), "", Puct(4))

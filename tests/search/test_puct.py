from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
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


def test_a_maximum_over_the_moves_of_an_opponent_is_refused() -> None:
    with pytest.raises(ValueError, match="one player where it backs up the maximum, TicTacToe has 2"):
        decide(TicTacToe(), "", Puct(4, backup="maximum"))


def test_a_maximum_is_what_the_best_word_found_earns(spelling: SequentialEnv[Any]) -> None:
    decision = decide(spelling, "", Puct(200, backup="maximum"))
    assert decision.value == 1.0
    assert spelling.codec.decode(decision.moves[0])[0] == "a"


def test_noise_changes_the_prior_by_its_fraction() -> None:
    still, noisy = (decide(ConnectFour(), "", Puct(1, noise_fraction=fraction)) for fraction in (0.0, 0.25))
    drift = np.array(noisy.trace["prior"]) - 0.75 * np.array(still.trace["prior"])
    assert drift.min() >= -1e-3
    assert drift.sum() == pytest.approx(0.25, abs=1e-3)
    assert noisy.trace["prior"] != still.trace["prior"]


@dataclass
class Duel:
    """Tic-tac-toe in which, after a first look at the board where that is shown, each reads the other's words alone."""

    first_look: bool
    game: Any = field(default_factory=TicTacToe)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.game, name)

    def step(self, state: Any, token: int) -> Any:
        after = self.game.step(state, token)
        if self.first_look and np.count_nonzero(after.tokens) == 1:
            return after
        return replace(after, tokens=np.array([token], np.int32), restart=False)


class Listening(UniformPolicy):
    """Remembers what it was asked to read."""

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        self.read: list[list[int]] = getattr(self, "read", []) + [stream.all_tokens().tolist() for stream in streams]
        return super().predict(streams)


def test_each_player_reads_on_from_where_it_left_off() -> None:
    policy = Listening(12)
    world: Any = Duel(first_look=True)
    root = Root(world, world.init(0), Stream(world.init(0).tokens), seed=0)
    Scheduler().decide(Player("puct", Puct(1200), policy), [root], [np.random.default_rng(0)])
    assert max(map(len, policy.read)) > 9 + 2
    for board, words in ((stream[:9], stream[9:]) for stream in policy.read):
        # What follows the first look are its own word and the other's in turn, none of them twice.
        assert len(words) % 2 == 0
        assert len(set(words)) == len(words)
        assert all(board[word - 3] == 0 for word in words)


def test_an_opponent_whose_reading_is_unknown_is_refused() -> None:
    world: Any = Duel(first_look=False)
    root = Root(world, world.init(0), Stream(world.init(0).tokens), seed=0)
    with pytest.raises(ValueError, match="cannot tell what player 1 has read"):
        Scheduler().decide(Player("puct", Puct(2), UniformPolicy(12)), [root], [np.random.default_rng(0)])


def test_moves_are_drawn_by_their_visits_in_the_first_turns_alone() -> None:
    env = TicTacToe()
    player = Player("puct", Puct(30, drawing_turns=2), UniformPolicy(env.codec.size))

    def first_moves(turn: int) -> tuple[set[tuple[int, ...]], Decision]:
        root = Root(env, env.init(0), Stream(env.init(0).tokens), seed=0, turn=turn)
        rngs = [np.random.default_rng(seed) for seed in range(40)]
        decisions = [decided.decision for decided in Scheduler().decide(player, [root] * 40, rngs)]
        return {tuple(decision.moves[0]) for decision in decisions}, decisions[0]

    drawn, decision = first_moves(turn=1)
    assert len(drawn) > 5
    assert len(decision.moves) == sum(visits > 0 for visits in decision.trace["visits"])
    assert len(first_moves(turn=2)[0]) == 1

"""Experts' games are written down so that nobody copies the noise in them."""

from typing import Any

import numpy as np
import pytest

from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.experts import AlphaBeta, OnePly, PerfectTicTacToe
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.codec import WordCodec
from alphakata.envs.demonstrations import ExpertGames, UniformExpert
from alphakata.envs.trajectory import Trajectory
from alphakata.envs.types import Codec, SequentialEnv, State


class Spelling:
    """Two players write two letters each, in turn, twice; who reads them must know all that came before."""

    codec: Codec = WordCodec("spelling", ["turn", "a", "b"])
    num_players: int = 2

    def __init__(self, restart: bool) -> None:
        self.restart = restart

    def init(self, seed: int) -> State[int]:
        return self.state(0)

    def step(self, state: State[int], token: int) -> State[int]:
        return self.state(state.inner + 1)

    def state(self, letters: int) -> State[int]:
        read = letters % 2 == 0
        tokens = np.zeros(1 if read else 0, dtype=np.int32)
        legal = np.array([False, True, True]) & (letters < 8)
        rewards = np.array([letters == 8, 0], dtype=np.float32)
        return State(letters, tokens, self.restart and read, legal, letters // 2 % 2, rewards, letters == 8)

    def model(self, state: State[int], seed: int) -> "tuple[Spelling, State[int]]":
        return self, state


class WritesAA:
    """An expert that always writes two a."""

    def __call__(self, env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> list[int]:
        return [1, 1]

    def __str__(self) -> str:
        return "AA"


def actions(trajectory: Trajectory) -> list[int]:
    return [int(token) for token in trajectory.tokens[trajectory.is_action]]


def test_a_game_without_noise_is_the_experts_own() -> None:
    first, second = ExpertGames((PerfectTicTacToe(),))(TicTacToe(), 0)
    assert first.returns == second.returns == 0
    assert len(actions(first)) + len(actions(second)) == 9
    assert first.metadata == {"experts": ["PerfectTicTacToe()"] * 2, "winner": None, "plies": 9, "player": 0}
    assert (second.source, second.metadata["player"]) == ("PerfectTicTacToe()", 1)


def test_every_decision_on_a_board_is_a_stream_of_its_own() -> None:
    first, _ = ExpertGames((PerfectTicTacToe(),))(TicTacToe(), 0)
    assert first.segment.tolist() == np.repeat(range(5), 10).tolist()


def test_the_same_seed_plays_the_same_game_and_others_play_others() -> None:
    games = ExpertGames((AlphaBeta(1), OnePly()), noise=0.2)
    played = [games(ConnectFour(), seed)[0].tokens.tolist() for seed in (3, 3, 4)]
    assert played[0] == played[1] != played[2]


def test_seats_are_drawn() -> None:
    games = ExpertGames((AlphaBeta(1), OnePly()))
    seatings = {tuple(games(ConnectFour(), seed)[0].metadata["experts"]) for seed in range(20)}
    assert len(seatings) == 4


def test_the_winner_is_who_earned_most() -> None:
    for seed in range(5):
        for trajectory in ExpertGames((AlphaBeta(4), UniformExpert()), noise=0.1)(ConnectFour(), seed):
            winner = trajectory.metadata["winner"]
            assert trajectory.returns == (0 if winner is None else 1 if winner == trajectory.metadata["player"] else -1)


def test_noise_is_played_but_the_expert_s_choice_is_written_down() -> None:
    expert = PerfectTicTacToe()
    for trajectory in ExpertGames((expert,), noise=1.0)(TicTacToe(), 7):
        assert trajectory.legal is not None
        assert trajectory.legal[np.arange(len(trajectory.legal)), actions(trajectory)].all()
    games = [ExpertGames((WritesAA(),), noise=1.0)(Spelling(restart=True), seed) for seed in range(3)]
    assert {tuple(actions(trajectory)) for game in games for trajectory in game} == {(1, 1, 1, 1)}


def test_where_a_stream_goes_on_what_was_played_is_written_down() -> None:
    games = [ExpertGames((WritesAA(),), noise=1.0)(Spelling(restart=False), seed) for seed in range(30)]
    written = np.array([actions(trajectory) for game in games for trajectory in game])
    assert (written[:, :2] == 2).any()
    assert (written[:, 2:] == 1).all()


def test_the_last_letter_of_a_move_earns_what_the_move_earned() -> None:
    first, second = ExpertGames((WritesAA(),))(Spelling(restart=False), 0)
    assert first.rewards.tolist() == [0, 0, 0, 1]
    assert second.rewards.tolist() == [0, 0, 0, 0]


def test_a_random_player_closes_its_move() -> None:
    env = Spelling(restart=False)
    assert len(UniformExpert()(env, env.init(0), np.random.default_rng(0))) == 2


@pytest.mark.parametrize(("experts", "noise"), [((), 0.0), ((WritesAA(),), 1.5)])
def test_no_experts_or_an_impossible_noise_are_refused(experts: tuple[WritesAA, ...], noise: float) -> None:
    with pytest.raises(ValueError, match=r"at least one expert and a noise in \[0, 1\]"):
        ExpertGames(experts, noise)

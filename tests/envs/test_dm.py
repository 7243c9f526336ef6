"""The dm_env face passes dm_env's own tests, keeps one player's stream, and goes back where it was."""

from collections.abc import Iterator
from typing import Any

import dm_env
import numpy as np
import pytest
from absl.testing import absltest
from dm_env import test_utils

from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.experts import OnePly
from alphakata.envs.board.tictactoe import Board, TicTacToe
from alphakata.envs.dm import DmEnv
from alphakata.envs.types import State, play


class OfDmEnv(test_utils.EnvironmentTestMixin, absltest.TestCase):  # type: ignore[misc]
    """dm_env's own tests; each action is a legal one, as the mask says."""

    def make_object_under_test(self) -> DmEnv:
        return DmEnv(ConnectFour(), length=8)

    def make_action(self) -> int:
        view = self.environment.snapshot().view
        return 0 if view is None or view.state.terminal else int(np.flatnonzero(view.state.legal)[0])


def legal(step: dm_env.TimeStep) -> int:
    return int(np.flatnonzero(step.observation["action_mask"])[0])


def episode(env: DmEnv) -> Iterator[dm_env.TimeStep]:
    step = env.reset()
    yield step
    while not step.last():
        step = env.step(legal(step))
        yield step


def test_the_player_reads_the_board_after_its_opponents_moved() -> None:
    env = DmEnv(TicTacToe(), player=1, length=10)
    codec = TicTacToe().codec
    tokens = env.reset().observation["tokens"]
    assert tokens[9] == -1
    assert sorted(codec.decode(tokens[:9].tolist()).split()) == [*8 * ".", "o"]


def test_the_last_step_pays_what_the_game_paid() -> None:
    rewards = {list(episode(DmEnv(ConnectFour(), seed=seed)))[-1].reward for seed in range(12)}
    assert rewards == {-1.0, 1.0}


def test_an_expert_takes_the_other_seat() -> None:
    rewards = {list(episode(DmEnv(ConnectFour(), [OnePly()], seed=seed)))[-1].reward for seed in range(12)}
    assert rewards == {-1.0}


def test_each_reset_begins_the_next_episode_and_a_seed_repeats_them_all() -> None:
    one, other = DmEnv(TicTacToe(), seed=3), DmEnv(TicTacToe(), seed=3)
    for _ in range(3):
        played = [step.observation["tokens"].tolist() for step in episode(one)]
        assert played == [step.observation["tokens"].tolist() for step in episode(other)]


def test_restore_goes_back_to_the_snapshot_with_the_opponents_draws() -> None:
    env = DmEnv(ConnectFour(), seed=1)
    step = env.step(legal(env.reset()))
    snapshot = env.snapshot()

    def go_on() -> list[Any]:
        env.restore(snapshot)
        now, seen = step, list[Any]()
        while not now.last():
            now = env.step(legal(now))
            seen.append((now.reward, now.observation["tokens"].tolist()))
        return seen

    assert go_on() == go_on()


def test_an_illegal_action_is_refused() -> None:
    env = DmEnv(TicTacToe())
    env.reset()
    with pytest.raises(ValueError, match="tictactoe: token 0 is no legal move"):
        env.step(0)


def test_a_seat_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"connect_four has seats 0 to 1 and takes 1 opponents .*, got seat 2 and 0"):
        DmEnv(ConnectFour(), player=2)


def test_an_episode_that_is_over_before_the_player_s_turn_is_named() -> None:
    class LastMove(TicTacToe):
        def init(self, seed: int) -> State[Board]:
            return play(self, super().init(seed), self.codec.encode("1 2 3 5 4 6 8 7").tolist())

    with pytest.raises(ValueError, match="episode 4 of tictactoe is over before player 1 has a turn"):
        DmEnv(LastMove(), player=1, seed=4).reset()

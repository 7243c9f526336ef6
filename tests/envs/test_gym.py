"""The Gymnasium face passes Gymnasium's own check and is found by name."""

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import Board, TicTacToe
from alphakata.envs.gym import GymEnv, register_all
from alphakata.envs.rts.players import Bot
from alphakata.envs.types import State


@pytest.mark.parametrize("name", ["TicTacToe", "ConnectFour", "Rts"])
def test_registered_worlds_pass_gymnasium_s_check(name: str) -> None:
    env = gymnasium.make(f"alphakata.envs.gym:alphakata/{name}-v0")
    check_env(env.unwrapped)


def test_registering_twice_changes_nothing() -> None:
    before = dict(gymnasium.registry)
    register_all()
    assert before == dict(gymnasium.registry)


def test_a_game_played_by_the_masks_ends_and_pays() -> None:
    env = gymnasium.make("alphakata.envs.gym:alphakata/ConnectFour-v0", player=1)
    _, info = env.reset(seed=5)
    env.action_space.seed(5)
    rewards, terminated = [], False
    while not terminated:
        _, reward, terminated, truncated, info = env.step(env.action_space.sample(info["action_mask"]))
        rewards.append(reward)
        assert not truncated
    assert rewards[-1] in (-1, 0, 1)
    assert not any(rewards[:-1])


def test_the_strategy_game_is_played_against_a_bot_and_fits_its_window() -> None:
    env = gymnasium.make("alphakata.envs.gym:alphakata/Rts-v0", opponents=[Bot("light_rush")], render_mode="ansi")
    tokens, info = env.reset(seed=3)
    assert str(env.render()).startswith(" 1 ")
    env.action_space.seed(3)
    terminated = False
    while not terminated:
        tokens, reward, terminated, _, info = env.step(env.action_space.sample(info["action_mask"]))
        assert tokens[-1] == -1
    assert reward == -1


@pytest.mark.parametrize("action", [0, -1, 10**6])
def test_an_illegal_action_forfeits_and_says_so(action: int) -> None:
    env = GymEnv(TicTacToe(), length=10, illegal_reward=-2.0)
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(np.int64(action))
    assert (reward, terminated, info["illegal"]) == (-2.0, True, True)
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step(np.int64(3))


def test_a_reset_without_a_seed_goes_on_to_the_next_episode() -> None:
    begun: list[int] = []

    class Watched(TicTacToe):
        def init(self, seed: int) -> State[Board]:
            begun.append(seed)
            return super().init(seed)

    env = GymEnv(Watched())
    for seed in (None, None, 7, None):
        env.reset(seed=seed)
    assert begun == [0, 1, 7, 8]


def test_a_window_too_short_shows_the_end_of_the_stream() -> None:
    env = GymEnv(ConnectFour(), length=3)
    assert env.reset(seed=0)[0].tolist() == [0, 0, 0]


def test_the_board_is_rendered_where_asked_for() -> None:
    env = GymEnv(ConnectFour(), render_mode="ansi")
    assert env.render() is None
    env.reset(seed=0)
    assert str(env.render()).endswith("1 2 3 4 5 6 7")
    with pytest.raises(ValueError, match="render_mode 'human'"):
        GymEnv(ConnectFour(), render_mode="human")

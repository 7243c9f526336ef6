"""Foreign environments hold the contract, come back to any state, and tell no search its future draws."""

import functools
import logging
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import dm_env
import gymnasium
import numpy as np
import pytest
from dm_env import specs
from gymnasium.envs.toy_text import TaxiEnv

from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.demonstrations import ExpertGames, UniformExpert
from alphakata.envs.dm import DmEnv
from alphakata.envs.foreign import Foreign, from_dm_env, from_gymnasium
from alphakata.envs.gym import GymEnv
from alphakata.envs.readers import Reader
from alphakata.envs.testing import check_env
from alphakata.envs.types import State, play


class Catch(dm_env.Environment):  # type: ignore[misc]
    """A ball falls down a 5 x 4 board, and a paddle at its bottom moves left, stays or moves right."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.RandomState(seed)

    def reset(self) -> dm_env.TimeStep:
        self.row, self.column, self.paddle = 0, int(self.rng.randint(4)), 1
        return dm_env.restart(self.board())

    def step(self, action: int) -> dm_env.TimeStep:
        self.row += 1
        self.paddle = int(np.clip(self.paddle + action, 0, 3))
        if self.row < 4:
            return dm_env.transition(0.0, self.board())
        return dm_env.termination(1.0 if self.paddle == self.column else -1.0, self.board())

    def board(self) -> Any:
        board = np.zeros((5, 4), dtype=np.float32)
        board[self.row, self.column] = board[4, self.paddle] = 1
        return board

    def observation_spec(self) -> specs.Array:
        return specs.BoundedArray((5, 4), np.float32, 0, 1)

    def action_spec(self) -> specs.BoundedArray:
        return specs.BoundedArray((), np.int64, -1, 1)


class Count(Catch):
    """A Catch that only shows how far the ball fell."""

    def board(self) -> Any:
        return np.int32(self.row)

    def observation_spec(self) -> specs.Array:
        return specs.DiscreteArray(5)


class Unkept(Catch):
    """A Catch that will not be pickled, as what lives in C or on a server."""

    def __reduce__(self) -> str:
        raise TypeError("cannot pickle a connection")


class Unseeded(Catch):
    """A Catch that asks nobody for a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(np.random.SeedSequence().generate_state(1)[0])


def catch() -> Foreign:
    return from_dm_env(Catch, num_bins=2)


def count() -> Foreign:
    return from_dm_env(Count, name="count")


def cart_pole() -> Foreign:
    return from_gymnasium(functools.partial(gymnasium.make, "CartPole-v1"), num_bins=16, restart=True)


def frozen_lake() -> Foreign:
    return from_gymnasium(functools.partial(gymnasium.make, "FrozenLake-v1"), restart=True)


def taxi() -> Foreign:
    return from_gymnasium(TaxiEnv, restart=True)


def unkept() -> Foreign:
    return from_dm_env(Unkept, num_bins=2)


def tictactoe() -> Foreign:
    return from_gymnasium(functools.partial(GymEnv, TicTacToe(), length=10), num_bins=13, low=-1, high=12)


def board(seed: int) -> DmEnv:
    return DmEnv(TicTacToe(), seed=seed, length=10)


def placed(seen: Any) -> Any:
    return seen["tokens"] + np.int32(1)


def restored() -> Foreign:
    words = tuple(f"t{i}" for i in range(-1, 12))
    return from_dm_env(board, reader=Reader(words, placed))


@pytest.mark.parametrize("make", [cart_pole, frozen_lake, catch, count, unkept, tictactoe, restored])
def test_they_hold_the_contract(make: Any) -> None:
    check_env(make(), seeds=range(2), max_moves=6)


def test_taxi_holds_the_contract_slow_as_its_tables_are_to_keep() -> None:
    check_env(taxi(), seeds=[0], max_moves=1)


def test_words_are_bins_or_choices_and_then_actions() -> None:
    assert frozen_lake().codec.decode([0, 15, 16, 19]) == "o0 o15 a0 a3"
    assert cart_pole().codec.decode(range(15, 18)) == "b15 a0 a1"
    assert count().codec.decode(range(8)) == "o0 o1 o2 o3 o4 a0 a1 a2"
    assert catch().codec.decode(range(5)) == "b0 b1 a0 a1 a2"


def test_an_episode_is_the_environment_s_own() -> None:
    world, env = cart_pole(), gymnasium.make("CartPole-v1")
    state, _ = world.init(3), env.reset(seed=3)
    rewards, over = [], False
    while not over:
        _, reward, terminated, truncated, _ = env.step(1)
        state, over = world.step(state, 17), terminated or truncated
        rewards.append((reward, over))
        assert (state.rewards[0], state.terminal) == rewards[-1]
    assert 5 < len(rewards) < 20


def test_a_catch_is_a_reward() -> None:
    returns = {float(play(catch(), catch().init(seed), [3, 3, 3, 3]).rewards[0]) for seed in range(8)}
    assert returns == {-1.0, 1.0}


def test_actions_are_masked_where_the_environment_says_so() -> None:
    world = tictactoe()
    assert world.init(0).legal.sum() == 9


def test_what_cannot_be_kept_is_replayed_and_the_steps_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        world = unkept()
    assert [record.getMessage() for record in caplog.records] == [
        "Unkept can be neither restored nor pickled: its states are reached by replaying actions"
    ]
    first = play(world, world.init(0), [2, 2])
    assert world.extra_steps == 0
    world.step(first, 2)
    world.step(first, 3)
    assert world.extra_steps == 2


def test_a_world_that_pickles_or_restores_replays_nothing() -> None:
    for world in (catch(), frozen_lake(), restored()):
        first = world.init(0)
        for token in np.flatnonzero(first.legal):
            world.step(first, int(token))
        assert world.extra_steps == 0


@pytest.mark.parametrize("make", [cart_pole, frozen_lake, catch, count, unkept, restored])
def test_a_world_travels_with_its_states_and_goes_on_alike(make: Any) -> None:
    world = make()
    first = play(world, world.init(3), [world.codec.size - 1])
    token = int(np.flatnonzero(first.legal)[0])
    there, begun = pickle.loads(pickle.dumps((world, first)))
    assert there.step(begun, token).tokens.tolist() == world.step(first, token).tokens.tolist()
    assert there.init(5).tokens.tolist() == world.init(5).tokens.tolist()


def test_worlds_are_demonstrated_in_other_processes_as_in_this_one() -> None:
    games, worlds = ExpertGames([UniformExpert()]), [cart_pole(), frozen_lake()]
    with ProcessPoolExecutor(1, get_context("forkserver")) as pool:
        theirs = [pool.submit(games, world, 7).result() for world in worlds]
    for there, world in zip(theirs, worlds, strict=True):
        assert [game.tokens.tolist() for game in there] == [game.tokens.tolist() for game in games(world, 7)]


def lands(world: Foreign, state: State[Any], seed: int) -> int:
    model, shown = world.model(state, seed)
    return int(model.step(shown, 17).tokens[0])


def test_the_model_knows_no_future_draw() -> None:
    world = frozen_lake()
    state = play(world, world.init(0), [18])
    futures = [lands(world, state, seed) for seed in range(20)]
    assert len(set(futures)) > 1
    assert futures == [lands(world, state, seed) for seed in range(20)]
    assert len({int(world.step(state, 17).tokens[0]) for _ in range(5)}) == 1


def test_what_draws_from_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="Unseeded: the same seed and actions led elsewhere"):
        from_dm_env(Unseeded, num_bins=2)


def test_spaces_that_have_no_words_are_named() -> None:
    with pytest.raises(ValueError, match=r"actions are Box.*wanted Discrete: wrap the environment"):
        from_gymnasium(functools.partial(gymnasium.make, "Pendulum-v1"))
    with pytest.raises(ValueError, match=r"observations are Tuple.*wanted Discrete or Box: give a reader"):
        from_gymnasium(functools.partial(gymnasium.make, "Blackjack-v1"))
    with pytest.raises(ValueError, match=r"observations are \{.*wanted an array: give a reader"):
        from_dm_env(board)

"""Playouts: scripted players go on from where a search stands."""

from collections.abc import Callable

import numpy as np

from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.types import Playable, play

ENV = Skirmish()
Written = Callable[..., list[int]]


def test_the_world_offers_playouts() -> None:
    assert isinstance(ENV, Playable)


def test_a_game_goes_on_to_its_end_and_pays_who_wins() -> None:
    returns = ENV.playouts([ENV.init(seed) for seed in range(20)], horizon=200, seed=0)
    assert set(returns[:, 0].tolist()) <= {-1, 0, 1}
    assert (returns.sum(1) == 0).all()
    assert np.unique(returns[:, 0]).size > 1


def test_a_game_that_goes_on_is_estimated_by_what_the_units_cost() -> None:
    state = ENV.begin(from_drawing("B L L . . . . . . b"), ("turtle", "turtle"))
    assert ENV.playouts([state], horizon=2, seed=0).tolist() == np.array([[4 / 24, -4 / 24]], np.float32).tolist()


def test_a_move_that_waits_for_the_other_s_is_played_first(written: Written) -> None:
    game = from_drawing("B H b . . . . l", stock=(0, 0))
    game["health"][0, 32] = 1
    state = ENV.begin(game, ("turtle", "turtle"))
    strike, wait = (play(ENV, state, written(state, said)) for said in ("u1 attack weakest", ""))
    assert ENV.playouts([strike], 2, 0)[0, 0] == 1
    assert ENV.playouts([wait], 2, 0)[0, 0] < 1


def test_the_same_seed_plays_the_same_game_alone_and_among_others() -> None:
    states = [ENV.init(seed) for seed in range(5)]
    together = ENV.playouts(states, 200, 3)
    assert together.tolist() == [ENV.playouts([state], 200, 3)[0].tolist() for state in states]

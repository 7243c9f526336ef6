"""The kernels and the oracle play the same games, bit by bit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.envs.rts import LARGE, MIDDLE, SMALL, Games, MapSettings, new_games
from alphakata.envs.rts.bots import BOTS, bots
from alphakata.envs.rts.invariants import check_games
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.masks import masks, random_legal
from alphakata.envs.rts.oracle import oracle_step
from alphakata.envs.rts.rules import SIDES, UNITS
from alphakata.envs.rts.steering import steer

MAPS = pytest.mark.parametrize("settings", [SMALL, MIDDLE, LARGE], ids=["8x8", "12x12", "16x16"])


def same_games(games: Games, seed: int) -> Games:
    """Plays all games to their end with both, a third each by bots, by random legal orders and by any numbers."""
    rng = np.random.default_rng(seed)
    draws, num_games = rng.integers(1 << 60, size=len(games)).astype(np.uint64), len(games)
    scripts = rng.integers(len(BOTS), size=(num_games, SIDES))
    scripts[num_games // 3 :] = -1
    skills = rng.choice([100, 80], size=(num_games, SIDES))
    orders, words = np.zeros((num_games, UNITS), np.int16), np.zeros((num_games, UNITS), np.uint64)
    legal, anything = slice(num_games // 3, 2 * num_games // 3), slice(2 * num_games // 3, None)
    while not games["over"].all():
        bots(games, scripts, skills, draws, orders)
        steer(games, orders, orders)
        masks(games[legal], words[legal])
        random_legal(words[legal], draws[legal], orders[legal])
        orders[anything] = likely(rng, orders[anything].shape)
        wanted = oracle_step(games, orders)
        step(games, orders)
        assert games.tobytes() == wanted.tobytes()
    check_games(games)
    return games


def likely(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int16]:
    """Returns orders, most of them of a known verb, a quarter any number at all."""
    known = 32 * rng.integers(10, size=shape) + rng.integers(4, size=shape)
    return np.where(rng.random(shape) < 0.75, known, rng.integers(-(1 << 15), 1 << 15, shape)).astype(np.int16)


@MAPS
def test_kernels_and_oracle_play_the_same_games(settings: MapSettings) -> None:
    games = same_games(new_games(settings, range(60)), seed=0)
    assert set(games["winner"].tolist()) >= {0, 1}


@MAPS
def test_they_do_where_hands_are_many_and_loads_are_few(settings: MapSettings) -> None:
    scarce = MapSettings(settings.size, near=3, far=4, loads=1, stock=30, limit=300)
    same_games(new_games(scarce, range(30)), seed=1)


@pytest.mark.slow
@MAPS
def test_kernels_and_oracle_play_the_same_ten_thousand_games(settings: MapSettings) -> None:
    for seed in range(7):
        same_games(new_games(settings, range(500 * seed, 500 * seed + 500)), seed)

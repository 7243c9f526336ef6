"""A soak: games of random legal play, every state held to the invariants and to what the oracle makes of it."""

import numpy as np

from .invariants import check_games
from .kernels import step
from .maps import MapSettings, new_games
from .masks import masks, random_legal
from .oracle import oracle_step
from .rules import UNITS


def soak(settings: MapSettings, seeds: range) -> int:
    """Plays a game a seed to its end; returns how many ticks that took together.

    Raises:
        ValueError: at the first state that breaks an invariant or is not the oracle's, naming the game.
    """
    games = new_games(settings, seeds)
    generators = np.array(seeds, np.uint64)
    words, orders = np.zeros((len(games), UNITS), np.uint64), np.zeros((len(games), UNITS), np.int16)
    check_games(games)
    while not games["over"].all():
        masks(games, words)
        random_legal(words, generators, orders)
        wanted = oracle_step(games, orders)
        step(games, orders)
        drifted = np.flatnonzero(games != wanted)
        if len(drifted):
            seed, tick = seeds[int(drifted[0])], int(wanted["tick"][drifted[0]])
            raise ValueError(f"drift: {len(drifted)} games left the oracle's, first that of seed {seed} at tick {tick}")
        check_games(games)
    return int(games["tick"].sum(dtype=np.int64))

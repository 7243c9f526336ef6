"""Strategies by name, and `z`, the statistic of a whole game that imitation is conditioned on.

After AlphaStar (Vinyals et al. 2019, https://doi.org/10.1038/s41586-019-1724-z): the first kinds a side makes in a
game, in their order, and how many of each kind it makes in all, as tokens at the head of each of its observations. In
a demonstration they say what the side went on to make. At play they say what a scripted player of the wanted strategy
made in games on the same map, so a policy can be told whom to play like; nothing of the real opponent is in them.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .bots import BOTS, bots
from .kernels import step
from .maps import MapSettings, new_games
from .rules import BEAT, NUM_KINDS, SIDES, UNITS
from .state import Games
from .steering import steer
from .words import ALL, COUNTS, FIRST, FIRST_PLACES

STRATEGIES = tuple(name for name in BOTS if name != "random")

_TYPICAL_MAPS = 8

_AT_LEAST = [int(count.split("-")[0].rstrip("+")) for count in COUNTS]


def script(strategy: str) -> int:
    """Returns the number of a scripted player; ValueError lists those there are."""
    if strategy not in BOTS:
        raise ValueError(f"no strategy is called {strategy!r}; there are {', '.join(BOTS)}")
    return BOTS.index(strategy)


def meant(dealt: str, told: str | None) -> str:
    """Returns what a side that was dealt a strategy is to play: what it is told, where that is another."""
    return dealt if told in (None, "dealt") else str(told)


def statistic(games: Games, side: int) -> NDArray[np.int32]:
    """Returns `[L]` tokens, the `z` of what `side` has made in `[1]` game so far."""
    game = games[0]
    opening = game["opening"][side][: len(FIRST_PLACES)].tolist()
    first = [FIRST + NUM_KINDS * place + kind for place, kind in enumerate(opening) if kind]
    made = game["made"][side, :NUM_KINDS]
    levels = np.searchsorted(_AT_LEAST, made, side="right") - 1
    counts = [ALL + NUM_KINDS * int(level) + kind for kind, level in enumerate(levels) if level >= 0]
    return np.array(first + counts, np.int32)


def foreseen(games: Games, side: int, strategy: str, rng: np.random.Generator) -> NDArray[np.int32]:
    """Returns the `z` of a scripted player of `strategy` on `side`, from `[1]` game on, against one drawn at random.

    It plays every strategy once; the game is drawn among those it wins, or among all where it wins none.
    """
    played = np.repeat(games, len(STRATEGIES))
    scripts = np.empty((len(played), SIDES), np.int64)
    scripts[:, 1 - side], scripts[:, side] = [script(name) for name in STRATEGIES], script(strategy)
    skills, generators = np.full_like(scripts, 100), rng.integers(2**63, size=len(played), dtype=np.uint64)
    while not played["over"].all():
        step_beat(played, scripted(played, scripts, skills, generators))
    won = np.flatnonzero(played["winner"] == side)
    chosen = int(rng.choice(won if len(won) else len(played)))
    return statistic(played[chosen : chosen + 1], side)


def built(games: Games, side: int, settings: MapSettings) -> str:
    """Returns the strategy whose scripted players make on the average what is nearest to what `side` has made."""
    made = np.log2(1.0 + games["made"][0, side])
    return STRATEGIES[int(np.abs(_typical(settings) - made).sum(1).argmin())]


@lru_cache(maxsize=8)
def _typical(settings: MapSettings) -> NDArray[np.float64]:
    """Returns `[strategies, kinds]` the mean of `log2(1 + made)` over games of all pairs on a few maps."""
    count = len(STRATEGIES)
    scripts = np.array([(a, b) for a in range(count) for b in range(count)] * _TYPICAL_MAPS)
    games = np.repeat(new_games(settings, range(_TYPICAL_MAPS)), count * count)
    skills, generators = np.full_like(scripts, 100), np.arange(len(games), dtype=np.uint64)
    while not games["over"].all():
        step_beat(games, scripted(games, scripts, skills, generators))
    made = np.log2(1.0 + games["made"])
    return np.stack([made[scripts == number].mean(0) for number in range(count)])


def scripted(
    games: Games, scripts: NDArray[np.int64], skills: NDArray[np.int64], generators: NDArray[np.uint64]
) -> NDArray[np.int16]:
    """Returns `[B, 64]` what scripted players command now; see `bots`. `generators` move on."""
    commands = np.zeros((len(games), UNITS), np.int16)
    bots(games, scripts, skills, generators, commands)
    return commands


def step_beat(games: Games, commands: NDArray[np.int16]) -> None:
    """Plays a beat of `[B]` games in place; commands count at its first tick, so that all units keep time."""
    orders = np.empty_like(commands)
    steer(games, commands, orders)
    step(games, orders, 1)
    step(games, np.zeros_like(orders), BEAT - 1)

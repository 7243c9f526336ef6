"""What holds in every state of every game, whatever is ordered."""

import numpy as np
from numpy.typing import NDArray

from .rules import BARRACKS, BASE, HEALTH, NUM_KINDS, SIDES, SLOTS, SPAN, UNITS, WORKER
from .state import OPENING, PATCH, WALL, Games, loads

Held = NDArray[np.bool_]
"""`[B]`, where an invariant holds."""


def check_games(games: Games) -> None:
    """Holds `[B]` games to all invariants.

    Raises:
        ValueError: at the first that is broken, naming it and the first game that breaks it.
    """
    for name, holds in {**_units(games), **_ground(games), **_course(games)}.items():
        broken = np.flatnonzero(~holds)
        if len(broken):
            tick = int(games["tick"][broken[0]])
            raise ValueError(f"{name}: broken in {len(broken)} of {len(games)} games, first {broken[0]} at tick {tick}")


def _units(games: Games) -> dict[str, Held]:
    """Returns what holds of units."""
    kind, health, cell = games["kind"], games["health"], games["cell"]
    alive = kind > 0
    sides = alive.reshape(-1, SIDES, SLOTS)
    stands = np.take_along_axis(games["grid"], cell.astype(np.int64), 1) == 1 + np.arange(UNITS)
    blank = (health == 0) & (cell == 0) & (games["load"] == 0) & (games["ready"] == 0)
    on_board = (games["grid"] > 0) & (games["grid"] < PATCH)
    return {
        "a unit's kind is one of the rules'": (kind < NUM_KINDS).all(1),
        "a unit stands where the board says": (stands | ~alive).all(1),
        "one unit a cell": on_board.sum(1) == alive.sum(1),
        "a unit has health, and at most its kind's": (~alive | ((health > 0) & (health <= HEALTH[kind]))).all(1),
        "an empty slot is blank": (alive | blank).all(1),
        "workers alone carry, one load": (games["load"] <= (kind == WORKER)).all(1),
        "the top is above the highest slot in use": ((sides * np.arange(1, SLOTS + 1)).max(2) == games["top"]).all(1),
    }


def _ground(games: Games) -> dict[str, Held]:
    """Returns what holds of patches, walls and loads."""
    grid, left = games["grid"], games["patch_loads"]
    there = np.take_along_axis(grid, games["patch_cell"].astype(np.int64), 1)
    shown = (grid >= PATCH) & (grid < WALL)
    row, column = np.divmod(np.arange(SPAN * SPAN), SPAN)
    beyond = (row >= games["height"][:, None]) | (column >= games["width"][:, None])
    return {
        "a patch lies where the board says": ((there == PATCH + np.arange(left.shape[1])) | (left == 0)).all(1),
        "an emptied patch is gone": shown.sum(1) == (left > 0).sum(1),
        "beyond the map is wall": ((grid == WALL) | ~beyond).all(1),
        "no load appears or disappears": loads(games) == games["total"],
    }


def _course(games: Games) -> dict[str, Held]:
    """Returns what holds of the game's course."""
    kind = games["kind"].reshape(-1, SIDES, SLOTS)
    stands = ((kind == BASE) | (kind == BARRACKS)).any(2).all(1)
    late = games["tick"] == games["limit"]
    made = games["made"].sum(2, dtype=np.int64)
    return {
        "a game is over where a side has no building or the time is up": (games["over"] == 1) == (~stands | late),
        "nothing happens after the time limit": games["tick"] <= games["limit"],
        "nobody has won before the end": (games["over"] == 1) | (games["winner"] == -1),
        "the opening lists what was made": ((games["opening"] > 0).sum(2) == np.minimum(made, OPENING)).all(1),
    }

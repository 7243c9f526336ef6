"""A game is one record of 768 bytes, the same for every map size: copying it is a snapshot.

Unit `u` of `[0, 64)` is slot `u % 32` of side `u // 32`; what has no unit is all zero. A cell is `16 * row + column`.
An order is an int16, `32 * verb + argument`, and a game's orders are `[64]` of them, one a unit, 0 where it waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rules import (
    BARRACKS,
    BASE,
    CELLS,
    COST,
    DIRECTIONS,
    HEALTH,
    KINDS,
    NUM_KINDS,
    PATCHES,
    SIDES,
    SLOTS,
    SPAN,
    UNITS,
    VERBS,
    WORKER,
)

OPENING = 30
FREE, PATCH, WALL = 0, UNITS + 1, 255
"""What `grid` says of a cell: nothing, `1 + unit`, `PATCH + patch` or a wall (beyond the map too)."""

GAME = np.dtype(
    [
        ("tick", np.uint16),
        ("limit", np.uint16),  # the tick at which the game ends
        ("total", np.uint16),  # loads in patches, units' hands and stocks, spent or lost: never changes
        ("lost", np.uint16),  # loads that died with who carried them
        ("stock", np.uint16, SIDES),
        ("height", np.uint8),
        ("width", np.uint8),
        ("over", np.uint8),
        ("winner", np.int8),  # -1 while the game goes on, and for a draw
        ("top", np.uint8, SIDES),  # no unit has this slot or a higher one
        ("home", np.uint8, SIDES),  # the cells where both began
        ("made", np.uint8, (SIDES, NUM_KINDS + 1)),  # units made so far, of each kind; the last place is unused
        ("opening", np.uint8, (SIDES, OPENING)),  # their kinds in the order in which they were made
        ("ready", np.uint16, UNITS),  # the tick from which a unit may act
        ("kind", np.uint8, UNITS),
        ("cell", np.uint8, UNITS),
        ("health", np.uint8, UNITS),
        ("load", np.uint8, UNITS),
        ("patch_cell", np.uint8, PATCHES),
        ("patch_loads", np.uint8, PATCHES),
        ("grid", np.uint8, CELLS),
    ]
)
Games = NDArray[np.void]
"""`[B]` of `GAME`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to put on a board.

    Attributes:
        side: whose it is, 0 or 1.
        kind: of `KINDS`.
        cell: where it stands.
        slot: its number, or None for the lowest free one.
        health: None for all that its kind has.
        load: what a worker carries, 0 or 1.
        ready: the tick from which it may act.
    """

    side: int
    kind: int
    cell: int
    slot: int | None = None
    health: int | None = None
    load: int = 0
    ready: int = 0


def order(verb: str, argument: str | int = 0) -> int:
    """Returns an order by its name: `order("move", "east")`, or `order("attack", 3)` for the enemy in slot 3."""
    number = DIRECTIONS.index(argument) if isinstance(argument, str) else argument
    return SLOTS * VERBS.index(verb) + number


def words(games: Games) -> NDArray[np.uint64]:
    """Returns `[B, 96]` uint64, the same memory: copied so, a record costs a sixth of what it costs field by field."""
    view: NDArray[np.uint64] = games.view(np.uint64).reshape(len(games), -1)
    return view


def with_units(games: Games, units: Sequence[Unit], stock: Sequence[int]) -> Games:
    """Returns `[1]` game: the ground and clock of `games`, `[1]`, with these units and stocks in place of its own.

    So a search deals what a side cannot see: of what was made and lost before nothing is kept, for either side.

    Raises:
        ValueError: where a unit's cell or slot is taken, or a side has no building.
    """
    games = games.copy()
    game = games[0]
    grid = game["grid"]
    grid[(grid > FREE) & (grid < PATCH)] = FREE
    for field in ("kind", "cell", "health", "load", "ready", "top", "made", "opening", "lost"):
        game[field] = 0
    for unit in units:
        _put(game, unit)
    for side in range(SIDES):
        if not np.isin(game["kind"][side * SLOTS : (side + 1) * SLOTS], (BASE, BARRACKS)).any():
            raise ValueError(f"side {side} has no base and no barracks among {len(units)} units: its game is over")
    game["stock"] = stock
    game["total"] = loads(games)[0]
    return games


def loads(games: Games) -> NDArray[np.int64]:
    """Returns `[B]` int64, all loads ever: in patches, hands and stocks, spent on what was made, and lost."""
    spent = games["made"][:, :, :NUM_KINDS].astype(np.int64) @ COST.astype(np.int64)
    parts = [games[field].sum(1, dtype=np.int64) for field in ("patch_loads", "load", "stock")]
    whole: NDArray[np.int64] = sum(parts, start=spent.sum(1) + games["lost"])
    return whole


def starting_units(home: Sequence[int], workers: Sequence[int]) -> list[Unit]:
    """Returns what both sides begin with: a base and a worker, in these cells."""
    return [
        Unit(side, kind, int(cells[side])) for side in range(SIDES) for kind, cells in ((BASE, home), (WORKER, workers))
    ]


def _put(game: Any, unit: Unit) -> None:
    """Puts `unit` on the board of `game`."""
    first = SLOTS * unit.side
    free = np.flatnonzero(game["kind"][first : first + SLOTS] == 0)
    slot = int(free[0]) if unit.slot is None and len(free) else unit.slot
    if slot is None or slot not in free:
        raise ValueError(f"slot {slot} of side {unit.side} is taken; free are {free.tolist()}")
    if game["grid"][unit.cell] != FREE:
        row, column = divmod(unit.cell, SPAN)
        raise ValueError(f"{KINDS[unit.kind]} of side {unit.side}: row {row}, column {column} is not free")
    u = first + slot
    game["grid"][unit.cell] = 1 + u
    game["kind"][u], game["cell"][u], game["load"][u], game["ready"][u] = unit.kind, unit.cell, unit.load, unit.ready
    game["health"][u] = HEALTH[unit.kind] if unit.health is None else unit.health
    game["top"][unit.side] = max(int(game["top"][unit.side]), slot + 1)

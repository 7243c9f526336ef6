"""What a side sees: its own units, the enemy's within sight, the patches; one row each, packed.

The columns of a row are `COLUMNS`: whose it is (`OWN`, `ENEMY`, `GROUND`), its slot, or number for a patch, the kind of
unit, where it stands, its health, what it carries or holds, and for how many ticks it is still busy. Own units come
first, then the enemy's, then patches, each by slot; walls and the clock stand in the game itself and are open to both.
"""

import numpy as np
from numpy.typing import NDArray

from .compiled import inner, kernel
from .rules import CELLS, PATCHES, SIGHT, SLOTS, SPAN, UNITS
from .state import Games

COLUMNS = ("owner", "slot", "kind", "row", "column", "health", "load", "busy")
OWN, ENEMY, GROUND = 1, 2, 3
ROWS = UNITS + PATCHES
"""As many rows as there can ever be."""


@kernel
def observe(games, side, rows, counts):  # type: ignore[no-untyped-def]
    """Writes what `side` sees into the first `counts[i]` of the `[B, ROWS, 8]` uint8 `rows` of each game."""
    sight = np.empty(SPAN, np.int64)
    for i in range(len(games)):
        game = games[i]
        look(game, side, sight)
        n = 0
        for owner in range(OWN, GROUND):
            first = SLOTS * (side if owner == OWN else 1 - side)
            for u in range(first, first + game.top[first // SLOTS]):
                cell = game.cell[u]
                if game.kind[u] and (owner == OWN or sees(sight, cell)):
                    row, busy = rows[i, n], np.int64(game.ready[u]) - np.int64(game.tick)
                    row[0], row[1], row[2] = owner, u - first, game.kind[u]
                    row[3], row[4], row[5] = cell >> 4, cell & 15, game.health[u]
                    row[6], row[7] = game.load[u], busy if busy > 0 else 0
                    n += 1
        for patch in range(PATCHES):
            if game.patch_loads[patch]:
                row, cell = rows[i, n], game.patch_cell[patch]
                row[0], row[1], row[2] = GROUND, patch, 0
                row[3], row[4], row[5] = cell >> 4, cell & 15, 0
                row[6], row[7] = game.patch_loads[patch], 0
                n += 1
        counts[i] = n


def in_sight(games: Games, side: int) -> NDArray[np.bool_]:
    """Returns `[CELLS]` bool, what `side` of `[1]` game sees through the fog."""
    own = slice(SLOTS * side, SLOTS * (side + 1))
    kind, cell = games["kind"][0, own], games["cell"][0, own]
    units = np.flatnonzero(kind)
    rows, columns = np.divmod(np.arange(CELLS), SPAN)
    row, column = np.divmod(cell[units].astype(np.int64), SPAN)
    # [units, CELLS]
    steps = abs(rows - row[:, None]) + abs(columns - column[:, None])
    seen: NDArray[np.bool_] = (steps <= SIGHT[kind[units]][:, None]).any(axis=0)
    return seen


@inner
def look(game, side, sight):  # type: ignore[no-untyped-def]
    """Writes what `side` sees as 16 rows of bits, the lowest bit for the first column; cells beyond the map too."""
    for row in range(SPAN):
        sight[row] = 0
    for u in range(SLOTS * side, SLOTS * side + game.top[side]):
        kind = game.kind[u]
        if kind:
            middle, column, reach = np.int64(game.cell[u]) >> 4, np.int64(game.cell[u]) & 15, np.int64(SIGHT[kind])
            for y in range(-reach, reach + 1):
                width = reach - abs(y)
                if 0 <= middle + y < SPAN:
                    sight[middle + y] |= (((2 << 2 * width) - 1) << column) >> width


@inner
def sees(sight, cell):  # type: ignore[no-untyped-def]
    """Returns True where `cell` lies in what `look` wrote."""
    return (sight[cell >> 4] >> (np.int64(cell) & 15)) & 1 == 1

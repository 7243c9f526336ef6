"""What one side calls the cells of the map, and where its workers may gather.

The board is turned so that the side's home lies in the north-west. A cell has one name: `u3` where an own unit stands,
`yonder` for the enemy's home, `x3` where a known enemy stands, and else its own word. In place of some of these names
each unit has its own: to `move`, `nearest` for the enemy in sight that is nearest to it and `intruder` for the nearest
of those near home, if that is another; to `attack`, `weakest` for the target to whom its hit does most damage a point
of health; to `gather`, `load` for where a worker next takes or hands in a load. So to go for somebody is to point at
somebody, and no two commands say the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .compiled import inner
from .rules import ATTACK, BASE, GATHER, MOVE, SLOTS, SPAN, WORKER
from .words import CELL, ENEMY, INTRUDER, LOAD, NEAREST, UNIT, WEAKEST, YONDER


@dataclass(frozen=True, slots=True)
class Ground:
    """The map of one side, the writer.

    Attributes:
        flips: how the board is turned: 1 for the rows, 2 for the columns.
        names: the word of every cell of the map, by the cell.
        cells: the cell of every word.
        moves: the words of all cells, as bits.
        gathers: the words of the cells where each slot may gather, as bits; 0 for whoever is no worker.
        enemies: the cell where each enemy is, or was last seen, by slot.
        beside: by own slot, the slots of the nearest enemy and intruder, the cell of the next load and the slot of the
            weakest target; -1 for none.
    """

    flips: int
    names: dict[int, int]
    cells: dict[int, int]
    moves: int
    gathers: tuple[int, ...]
    enemies: list[int]
    beside: list[list[int]]

    def own_names(self, slot: int, verb: int) -> list[tuple[int, int]]:
        """Returns the words that a unit does not use with a verb, each with what it says in place of it."""
        nearest, intruder, load, weakest = self.beside[slot]
        if verb == GATHER:
            return [(self.names[load], LOAD)] if load >= 0 else []
        if verb == ATTACK:
            return [(ENEMY + weakest, WEAKEST)] if weakest >= 0 else []
        named = [(enemy, word) for enemy, word in ((nearest, NEAREST), (intruder, INTRUDER)) if enemy >= 0]
        return [(self.names[self.enemies[enemy]], word) for enemy, word in named] if verb == MOVE else []

    def direction(self, d: int) -> int:
        """Returns what the writer calls direction `d` of the rules, and the other way round."""
        return d ^ 2 if self.flips >> (d & 1) & 1 else d


def ground(game: np.void, memory: np.void, side: int, beside: NDArray[np.int16]) -> Ground:
    """Returns the map as `side` sees and remembers it. beside: `[32, 4]`, as `read` writes it."""
    own = slice(SLOTS * side, SLOTS * side + SLOTS)
    kinds, cells, loads = (game[name][own].tolist() for name in ("kind", "cell", "load"))
    names = _names(game, side)
    # Where several enemies were seen on one cell, who was seen last names it.
    known = [s for s in range(SLOTS) if memory["kind"][side][s]]
    enemies = memory["cell"][side].tolist()
    for slot in sorted(known, key=lambda s: int(memory["tick"][side][s])):
        names[enemies[slot]] = ENEMY + slot
    names[int(game["home"][1 - side])] = YONDER
    names.update({cell: UNIT + slot for slot, (kind, cell) in enumerate(zip(kinds, cells, strict=True)) if kind})
    bases = sum(1 << names[cell] for kind, cell in zip(kinds, cells, strict=True) if kind == BASE)
    patches = zip(game["patch_cell"].tolist(), game["patch_loads"].tolist(), strict=True)
    sources = sum(1 << names[cell] for cell, left in patches if left)
    gathers = [(bases if load else sources) * (kind == WORKER) for kind, load in zip(kinds, loads, strict=True)]
    words = {word: cell for cell, word in names.items()}
    moves = sum(1 << word for word in words)
    return Ground(flips(game, side), names, words, moves, tuple(gathers), enemies, beside.tolist())


def flips(game: np.void, side: int) -> int:
    """Returns how the board is turned for `side`: 1 for the rows, 2 for the columns."""
    row, column = divmod(int(game["home"][side]), SPAN)
    return int(2 * row >= game["height"]) + 2 * int(2 * column >= game["width"])


def _names(game: np.void, side: int) -> dict[int, int]:
    """Returns every cell's own word."""
    turn, height, width = flips(game, side), int(game["height"]), int(game["width"])
    rows = [height - 1 - y if turn & 1 else y for y in range(height)]
    columns = [width - 1 - x if turn & 2 else x for x in range(width)]
    return {SPAN * y + x: CELL + SPAN * rows[y] + columns[x] for y in range(height) for x in range(width)}


@inner
def turned(cell, game, side):  # type: ignore[no-untyped-def]
    """Returns the cell that `side` calls what the rules call `cell`, and the other way round."""
    row, column = np.int64(cell) >> 4, np.int64(cell) & 15
    home = np.int64(game.home[side])
    if 2 * (home >> 4) >= game.height:
        row = game.height - 1 - row
    if 2 * (home & 15) >= game.width:
        column = game.width - 1 - column
    return SPAN * row + column

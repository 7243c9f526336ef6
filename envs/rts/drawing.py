"""Games as text and back: a board in a test, a frame in a terminal.

A cell is `.` or `#` for a wall, a digit for a patch with as many loads (9 for more), and a letter for a unit: `B` base,
`K` barracks, `W` worker, `L` light, `H` heavy, `R` ranged, in capitals for the first side and small for the second.
"""

import numpy as np

from .rules import BASE, SLOTS, SPAN
from .state import FREE, GAME, PATCH, WALL, Games, Unit, with_units

LETTERS = ".BKWLHR"
"""One a kind."""


def draw(games: Games) -> str:
    """Returns `[1]` game as text, a line a row."""
    game = games[0]
    rows = game["grid"].reshape(SPAN, SPAN)[: game["height"], : game["width"]]
    return "\n".join(" ".join(_sign(games, int(code)) for code in row) for row in rows)


def from_drawing(text: str, stock: tuple[int, int] = (0, 0), limit: int = 400) -> Games:
    """Returns `[1]` game at tick 0 as drawn, its units in slots from left to right, row by row.

    Raises:
        ValueError: for a sign that means nothing, a board of more than 16 rows or columns, or a side without buildings.
    """
    rows = [line.split() for line in text.strip().splitlines()]
    if len(rows) > SPAN or not 0 < len(rows[0]) <= SPAN or len({len(row) for row in rows}) > 1:
        raise ValueError(f"a board has up to {SPAN} rows of as many signs; these have {[len(row) for row in rows]}")
    games, units, num_patches = np.zeros(1, GAME), list[Unit](), 0
    game = games[0]
    game["height"], game["width"], game["limit"], game["winner"] = len(rows), len(rows[0]), limit, -1
    game["grid"][:] = WALL
    for cell, sign in ((SPAN * y + x, sign) for y, row in enumerate(rows) for x, sign in enumerate(row)):
        game["grid"][cell] = WALL if sign == "#" else FREE
        if sign.isdigit():
            game["grid"][cell] = PATCH + num_patches
            game["patch_cell"][num_patches], game["patch_loads"][num_patches] = cell, int(sign)
            num_patches += 1
        elif sign not in ".#":
            side, kind = int(sign.islower()), LETTERS.find(sign.upper())
            if kind <= 0:
                raise ValueError(f"{sign!r} is no sign of a board; letters are {LETTERS[1:]}")
            units.append(Unit(side, kind, cell))
            if kind == BASE:
                game["home"][side] = cell
    return with_units(games, units, stock)


def _sign(games: Games, code: int) -> str:
    """Returns the sign of a cell."""
    game = games[0]
    if code in (FREE, WALL):
        return "." if code == FREE else "#"
    if code >= PATCH:
        return str(min(int(game["patch_loads"][code - PATCH]), 9))
    letter = LETTERS[int(game["kind"][code - 1])]
    return letter.lower() if code > SLOTS else letter

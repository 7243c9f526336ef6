"""Frames of a game in a terminal: the board as one side sees it, or all of it."""

import numpy as np

from .drawing import draw
from .ground import flips
from .observe import in_sight
from .rules import CELLS, SLOTS, SPAN
from .state import FREE, PATCH, Games

UNSEEN = "~"


def frame(games: Games, side: int, fog: bool) -> str:
    """Returns `[1]` game turned as `side` reads it, its units in capitals; with `fog`, `~` where it sees nothing."""
    game, seen = games[0], in_sight(games, side) if fog else np.ones(CELLS, np.bool_)
    rows = [line.split() for line in draw(games).splitlines()]
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            code = int(game["grid"][SPAN * y + x])
            if FREE < code < PATCH:
                row[x] = sign.upper() if (code > SLOTS) == bool(side) else sign.lower()
            # The ground is open to both.
            if code < PATCH and not seen[SPAN * y + x]:
                row[x] = UNSEEN
    turn = flips(game, side)
    rows = [row[:: -1 if turn & 2 else 1] for row in rows[:: -1 if turn & 1 else 1]]
    lines = [f"{y + 1:>2} {' '.join(row)}" for y, row in enumerate(rows)]
    return "\n".join([*lines, "   " + " ".join(chr(ord("a") + x) for x in range(len(rows[0])))])

"""Commands, which name goals, into the orders that bring units there: what players write, and bots say.

A command is an int16, `256 * verb + argument`, and a game's commands are `[64]` of them, one a unit, 0 where it waits.
`move` and `gather` take a cell, near or far; the argument of every other verb is an order's. A unit that gathers walks
until it stands beside the cell. Orders follow from commands anew at each beat: one step along the longer way first,
along the other where that is blocked, aside where both are. A worker's next load is a goal that bots and observations
name alike.
"""

import numpy as np

from .compiled import inner, kernel
from .kernels import distance
from .masks import mixed
from .rules import BASE, CELLS, GATHER, MOVE, NEIGHBOUR, PATCHES, SLOTS, UNITS, VERBS
from .state import FREE


def command(verb: str, argument: int) -> int:
    """Returns a command by its name: `command("move", 19)`, to walk to that cell."""
    return CELLS * VERBS.index(verb) + argument


@kernel
def steer(games, commands, orders):  # type: ignore[no-untyped-def]
    """Writes into `[B, 64]` int16 `orders` the next step of `[B, 64]` int16 `commands`; both may be the same array."""
    for i in range(len(games)):
        game = games[i]
        for u in range(UNITS):
            verb, argument = np.int64(commands[i, u]) >> 8, np.int64(commands[i, u]) & 255
            if not MOVE <= verb <= GATHER:
                orders[i, u] = SLOTS * verb + argument
            elif game.kind[u] == 0 or game.ready[u] > game.tick:
                orders[i, u] = 0
            elif verb == GATHER and distance(game.cell[u], argument) == 1:
                for d in range(4):
                    if NEIGHBOUR[game.cell[u], d] == argument:
                        orders[i, u] = SLOTS * GATHER + d
            else:
                orders[i, u] = _toward(game, u, argument)


@inner
def next_load(game, u):  # type: ignore[no-untyped-def]
    """Returns the goal of worker `u`: the nearest own base if it has a load, else the nearest patch; -1 for none."""
    goal, nearest, first = np.int64(-1), 1 << 30, SLOTS * (u // SLOTS)
    if game.load[u]:
        for other in range(first, first + game.top[u // SLOTS]):
            steps = distance(game.cell[u], game.cell[other])
            if game.kind[other] == BASE and steps < nearest:
                goal, nearest = np.int64(game.cell[other]), steps
    else:
        for patch in range(PATCHES):
            steps = distance(game.cell[u], game.patch_cell[patch])
            if game.patch_loads[patch] and steps < nearest:
                goal, nearest = np.int64(game.patch_cell[patch]), steps
    return goal


@inner
def _toward(game, u, goal):  # type: ignore[no-untyped-def]
    """Returns a move to a free cell nearer to `goal`; a step aside where there is none.

    Every eighth move is left out: two who claim the same cell would else do so for ever. Which one is a matter of tick
    and unit, so that nothing here is random.
    """
    cell, chance = np.int64(game.cell[u]), np.int64(mixed(np.uint64(UNITS * np.int64(game.tick) + u + 1)))
    down, right = (goal >> 4) - (cell >> 4), (goal & 15) - (cell & 15)
    vertical, level = 2 if down > 0 else 0, 1 if right > 0 else 3
    first = vertical if abs(down) * 2 + (chance >> 5 & 1) > abs(right) * 2 else level
    if chance & 7 == 0 or goal == cell:
        return 0
    for d in (first, vertical + level - first):
        nearer = down != 0 if d == vertical else right != 0
        if nearer and game.grid[NEIGHBOUR[cell, d]] == FREE:
            return SLOTS * MOVE + d
    aside = chance >> 3 & 3
    return SLOTS * MOVE + aside if game.grid[NEIGHBOUR[cell, aside]] == FREE else 0

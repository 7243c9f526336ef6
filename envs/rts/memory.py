"""What each side knows of the other's units: those in sight as they are, those gone from sight as they were last seen.

Who attacks sees its target, so an enemy is never killed unseen, and whoever is remembered is alive. With its own units,
the ground and the clock, a side's memory is all that its observations, and its model of the game, are made from.
"""

import numpy as np
from numpy.typing import NDArray

from .compiled import inner, kernel
from .kernels import distance
from .observe import look, sees
from .rules import BARRACKS, MAKE_TICKS, NUM_KINDS, SIDES, SLOTS, SPAN

MEMORY = np.dtype(
    [
        ("tick", np.uint16, (SIDES, SLOTS)),  # when the enemy in this slot was last in sight
        ("ready", np.uint16, (SIDES, SLOTS)),
        ("kind", np.uint8, (SIDES, SLOTS)),  # 0 where none is remembered
        ("cell", np.uint8, (SIDES, SLOTS)),
        ("health", np.uint8, (SIDES, SLOTS)),
        ("load", np.uint8, (SIDES, SLOTS)),
        ("fallen", np.uint8, (SIDES, NUM_KINDS + 1)),  # enemies seen to fall, of each kind; the last place is unused
    ]
)
Memories = NDArray[np.void]
"""`[B]` of `MEMORY`; the first index of a field is the side that remembers."""


@kernel
def bury(games, memories):  # type: ignore[no-untyped-def]
    """Takes the enemies that fell in sight out of `[B]` memories; `games` are one tick later than these."""
    for i in range(len(games)):
        game, memory = games[i], memories[i]
        for side in range(2):
            for slot in range(SLOTS):
                kind = memory.kind[side, slot]
                if kind and memory.tick[side, slot] + 1 == game.tick and _fell(game, memory, side, slot):
                    memory.fallen[side, kind] += 1
                    memory.tick[side, slot] = memory.ready[side, slot] = memory.kind[side, slot] = 0
                    memory.cell[side, slot] = memory.health[side, slot] = memory.load[side, slot] = 0


@kernel
def remember(games, memories, fog):  # type: ignore[no-untyped-def]
    """Writes what both sides see now into `[B]` memories; without `fog` they see everything."""
    sight = np.empty(SPAN, np.int64)
    sight[:] = -1
    for i in range(len(games)):
        game, memory = games[i], memories[i]
        for side in range(2):
            if fog:
                look(game, side, sight)
            first = SLOTS * (1 - side)
            for slot in range(game.top[1 - side]):
                unit = first + slot
                if game.kind[unit] and sees(sight, game.cell[unit]):
                    memory.tick[side, slot], memory.ready[side, slot] = game.tick, game.ready[unit]
                    memory.kind[side, slot], memory.cell[side, slot] = game.kind[unit], game.cell[unit]
                    memory.health[side, slot], memory.load[side, slot] = game.health[unit], game.load[unit]


@inner
def _fell(game, memory, side, slot):  # type: ignore[no-untyped-def]
    """Returns True where an enemy that was in sight a tick ago is dead, even if another was made in its slot since."""
    unit = SLOTS * (1 - side) + slot
    kind, before = game.kind[unit], memory.cell[side, slot]
    if kind != memory.kind[side, slot] or distance(game.cell[unit], before) > 1:
        return True
    # No act of a living unit takes as long as being made, but for a barracks that makes heavy units, which stays put.
    is_new = game.ready[unit] + 1 == game.tick + MAKE_TICKS[kind]
    return is_new and not (kind == BARRACKS and game.cell[unit] == before)

"""The rules of the strategy game: this page, and the tables it speaks of.

**The board** has up to 16 x 16 cells; a cell holds a wall, a patch, a unit or nothing. Patches hold loads and are gone
when the last is taken. Distance is counted in steps, `|dx| + |dy|`. Each of two sides has at most 32 units, in numbered
slots, and a stock of loads. A unit is of a kind; `KINDS` and the tables beside it say what each costs, bears, deals,
makes, and how long that takes. Maps are their own mirror image, with a base and a worker for each side.

**An order** is a unit's slot, a verb and an argument. `attack s` strikes the enemy in slot `s`. All other verbs take a
direction `d` and mean the neighbouring cell: `move d` goes there, `gather d` takes a load from the patch or brings it
to the own base there, and `base d` to `ranged d` make a unit of that kind there. Who has no order waits.

**A tick** carries out the orders of both sides at once, in five phases. No phase depends on who is asked first.

1. *Ready.* An order counts if its unit lives and is ready at this tick. Any order that is not possible when its phase
   comes lapses, and its unit stays ready.
2. *Attacks.* Every attacker whose target lives within its range hits it, by `DAMAGE` of the two kinds. All hits fall
   together; then units with no health left leave the board with what they carry, their other orders with them.
3. *Gathering.* A worker with a load beside an own base hands it in. A worker with none takes one from the patch, if all
   who claim that patch can be served; if not, nobody is served where both sides claim, and the lowest slots where one
   side does. Emptied patches leave the board.
4. *Claims.* A move, and a make that the stock can pay, claim their cell if it is free now; cells that are left in this
   very tick are not. A cell that is claimed twice goes to nobody.
5. *Grants.* Units move. Makes are paid from the stock in the order of slots, each as long as the stock and the slots
   last; the new unit takes the lowest free slot and stands there from now on.

Who has acted is busy for the time its act takes; a new unit and its maker both for the time it takes to make it. Times
are multiples of `BEAT` ticks, so that a side which gives orders once a beat loses nothing.

**The end.** A side without buildings (base, barracks) has lost; if both are, it is a draw. At the time limit the side
wins whose units cost more, whatever their health; equal is a draw.

**Fog.** A side sees the cells within `SIGHT` of its units. Of the enemy it sees the units in those cells and nothing
else: never the stock, never what was made. The ground is open to both: walls, patches and what these still hold, and
where both sides began. Nothing in the rules is random.
"""

import numpy as np

KINDS = ("none", "base", "barracks", "worker", "light", "heavy", "ranged")
NONE, BASE, BARRACKS, WORKER, LIGHT, HEAVY, RANGED = range(7)
NUM_KINDS = len(KINDS)

VERBS = ("wait", "attack", "move", "gather", "base", "barracks", "worker", "light", "heavy", "ranged")
WAIT, ATTACK, MOVE, GATHER = range(4)
MAKE = 3
"""Added to a kind it gives the verb that makes it."""

DIRECTIONS = ("north", "east", "south", "west")
SIDES, SLOTS, PATCHES, SPAN = 2, 32, 16, 16
UNITS, CELLS = SIDES * SLOTS, SPAN * SPAN
BEAT = 5

# One column a kind, in the order of KINDS. Times are in ticks.
COST = np.array([0, 10, 5, 1, 2, 3, 2], np.uint8)
HEALTH = np.array([0, 10, 6, 2, 6, 10, 3], np.uint8)
RANGE = np.array([0, 0, 0, 1, 1, 1, 3], np.uint8)
SIGHT = np.array([0, 4, 3, 3, 4, 3, 4], np.uint8)
MOVE_TICKS = np.array([0, 0, 0, 5, 5, 10, 10], np.uint8)
ATTACK_TICKS = np.array([0, 0, 0, 10, 10, 10, 10], np.uint8)
MAKE_TICKS = np.array([0, 100, 30, 20, 20, 30, 25], np.uint8)
GATHER_TICKS = 10

# Attacker by target: light beats ranged, ranged beats heavy, heavy beats light.
DAMAGE = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 1, 1],
        [0, 2, 2, 2, 2, 1, 3],
        [0, 3, 3, 2, 4, 2, 2],
        [0, 1, 1, 1, 1, 2, 1],
    ],
    np.uint8,
)

# Maker by made.
MAKES = np.zeros((NUM_KINDS, NUM_KINDS), np.bool_)
MAKES[BASE, WORKER] = MAKES[WORKER, BASE] = MAKES[WORKER, BARRACKS] = True
MAKES[BARRACKS, [LIGHT, HEAVY, RANGED]] = True

_STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))


def _neighbour(cell: int, direction: int) -> int:
    """Returns the cell next to `cell`, or `cell` itself at the board's edge: it is never free for its own unit."""
    row, column = cell // SPAN + _STEPS[direction][0], cell % SPAN + _STEPS[direction][1]
    return row * SPAN + column if 0 <= row < SPAN and 0 <= column < SPAN else cell


NEIGHBOUR = np.array([[_neighbour(cell, d) for d in range(4)] for cell in range(CELLS)], np.uint8)

for _table in (COST, HEALTH, RANGE, SIGHT, MOVE_TICKS, ATTACK_TICKS, MAKE_TICKS, DAMAGE, MAKES, NEIGHBOUR):
    _table.flags.writeable = False

"""Deals what a side cannot see anew, from its own units, its memory, the ground and the clock, and nothing else.

Whoever is remembered is alive somewhere unseen, no farther from where it was last seen than it can have gone, if there
is room. An enemy base never seen stands at home. The ground tells how many loads the enemy has taken; what that paid
for beyond what was seen, alive or dead, is spent on kinds at random, near its home, and what is left is its stock.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .memory import Memories, remember
from .observe import in_sight
from .rules import (
    ATTACK_TICKS,
    BARRACKS,
    BASE,
    COST,
    HEAVY,
    LIGHT,
    MAKE_TICKS,
    MAKES,
    MOVE_TICKS,
    NUM_KINDS,
    RANGED,
    SLOTS,
    SPAN,
    WORKER,
)
from .state import FREE, PATCH, Games, Unit, loads, with_units

_ARMY = (LIGHT, HEAVY, RANGED)
# Who is busy does what its kind does most: buildings make, units fight.
_BUSY_TICKS = np.where(ATTACK_TICKS > 0, ATTACK_TICKS, (MAKES * MAKE_TICKS).max(1)).astype(np.int64)


@dataclass(slots=True)
class _Table:
    """The enemy as it is being dealt.

    Attributes:
        side: whose units these are.
        home: where they came from.
        units: dealt so far.
        hidden: cells where one may stand unseen, taken away one by one.
        rng: the dealer's hand.
    """

    side: int
    home: int
    units: list[Unit]
    hidden: list[int]
    rng: np.random.Generator
    slots: list[int] = field(default_factory=lambda: list(range(SLOTS)))

    def place(self, kind: int, near: int, reach: int, slot: int | None = None, **what: int) -> None:
        """Puts a unit on a hidden cell within `reach` of `near`, or the nearest there is; nowhere if none is left."""
        if not self.hidden or not self.slots:
            return
        steps = np.abs(np.divmod(self.hidden, SPAN) - np.array(divmod(near, SPAN))[:, None]).sum(0)
        candidates = np.flatnonzero(steps <= max(reach, int(steps.min())))
        cell = self.hidden.pop(int(self.rng.choice(candidates)))
        slot = self.slots[0] if slot is None else slot
        if slot in self.slots:
            self.slots.remove(slot)
        self.units.append(Unit(self.side, kind, cell, slot, **what))

    def has(self, kind: int) -> bool:
        """Returns True where a unit of this kind is dealt already."""
        return any(unit.kind == kind for unit in self.units)


def deal(games: Games, memories: Memories, side: int, rng: np.random.Generator) -> tuple[Games, Memories]:
    """Returns `[1]` game and memory as they may be, for all that `side` knows of `games` and `memories`, `[1]` each."""
    game, known = games[0], {name: memories[name][0, side] for name in memories.dtype.names or ()}
    own = [u for u in range(SLOTS * side, SLOTS * side + SLOTS) if game["kind"][u]]
    in_sight = [s for s in range(SLOTS) if known["kind"][s] and known["tick"][s] == game["tick"]]
    gone = [s for s in range(SLOTS) if known["kind"][s] and known["tick"][s] != game["tick"]]
    seen = [_busy_anew(_remembered(known, s, 1 - side), int(game["tick"]), rng) for s in in_sight]
    table = _Table(1 - side, int(game["home"][1 - side]), seen, _hidden(games, side, own, seen), rng)
    table.slots = [s for s in table.slots if not known["kind"][s]]
    # Buildings first: nobody else may take their cells.
    for s in sorted(gone, key=lambda s: int(MOVE_TICKS[known["kind"][s]])):
        unit = _remembered(known, s, 1 - side)
        ticks = int(game["tick"]) - int(known["tick"][s])
        pace = int(MOVE_TICKS[unit.kind])
        reach = ticks // pace if pace else 0
        table.place(unit.kind, unit.cell, reach, s, health=unit.health or 0, load=unit.load)
    stock = _spend(table, known["fallen"], _wealth(games, side))
    units = [_own(games, u, side) for u in own] + table.units
    stocks = [stock, stock]
    stocks[side] = int(game["stock"][side])
    dealt = with_units(games, units, stocks)
    for name in ("made", "opening"):
        dealt[name][0, side] = game[name][side]
    dealt["total"] = loads(dealt)
    return dealt, _memories(dealt, memories, side)


def _spend(table: _Table, fallen: NDArray[np.uint8], wealth: int) -> int:
    """Deals the enemy's base, its first worker, and units that its `wealth` may have paid for; returns its stock."""
    counts = np.bincount([unit.kind for unit in table.units], minlength=NUM_KINDS) + fallen[:NUM_KINDS]
    if counts[BASE] == 0:
        table.place(BASE, table.home, 0)
    # The game goes on, so a building stands somewhere, and nobody else may take its cell.
    is_homeless = not table.has(BASE) and not table.has(BARRACKS)
    if is_homeless:
        table.place(BARRACKS, table.home, SPAN)
    if counts[WORKER] == 0:
        table.place(WORKER, table.home, 2)
    # Nobody paid for what a side begins with.
    counts[BASE], counts[WORKER] = max(counts[BASE] - 1, 0), max(counts[WORKER] - 1, 0)
    left = max(wealth - int(counts @ COST), 0)
    if is_homeless:
        left = max(left - int(COST[BARRACKS]), 0)
    while True:
        offered = [WORKER, *(_ARMY if table.has(BARRACKS) else (BARRACKS,))]
        kind = int(table.rng.choice([0, *(k for k in offered if COST[k] <= left)]))
        if kind == 0 or not table.hidden or not table.slots:
            return left
        table.place(kind, table.home, 4)
        left -= int(COST[kind])


def _wealth(games: Games, side: int) -> int:
    """Returns what the other side of `side` owned from the beginning on and has taken since, in hand or not."""
    game = games[0]
    first = SLOTS * side
    own = int(game["stock"][side]) + int(game["load"][first : first + SLOTS].sum())
    own += int(game["made"][side, :NUM_KINDS].astype(np.int64) @ COST)
    # The sum of all loads follows from the map; own loads that were lost with their carriers count as the enemy's.
    return int(game["total"]) - int(game["patch_loads"].sum(dtype=np.int64)) - own


def _hidden(games: Games, side: int, own: list[int], seen: list[Unit]) -> list[int]:
    """Returns the cells of the map out of sight that hold neither wall nor patch."""
    game, is_seen = games[0], in_sight(games, side)
    grid = np.where(game["grid"] >= PATCH, game["grid"], FREE)
    taken = [int(game["cell"][u]) for u in own] + [unit.cell for unit in seen]
    return sorted(set(np.flatnonzero((grid == FREE) & ~is_seen).tolist()) - set(taken))


def _own(games: Games, u: int, side: int) -> Unit:
    """Returns a unit of the side itself."""
    game = games[0]
    kind, cell, health, load, ready = (int(game[n][u]) for n in ("kind", "cell", "health", "load", "ready"))
    return Unit(side, kind, cell, u % SLOTS, health, load, ready)


def _remembered(known: dict[str, NDArray[np.uint16]], slot: int, side: int) -> Unit:
    """Returns an enemy as it was last seen."""
    kind, cell, health, load, ready = (int(known[n][slot]) for n in ("kind", "cell", "health", "load", "ready"))
    return Unit(side, kind, cell, slot, health, load, ready)


def _busy_anew(unit: Unit, tick: int, rng: np.random.Generator) -> Unit:
    """Returns an enemy in sight, of whom is seen that it is busy, but not for how long."""
    if unit.ready <= tick:
        return unit
    return replace(unit, ready=tick + int(rng.integers(1, _BUSY_TICKS[unit.kind], endpoint=True)))


def _memories(dealt: Games, memories: Memories, side: int) -> Memories:
    """Returns the side's own memory beside that of an enemy who knows what it sees now."""
    kept = memories.copy()
    kept["ready"] = 0
    for name in kept.dtype.names or ():
        kept[name][0, 1 - side] = 0
    remember(dealt, kept, True)
    return kept

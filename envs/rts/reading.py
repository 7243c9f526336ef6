"""Observations: what a side knows, as tokens in the order that `words` shows, the board turned as the side sees it."""

import numpy as np

from .compiled import inner, kernel, part
from .ground import turned
from .kernels import distance
from .rules import (
    BARRACKS,
    BASE,
    BEAT,
    DAMAGE,
    GATHER,
    HEAVY,
    LIGHT,
    MOVE,
    NUM_KINDS,
    PATCHES,
    RANGED,
    SLOTS,
    SPAN,
    WORKER,
)
from .state import WALL
from .steering import next_load
from .words import (
    ARMY,
    BUSY,
    CELL,
    CLOCK,
    CLOCKS,
    ENEMY,
    FAR,
    GONE,
    IDLE,
    IN,
    LOADS,
    MOST_STEPS,
    MOST_TARGETS,
    MOST_UNITS,
    NEAR,
    NEAR_HOME,
    NEW_BEATS,
    NTH,
    OWN,
    PATCH_WORD,
    SOON,
    STATUS,
    STOCK,
    STOCKS,
    THEIRS,
    UNIT,
)
from .words import WALLS as WALLS_WORD

MOST_TOKENS = 5 + NUM_KINDS + (10 + 2 * MOST_TARGETS) * SLOTS + 4 * SLOTS + 2 * PATCHES + 1 + SPAN * SPAN
"""As long as an observation can ever be."""

_ATTACKS = np.uint64((1 << SLOTS) - 1)
_GATHERS = np.uint64(15 << SLOTS + 4 * (GATHER - MOVE))


@kernel
def read(games, memories, words, sides, fog, tokens, counts, beside):  # type: ignore[no-untyped-def]
    """Writes what side `sides[i]` of game i reads into the first `counts[i]` of the `[B, MOST_TOKENS]` `tokens`.

    `words`, `[B, 64]`, say what units may be ordered; of the other side's nothing is read. `beside`, `[B, 32, 4]`, is
    written: by slot of the own units, the slots of the nearest enemy and of the nearest intruder, if that is another,
    the cell of the next load, and the slot of the weakest target; -1 for none.
    """
    for i in range(len(games)):
        game, memory, side, row = games[i], memories[i], sides[i], tokens[i]
        row[0] = STOCK + min(game.stock[side], STOCKS - 1)
        row[1] = CLOCK + min(CLOCKS * np.int64(game.tick) // game.limit, CLOCKS - 1)
        row[2] = CELL + turned(game.home[1 - side], game, side)
        n = 3
        if not fog:
            row[n] = THEIRS + min(game.stock[1 - side], STOCKS - 1)
            n += 1
        n = _count_own(game, side, row, n)
        n = _read_own(game, memory, words[i], side, row, n, beside[i])
        n = _read_enemies(game, memory, side, row, n)
        counts[i] = _read_ground(game, side, row, n)


@inner
def _count_own(game, side, row, n):  # type: ignore[no-untyped-def]
    """Writes how many units of each kind the side has, and of the army, from place `n` on; returns where it ends."""
    counts = np.empty(NUM_KINDS, np.int64)
    counts[:] = 0
    for u in range(SLOTS * side, SLOTS * side + game.top[side]):
        counts[game.kind[u]] += 1
    for kind in range(BASE, NUM_KINDS):
        if counts[kind]:
            row[n] = OWN + NUM_KINDS * (min(counts[kind], MOST_UNITS) - 1) + kind
            n += 1
    army = counts[LIGHT] + counts[HEAVY] + counts[RANGED]
    if army:
        row[n] = ARMY + min(army, MOST_UNITS) - 1
        n += 1
    return n


@part
def _read_own(game, memory, words, side, row, n, beside):  # type: ignore[no-untyped-def]
    """Writes the side's own units from place `n` on; returns where it ends."""
    beside[:] = -1
    for slot in range(game.top[side]):
        u = SLOTS * side + slot
        if game.kind[u]:
            if game.ready[u] > game.tick:
                standing = SOON if game.ready[u] <= game.tick + BEAT else BUSY
            elif words[u] == 0:
                standing = IDLE
            else:
                standing = ((words[u] & _ATTACKS) != 0) + 2 * ((words[u] & _GATHERS) != 0)
            row[n] = STATUS[0, game.kind[u], game.health[u], game.load[u], standing]
            row[n + 1] = CELL + turned(game.cell[u], game, side)
            n += 2
            if words[u] and game.kind[u] > BARRACKS:
                n = _read_view(game, memory, words[u], u, side, row, n, beside[slot])
            row[n] = UNIT + slot
            n += 1
    return n


@inner
def _read_view(game, memory, word, u, side, row, n, beside):  # type: ignore[no-untyped-def]
    """Writes which of its kind unit `u` is, and what lies near it, from place `n` on; returns where it ends."""
    place = 0
    for other in range(SLOTS * side, u + 1):
        place += game.kind[other] == game.kind[u]
    row[n], row[n + 1] = NTH + min(place, MOST_UNITS) - 1, FAR + _steps(game.cell[u], game.home[side])
    n += 2
    nearest, intruder = _nearest(game, memory, u, side)
    if nearest >= 0:
        row[n], row[n + 1] = ENEMY + nearest, NEAR + _steps(game.cell[u], memory.cell[side, nearest])
        n += 2
    if intruder >= 0:
        row[n], row[n + 1] = ENEMY + intruder, IN + _steps(game.cell[u], memory.cell[side, intruder])
        n += 2
    weakest = _weakest(game.kind[u], memory, word, side)
    beside[0], beside[1], beside[3] = nearest, intruder if intruder != nearest else -1, weakest
    n = _read_targets(game, memory, word, side, weakest, row, n)
    if game.kind[u] == WORKER:
        goal = next_load(game, u)
        if goal >= 0:
            is_base, base = game.load[u], (game.grid[goal] - 1) % SLOTS
            row[n] = UNIT + base if is_base else CELL + turned(goal, game, side)
            beside[2] = goal
            n += 1
    return n


@inner
def _nearest(game, memory, u, side):  # type: ignore[no-untyped-def]
    """Returns the slots of the enemies in sight nearest to a unit: of all, and of intruders; -1 for none."""
    enemy, intruder, steps_to_enemy, steps_to_intruder = -1, -1, 1 << 30, 1 << 30
    for slot in range(SLOTS):
        if memory.kind[side, slot] and memory.tick[side, slot] == game.tick:
            cell = memory.cell[side, slot]
            steps = distance(game.cell[u], cell)
            if steps < steps_to_enemy:
                enemy, steps_to_enemy = slot, steps
            if steps < steps_to_intruder and distance(game.home[side], cell) <= NEAR_HOME:
                intruder, steps_to_intruder = slot, steps
    return enemy, intruder


@inner
def _steps(cell, other):  # type: ignore[no-untyped-def]
    """Returns the place of the steps between two cells among the words for steps; the least is one."""
    return min(max(distance(cell, other), 1), MOST_STEPS) - 1


@inner
def _weakest(kind, memory, word, side):  # type: ignore[no-untyped-def]
    """Returns the slot of the target to whom a hit does most damage a point of health, -1 where there is none."""
    best, most = -1, 0.0
    for slot in range(SLOTS):
        if word >> np.uint64(slot) & np.uint64(1):
            damage = DAMAGE[kind, memory.kind[side, slot]] / memory.health[side, slot]
            if damage > most:
                best, most = slot, damage
    return best


@inner
def _read_targets(game, memory, word, side, weakest, row, n):  # type: ignore[no-untyped-def]
    """Writes whom a unit that may be ordered `word` may attack, the weakest first, from place `n` on.

    Returns where it ends.
    """
    if weakest >= 0:
        row[n], row[n + 1] = ENEMY + weakest, _enemy_status(game, memory, side, weakest)
        n += 2
    left = MOST_TARGETS - 1
    for slot in range(SLOTS):
        if word >> np.uint64(slot) & np.uint64(1) and slot != weakest and left:
            row[n], row[n + 1] = ENEMY + slot, _enemy_status(game, memory, side, slot)
            n += 2
            left -= 1
    return n


@inner
def _enemy_status(game, memory, side, slot):  # type: ignore[no-untyped-def]
    """Returns the word of how an enemy in sight stands."""
    busy = BUSY * (memory.ready[side, slot] > game.tick)
    return STATUS[1, memory.kind[side, slot], memory.health[side, slot], memory.load[side, slot], busy]


@inner
def _read_enemies(game, memory, side, row, n):  # type: ignore[no-untyped-def]
    """Writes the enemies in sight, then those remembered; returns where it ends."""
    for slot in range(SLOTS):
        kind = memory.kind[side, slot]
        if kind and memory.tick[side, slot] == game.tick:
            row[n] = _enemy_status(game, memory, side, slot)
            row[n + 1] = CELL + turned(memory.cell[side, slot], game, side)
            row[n + 2] = FAR + _steps(game.home[side], memory.cell[side, slot])
            row[n + 3] = ENEMY + slot
            n += 4
    for slot in range(SLOTS):
        kind = memory.kind[side, slot]
        if kind and memory.tick[side, slot] != game.tick:
            is_old = np.int64(game.tick) - np.int64(memory.tick[side, slot]) > BEAT * NEW_BEATS
            row[n] = GONE + NUM_KINDS * is_old + kind
            row[n + 1] = CELL + turned(memory.cell[side, slot], game, side)
            row[n + 2] = ENEMY + slot
            n += 3
    return n


@inner
def _read_ground(game, side, row, n):  # type: ignore[no-untyped-def]
    """Writes patches, the side's own half first, and walls; returns where it ends."""
    for is_far in range(2):
        for patch in range(PATCHES):
            if game.patch_loads[patch]:
                cell = turned(game.patch_cell[patch], game, side)
                if (2 * (cell & 15) >= game.width) == is_far:
                    row[n], row[n + 1] = PATCH_WORD + min(game.patch_loads[patch], LOADS), CELL + cell
                    n += 2
    row[n] = WALLS_WORD
    n += 1
    for y in range(game.height):
        for x in range(game.width):
            if game.grid[turned(SPAN * y + x, game, side)] == WALL:
                row[n] = CELL + SPAN * y + x
                n += 1
    return n

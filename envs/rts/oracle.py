"""The rules once more, in numpy alone and all games at a time: slow, written from `rules`' page, kept for tests.

Nothing here is shared with the kernels but the tables. Shapes: `B` games, `U` the 64 units of one.
"""

import numpy as np
from numpy.typing import NDArray

from .rules import (
    ATTACK,
    ATTACK_TICKS,
    BARRACKS,
    BASE,
    CELLS,
    COST,
    DAMAGE,
    GATHER,
    GATHER_TICKS,
    HEALTH,
    MAKE,
    MAKE_TICKS,
    MAKES,
    MOVE,
    MOVE_TICKS,
    NEIGHBOUR,
    NUM_KINDS,
    PATCHES,
    RANGE,
    SIDES,
    SLOTS,
    SPAN,
    UNITS,
    WORKER,
)
from .state import FREE, OPENING, PATCH, WALL, Games

Array = NDArray[np.int64]
_SIDE = np.arange(UNITS) // SLOTS


def oracle_step(games: Games, orders: NDArray[np.int16]) -> Games:
    """Returns `[B]` games one tick after `games`, by `[B, 64]` orders; what is over stays as it is."""
    after = games.copy()
    going = np.flatnonzero(after["over"] == 0)
    now = after[going]
    verb, argument = np.divmod(orders[going].astype(np.int64), SLOTS)
    possible = (now["kind"] > 0) & (now["ready"] <= now["tick"][:, None])
    _attacks(now, possible & (verb == ATTACK), argument)
    # The dead have lost their kind and so their orders.
    possible &= (now["kind"] > 0) & (argument < 4) & (verb >= MOVE) & (verb < MAKE + NUM_KINDS)
    there = NEIGHBOUR[now["cell"], np.where(possible, argument, 0)].astype(np.int64)
    _gathering(now, possible & (verb == GATHER) & (now["kind"] == WORKER), there)
    _claims(now, possible & (verb != GATHER), verb, there)
    for side in range(SIDES):
        alive = now["kind"][:, side * SLOTS : (side + 1) * SLOTS] > 0
        now["top"][:, side] = (alive * np.arange(1, SLOTS + 1)).max(1)
    now["tick"] += 1
    _verdict(now)
    after[going] = now
    return after


def _attacks(now: Games, attacking: NDArray[np.bool_], slot: Array) -> None:
    """Lets all hits fall together and takes the dead off the board."""
    kind = now["kind"].astype(np.int64)
    target = np.where(_SIDE == 0, SLOTS, 0) + slot
    target_kind = np.take_along_axis(kind, target, 1)
    row, column = np.divmod(now["cell"].astype(np.int64), SPAN)
    steps = np.abs(row - np.take_along_axis(row, target, 1)) + np.abs(column - np.take_along_axis(column, target, 1))
    game, u = np.nonzero(attacking & (target_kind > 0) & (steps <= RANGE[kind]))
    hits = np.zeros(kind.shape, np.int64)
    np.add.at(hits, (game, target[game, u]), DAMAGE[kind, target_kind][game, u])
    now["ready"][game, u] = now["tick"][game] + ATTACK_TICKS[kind[game, u]]
    dead = (kind > 0) & (hits >= now["health"])
    now["health"] = np.where(dead, 0, now["health"] - hits)
    now["lost"] += (now["load"] * dead).sum(1).astype(np.uint16)
    game, u = np.nonzero(dead)
    now["grid"][game, now["cell"][game, u]] = FREE
    for field in ("kind", "cell", "load", "ready"):
        now[field][game, u] = 0


def _gathering(now: Games, gathering: NDArray[np.bool_], there: Array) -> None:
    """Hands loads in, takes loads out of patches."""
    what = np.take_along_axis(now["grid"].astype(np.int64), there, 1)
    loaded = now["load"] > 0
    holder = np.clip(what - 1, 0, UNITS - 1)
    is_base = (what > FREE) & (what < PATCH) & (np.take_along_axis(now["kind"], holder, 1) == BASE)
    handing = gathering & loaded & is_base & (_SIDE[holder] == _SIDE)
    taking = gathering & ~loaded & (what >= PATCH) & (what < WALL)
    claimed = [
        (taking[:, None, :] & (what[:, None, :] == PATCH + np.arange(PATCHES)[:, None]) & (side == _SIDE)).sum(2)
        for side in range(SIDES)
    ]
    refused = (claimed[0] > 0) & (claimed[1] > 0) & (claimed[0] + claimed[1] > now["patch_loads"])
    for u in np.flatnonzero(taking.any(0)):
        game = np.flatnonzero(taking[:, u])
        patch = what[game, u] - PATCH
        served = ~refused[game, patch] & (now["patch_loads"][game, patch] > 0)
        now["patch_loads"][game[served], patch[served]] -= 1
        taking[game, u] = served
    now["stock"] += handing.reshape(-1, SIDES, SLOTS).sum(2).astype(np.uint16)
    now["load"] = np.where(handing, 0, np.where(taking, 1, now["load"]))
    now["ready"] = np.where(handing | taking, now["tick"][:, None] + GATHER_TICKS, now["ready"])
    game, cell = np.nonzero((now["grid"] >= PATCH) & (now["grid"] < WALL))
    empty = now["patch_loads"][game, now["grid"][game, cell] - PATCH] == 0
    now["grid"][game[empty], cell[empty]] = FREE


def _claims(now: Games, claiming: NDArray[np.bool_], verb: Array, there: Array) -> None:
    """Grants the cells that one order alone claims: moves, and makes in the order of slots."""
    kind = now["kind"].astype(np.int64)
    made = np.clip(verb - MAKE, 0, NUM_KINDS - 1)
    affordable = MAKES[kind, made] & (COST[made] <= now["stock"][:, _SIDE])
    claiming &= np.where(verb == MOVE, MOVE_TICKS[kind] > 0, affordable)
    claiming &= np.take_along_axis(now["grid"], there, 1) == FREE
    counts = np.zeros((len(now), CELLS), np.int64)
    np.add.at(counts, (np.nonzero(claiming)[0], there[claiming]), 1)
    claiming &= np.take_along_axis(counts, there, 1) == 1
    game, u = np.nonzero(claiming & (verb == MOVE))
    now["grid"][game, now["cell"][game, u]] = FREE
    now["grid"][game, there[game, u]] = 1 + u
    now["cell"][game, u] = there[game, u]
    now["ready"][game, u] = now["tick"][game] + MOVE_TICKS[kind[game, u]]
    making = claiming & (verb != MOVE)
    for maker in np.flatnonzero(making.any(0)):
        game = np.flatnonzero(making[:, maker])
        _make(now, game, int(maker), made[game, maker], there[game, maker])


def _make(now: Games, game: Array, maker: int, made: Array, cell: Array) -> None:
    """Makes a unit in each of these games, where the stock and the slots last."""
    side = maker // SLOTS
    taken = now["kind"][game, side * SLOTS : (side + 1) * SLOTS] > 0
    able = (now["stock"][game, side] >= COST[made]) & ~taken.all(1)
    game, made, cell, new = game[able], made[able], cell[able], side * SLOTS + taken[able].argmin(1)
    now["stock"][game, side] -= COST[made]
    nth = now["made"][game, side].sum(1, dtype=np.int64)
    early = nth < OPENING
    now["opening"][game[early], side, nth[early]] = made[early]
    now["made"][game, side, made] += 1
    now["kind"][game, new], now["cell"][game, new], now["health"][game, new] = made, cell, HEALTH[made]
    now["grid"][game, cell] = 1 + new
    now["ready"][game, new] = now["ready"][game, maker] = now["tick"][game] + MAKE_TICKS[made]


def _verdict(now: Games) -> None:
    """Ends games: no building left, or the time is up."""
    sides = now["kind"].reshape(-1, SIDES, SLOTS)
    stands = ((sides == BASE) | (sides == BARRACKS)).any(2)
    worth = COST[sides].sum(2, dtype=np.int64)
    fallen, late = ~stands.all(1), now["tick"] == now["limit"]
    score = np.where(fallen, stands[:, 0] * 1 - stands[:, 1] * 1, worth[:, 0] - worth[:, 1])
    now["over"] = fallen | late
    now["winner"] = np.where(fallen | late, np.where(score > 0, 0, np.where(score < 0, 1, -1)), -1)

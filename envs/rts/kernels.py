"""A tick of many games, compiled: phase by phase what `rules` says."""

import numpy as np

from .compiled import inner, kernel, part
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
    SLOTS,
    UNITS,
    WAIT,
    WORKER,
)
from .state import FREE, OPENING, PATCH, WALL


@kernel
def step(games, orders, ticks=1):  # type: ignore[no-untyped-def]
    """Plays `ticks` ticks of `[B]` games in place by standing `[B, 64]` int16 orders; what is over stays as it is.

    An order that is carried out is not taken back: its unit repeats it once it is ready, where it still can.
    """
    acting, places = np.empty(UNITS, np.uint8), np.empty(UNITS, np.uint8)
    hits, claims = np.empty(UNITS, np.uint8), np.empty(CELLS, np.uint8)
    wanted = np.empty(2 * PATCHES, np.uint8)
    # Whoever counts in them sets them back.
    hits[:], claims[:], wanted[:] = 0, 0, 0
    for i in range(len(games)):
        game, row = games[i], orders[i]
        for _ in range(ticks):
            if game.over:
                break
            num_acting, struck = _attack(game, row, acting, hits)
            razed = struck and _bury(game, hits)
            if num_acting > 0:
                num_acting = _gather(game, row, acting, num_acting, places, wanted)
            if num_acting > 0:
                num_acting = _claim(game, row, acting, num_acting, places, claims)
                _grant(game, row, acting, num_acting, places, claims)
            game.tick += np.uint16(1)
            if razed or game.tick == game.limit:
                _judge(game)


@inner
def distance(a, b):  # type: ignore[no-untyped-def]
    """Returns the steps between two cells."""
    a, b = np.int64(a), np.int64(b)
    return abs((a >> 4) - (b >> 4)) + abs((a & 15) - (b & 15))


@inner
def _attack(game, orders, acting, hits):  # type: ignore[no-untyped-def]
    """Adds up the hits and lists who has another order; returns how many, and whether anyone was hit."""
    num_acting, struck = 0, False
    for side in range(2):
        for u in range(SLOTS * side, SLOTS * side + game.top[side]):
            order = orders[u]
            if order == WAIT or game.kind[u] == 0 or game.ready[u] > game.tick:
                continue
            verb, kind = order >> 5, game.kind[u]
            if verb == ATTACK:
                target = SLOTS * (1 - side) + (order & 31)
                if game.kind[target] and distance(game.cell[u], game.cell[target]) <= RANGE[kind]:
                    hits[target] += DAMAGE[kind, game.kind[target]]
                    game.ready[u] = game.tick + ATTACK_TICKS[kind]
                    struck = True
            elif MOVE <= verb < MAKE + NUM_KINDS and order & 31 < 4:
                acting[num_acting] = u
                num_acting += 1
    return num_acting, struck


@inner
def _bury(game, hits):  # type: ignore[no-untyped-def]
    """Takes the hits off the units' health and the dead off the board; returns True where a building fell."""
    razed = False
    for side in range(2):
        first = SLOTS * side
        for u in range(first, first + game.top[side]):
            if hits[u] == 0:
                continue
            if hits[u] < game.health[u]:
                game.health[u] -= hits[u]
            else:
                razed |= game.kind[u] == BASE or game.kind[u] == BARRACKS
                game.lost += game.load[u]
                game.grid[game.cell[u]] = FREE
                game.kind[u] = game.cell[u] = game.health[u] = game.load[u] = game.ready[u] = 0
            hits[u] = 0
        while game.top[side] > 0 and game.kind[first + game.top[side] - 1] == 0:
            game.top[side] -= 1
    return razed


@part
def _gather(game, orders, acting, num_acting, places, wanted):  # type: ignore[no-untyped-def]
    """Hands in and takes loads; returns how many of the list are left, who move or make."""
    num_left, num_takers = 0, np.int64(0)
    for i in range(num_acting):
        u = acting[i]
        if orders[u] >> 5 != GATHER:
            # The dead are not asked again.
            if game.kind[u]:
                acting[num_left] = u
                num_left += 1
        elif game.kind[u] == WORKER:
            there = game.grid[NEIGHBOUR[game.cell[u], orders[u] & 3]]
            if game.load[u] == 0 and PATCH <= there < WALL:
                # Takers wait at the end of `places`; whoever moves or makes will write over them.
                num_takers += 1
                places[UNITS - num_takers] = u
                wanted[2 * (there - PATCH) + u // SLOTS] += 1
            elif game.load[u] and FREE < there < PATCH:
                base = there - 1
                if game.kind[base] == BASE and base // SLOTS == u // SLOTS:
                    game.load[u] = 0
                    game.stock[u // SLOTS] += 1
                    game.ready[u] = game.tick + GATHER_TICKS
    if num_takers:
        _take(game, orders, places, num_takers, wanted)
    return num_left


@inner
def _take(game, orders, places, num_takers, wanted):  # type: ignore[no-untyped-def]
    """Serves who claims a patch, from the lowest slot."""
    for i in range(1, num_takers + 1):
        u = places[UNITS - i]
        patch = game.grid[NEIGHBOUR[game.cell[u], orders[u] & 3]] - PATCH
        own, other = 2 * patch + u // SLOTS, 2 * patch + 1 - u // SLOTS
        left = game.patch_loads[patch]
        if left == 0 or (wanted[other] and wanted[own] + wanted[other] > left):
            continue
        # Both sides of the comparison fall together, so it holds for all who come or for none.
        wanted[own] -= 1
        game.patch_loads[patch] -= 1
        game.load[u] = 1
        game.ready[u] = game.tick + GATHER_TICKS
    for i in range(1, num_takers + 1):
        u = places[UNITS - i]
        cell = NEIGHBOUR[game.cell[u], orders[u] & 3]
        there = game.grid[cell]
        if there:
            wanted[2 * (there - PATCH)] = wanted[2 * (there - PATCH) + 1] = 0
            if game.patch_loads[there - PATCH] == 0:
                game.grid[cell] = FREE


@inner
def _claim(game, orders, acting, num_acting, places, claims):  # type: ignore[no-untyped-def]
    """Counts the claims to each cell; returns how many of the list claim one."""
    num_claims = 0
    for i in range(num_acting):
        u = acting[i]
        verb, kind = orders[u] >> 5, game.kind[u]
        cell = NEIGHBOUR[game.cell[u], orders[u] & 3]
        if verb == MOVE:
            possible = MOVE_TICKS[kind] > 0
        else:
            possible = MAKES[kind, verb - MAKE] and COST[verb - MAKE] <= game.stock[u // SLOTS]
        if possible and game.grid[cell] == FREE:
            acting[num_claims], places[num_claims] = u, cell
            claims[cell] += 1
            num_claims += 1
    return num_claims


@part
def _grant(game, orders, acting, num_claims, places, claims):  # type: ignore[no-untyped-def]
    """Gives each cell with one claim to who claims it."""
    for i in range(num_claims):
        u, cell = acting[i], places[i]
        if claims[cell] > 1:
            continue
        if orders[u] >> 5 == MOVE:
            game.grid[game.cell[u]] = FREE
            game.grid[cell] = u + 1
            game.cell[u] = cell
            game.ready[u] = game.tick + MOVE_TICKS[game.kind[u]]
        else:
            _make(game, u, cell, (orders[u] >> 5) - MAKE)
    for i in range(num_claims):
        claims[places[i]] = 0


@inner
def _make(game, maker, cell, kind):  # type: ignore[no-untyped-def]
    """Makes a unit in the lowest free slot, if the stock and the slots last."""
    side = maker // SLOTS
    new = SLOTS * side
    while new < SLOTS * side + game.top[side] and game.kind[new]:
        new += 1
    if game.stock[side] < COST[kind] or new == SLOTS * (side + 1):
        return
    game.stock[side] -= COST[kind]
    num_made = 0
    for k in range(NUM_KINDS):
        num_made += game.made[side, k]
    if num_made < OPENING:
        game.opening[side, num_made] = kind
    game.made[side, kind] += 1
    game.top[side] += new == SLOTS * side + game.top[side]
    game.kind[new], game.cell[new], game.health[new] = kind, cell, HEALTH[kind]
    game.grid[cell] = new + 1
    game.ready[new] = game.ready[maker] = game.tick + MAKE_TICKS[kind]


@inner
def _judge(game):  # type: ignore[no-untyped-def]
    """Ends the game where a side has no building left or the time is up."""
    lead, first_stands, second_stands = np.int64(0), False, False
    for u in range(SLOTS):
        ours, theirs = game.kind[u], game.kind[SLOTS + u]
        lead += np.int64(COST[ours]) - np.int64(COST[theirs])
        first_stands |= (ours == BASE) | (ours == BARRACKS)
        second_stands |= (theirs == BASE) | (theirs == BARRACKS)
    if not (first_stands and second_stands):
        lead = np.int64(first_stands) - np.int64(second_stands)
    elif game.tick != game.limit:
        return
    game.over = 1
    game.winner = 0 if lead > 0 else 1 if lead < 0 else -1

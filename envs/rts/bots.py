"""Scripted players, to learn from and to be measured by: one script, and a row of `PLANS` for each strategy.

They play by the rules of fog: what a bot does follows from its own units, the enemies it sees and the ground. A script
says how many workers gather, when barracks are due, which units come out of them, and with how large an army to go.
They say what is to be done as commands, which `steering` turns into orders.
"""

import numpy as np

from .compiled import inner, kernel, part
from .ground import turned
from .kernels import distance
from .masks import draw, pick, possible
from .observe import look, sees
from .rules import (
    ATTACK,
    BARRACKS,
    BASE,
    CELLS,
    COST,
    DAMAGE,
    GATHER,
    HEAVY,
    LIGHT,
    MAKE,
    MOVE,
    MOVE_TICKS,
    NEIGHBOUR,
    NUM_KINDS,
    RANGE,
    RANGED,
    SLOTS,
    SPAN,
    WORKER,
)
from .state import FREE
from .steering import next_load

BOTS = ("worker_rush", "light_rush", "heavy_rush", "ranged_rush", "economy", "turtle", "random")
_RANDOM = BOTS.index("random")

_GATHERERS, _WORKERS, _BARRACKS, _ARMY, _GUARD = 0, 1, 2, 3, 4
"""Columns of a plan: workers that gather, workers at all, barracks, units to attack with, steps from home to guard."""
_SHARES = 5 - LIGHT
"""Added to a kind it gives the column of its share in the army."""
_SEARCHES = 8
"""Places where a unit looks for an enemy that is not at home, in the time of a whole game."""

PLANS = np.array(
    [
        [1, 32, 0, 1, 3, 0, 0, 0],
        [2, 2, 1, 3, 3, 1, 0, 0],
        [2, 2, 1, 3, 3, 0, 1, 0],
        [2, 2, 1, 3, 3, 0, 0, 1],
        [5, 5, 2, 6, 4, 2, 1, 1],
        [3, 3, 1, 99, 4, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    np.int64,
)


@kernel
def bots(games, scripts, skills, rng, commands):  # type: ignore[no-untyped-def]
    """Writes both sides' commands into `[B, 64]` int16 `commands`.

    Args:
        games: `[B]`.
        scripts: `[B, 2]`, a number of `BOTS` for each side, or -1 to leave that side's commands as they are.
        skills: `[B, 2]`, in percent: how often a unit gets its bot's command and not a random legal order.
        rng: `[B]` uint64, the state of each game's generator; it moves on.
        commands: written.
    """
    # `_spot` writes the first two wherever a unit that can move is ready, `_command` the last.
    sight, enemies, counts = np.empty(SPAN, np.int64), np.empty(SLOTS, np.int64), np.empty(NUM_KINDS, np.int64)
    for i in range(len(games)):
        for side in range(2):
            if scripts[i, side] < 0:
                continue
            for u in range(SLOTS * side, SLOTS * side + SLOTS):
                commands[i, u] = 0
            if games[i].over:
                continue
            any_ready, mobile_ready = _ready(games[i], side)
            if any_ready and scripts[i, side] != _RANDOM:
                num_enemies = _spot(games[i], side, sight, enemies) if mobile_ready else 0
                plan, seen = PLANS[scripts[i, side]], enemies[:num_enemies]
                _command(games[i], side, plan, sight, seen, counts, rng, i, commands)
            _blunder(games[i], side, 0 if scripts[i, side] == _RANDOM else skills[i, side], rng, i, commands[i])


@part
def _blunder(game, side, skill, rng, i, commands):  # type: ignore[no-untyped-def]
    """Puts random legal orders in place of `100 - skill` percent."""
    if skill < 100:
        for u in range(SLOTS * side, SLOTS * side + game.top[side]):
            if game.kind[u] and game.ready[u] <= game.tick and draw(rng, i) % 100 >= skill:
                order = pick(possible(game, u), rng, i)
                verb, argument = order // SLOTS, order % SLOTS
                walks = MOVE <= verb <= GATHER
                commands[u] = CELLS * verb + (NEIGHBOUR[game.cell[u], argument] if walks else argument)


@inner
def _ready(game, side):  # type: ignore[no-untyped-def]
    """Returns whether a unit is ready, and whether one is that can move."""
    any_ready, mobile_ready = False, False
    # Without branches: where units are dead or busy, nobody can foretell.
    for u in range(SLOTS * side, SLOTS * side + game.top[side]):
        ready = game.ready[u] <= game.tick
        any_ready |= ready & (game.kind[u] > 0)
        mobile_ready |= ready & (game.kind[u] > BARRACKS)
    return any_ready, mobile_ready


@part
def _spot(game, side, sight, enemies):  # type: ignore[no-untyped-def]
    """Lists the enemies in sight; returns how many."""
    look(game, side, sight)
    num_enemies, first = 0, SLOTS * (1 - side)
    for enemy in range(first, first + game.top[1 - side]):
        enemies[num_enemies] = enemy
        num_enemies += (game.kind[enemy] > 0) & sees(sight, game.cell[enemy])
    return num_enemies


@part
def _command(game, side, plan, sight, enemies, counts, rng, i, commands):  # type: ignore[no-untyped-def]
    """Gives every ready unit its command, from the lowest slot; what is spent is gone for the next."""
    for kind in range(NUM_KINDS):
        counts[kind] = 0
    for u in range(SLOTS * side, SLOTS * side + game.top[side]):
        counts[game.kind[u]] += 1
    stock, num_gatherers = np.int64(game.stock[side]), 0
    army = counts[LIGHT] + counts[HEAVY] + counts[RANGED]
    if plan[_BARRACKS] == 0:
        army = counts[WORKER] - plan[_GATHERERS]
    for u in range(SLOTS * side, SLOTS * side + game.top[side]):
        kind = game.kind[u]
        num_gatherers += kind == WORKER
        if kind == 0 or game.ready[u] > game.tick:
            continue
        made = _due(kind, plan, counts, stock)
        if made:
            command = _room(game, u, made, rng, i)
            if command:
                stock -= COST[made]
                counts[made] += 1
        else:
            command = _hit(game, u, enemies)
            if command == 0 and kind == WORKER and num_gatherers <= plan[_GATHERERS]:
                goal = next_load(game, u)
                command = CELLS * GATHER + goal if goal >= 0 else 0
            elif command == 0 and MOVE_TICKS[kind]:
                command = _march(game, u, army >= plan[_ARMY], plan, sight, enemies)
        commands[i, u] = command


@inner
def _due(kind, plan, counts, stock):  # type: ignore[no-untyped-def]
    """Returns the kind that a unit of `kind` should make now, 0 for none."""
    saving = plan[_BARRACKS] > 0 and counts[BARRACKS] == 0 and counts[WORKER] >= plan[_GATHERERS]
    best, best_score = 0, 1 << 30
    if kind == BASE and counts[WORKER] < plan[_WORKERS] and not saving:
        best = WORKER
    elif kind == WORKER and counts[BASE] == 0 and stock >= COST[BASE]:
        best = BASE
    elif kind == WORKER and counts[BARRACKS] < plan[_BARRACKS]:
        best = BARRACKS
    elif kind == BARRACKS:
        for made in range(LIGHT, RANGED + 1):
            share = plan[_SHARES + made]
            if share and (1 + counts[made]) * 12 // share < best_score:
                best, best_score = made, (1 + counts[made]) * 12 // share
    return best if best and stock >= COST[best] else 0


@inner
def _room(game, u, made, rng, i):  # type: ignore[no-untyped-def]
    """Returns the command to make a unit where it has the most free cells around it, 0 where nothing is free."""
    best, best_score = 0, -1
    for d in range(4):
        cell = NEIGHBOUR[game.cell[u], d]
        if game.grid[cell] == FREE:
            score = draw(rng, i) & 1023
            for e in range(4):
                beside = NEIGHBOUR[cell, e]
                score += 1024 * (beside != cell and game.grid[beside] == FREE)
            if score > best_score:
                best, best_score = CELLS * (MAKE + made) + d, score
    return best


@inner
def _hit(game, u, enemies):  # type: ignore[no-untyped-def]
    """Returns the attack that takes the largest part of its target's health, 0 where nobody is in range."""
    best, best_score = 0, 0.0
    kind = game.kind[u]
    for target in enemies:
        if distance(game.cell[u], game.cell[target]) <= RANGE[kind]:
            score = DAMAGE[kind, game.kind[target]] / game.health[target]
            if score > best_score:
                best, best_score = CELLS * ATTACK + target % SLOTS, score
    return best


@inner
def _march(game, u, attacking, plan, sight, enemies):  # type: ignore[no-untyped-def]
    """Returns the command toward the enemy, or back to guard the home."""
    side = u // SLOTS
    home, theirs = game.home[side], game.home[1 - side]
    goal, nearest = np.int64(-1), 1 << 30
    for enemy in enemies:
        steps = distance(game.cell[u], game.cell[enemy])
        if steps < nearest and (attacking or distance(home, game.cell[enemy]) <= plan[_GUARD]):
            goal, nearest = np.int64(game.cell[enemy]), steps
    if goal < 0 and attacking:
        goal = np.int64(theirs)
        if sees(sight, theirs):
            # Nobody is left at home, so the rest is somewhere: each unit looks elsewhere, and elsewhere again later.
            goal = _quarter(game, side, _SEARCHES * np.int64(game.tick) // game.limit + u)
    elif goal < 0 and distance(game.cell[u], home) > 2:
        goal = np.int64(home)
    return CELLS * MOVE + goal if goal >= 0 and goal != game.cell[u] else 0


@inner
def _quarter(game, side, number):  # type: ignore[no-untyped-def]
    """Returns the middle of a quarter of the map, counted and placed as `side` sees it."""
    row, column = (1 + 2 * (number >> 1 & 1)) * game.height // 4, (1 + 2 * (number & 1)) * game.width // 4
    return turned(SPAN * row + column, game, side)

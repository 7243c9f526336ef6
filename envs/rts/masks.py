"""What may be ordered, a 64-bit word a unit, and legal orders at random.

Bit `s < 32` says that `attack s` is possible, bit `32 + 4 * (verb - MOVE) + d` that `verb d` is: of all other verbs the
argument is a direction. A word is 0 where no unit is, and where it is busy: it can only wait. Legal means possible as
the board stands at the start of a tick; what others do in that tick may still come in between.

A side sees as far as its units reach, so a mask tells it nothing that fog hides.
"""

import numpy as np

from .compiled import inner, kernel
from .kernels import distance
from .rules import (
    ATTACK,
    BASE,
    COST,
    GATHER,
    MAKE,
    MAKES,
    MOVE,
    MOVE_TICKS,
    NEIGHBOUR,
    NUM_KINDS,
    RANGE,
    SLOTS,
    UNITS,
    WORKER,
)
from .state import FREE, PATCH, WALL

_ONE, _NO_BIT = np.uint64(1), np.uint64(0)
_GOLDEN, _MIX1, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@kernel
def masks(games, words):  # type: ignore[no-untyped-def]
    """Writes into `[B, 64]` uint64 `words` what each unit may be ordered."""
    for i in range(len(games)):
        game = games[i]
        for u in range(UNITS):
            words[i, u] = _NO_BIT
        if not game.over:
            for side in range(2):
                for u in range(SLOTS * side, SLOTS * side + game.top[side]):
                    words[i, u] = possible(game, u)


@kernel
def random_legal(words, rng, orders):  # type: ignore[no-untyped-def]
    """Writes into `orders` a legal order for every unit that may act, each as likely; waiting counts as one.

    `rng` is `[B]` uint64, the state of each game's generator, and moves on.
    """
    for i in range(len(words)):
        for u in range(UNITS):
            orders[i, u] = pick(words[i, u], rng, i) if words[i, u] else 0


@inner
def possible(game, u):  # type: ignore[no-untyped-def]
    """Returns the word of unit `u`."""
    kind, side = game.kind[u], u // SLOTS
    word = _NO_BIT
    if kind == 0 or game.ready[u] > game.tick:
        return word
    if RANGE[kind]:
        first = SLOTS * (1 - side)
        for slot in range(game.top[1 - side]):
            if game.kind[first + slot] and distance(game.cell[u], game.cell[first + slot]) <= RANGE[kind]:
                word |= _ONE << np.uint64(slot)
    for d in range(4):
        there = game.grid[NEIGHBOUR[game.cell[u], d]]
        if there == FREE:
            if MOVE_TICKS[kind]:
                word |= _ONE << np.uint64(32 + d)
            for made in range(1, NUM_KINDS):
                if MAKES[kind, made] and COST[made] <= game.stock[side]:
                    word |= _ONE << np.uint64(32 + 4 * (MAKE + made - MOVE) + d)
        elif kind == WORKER and there < WALL:
            if there >= PATCH:
                fits = game.load[u] == 0
            else:
                fits = game.load[u] > 0 and game.kind[there - 1] == BASE and (there - 1) // SLOTS == side
            if fits:
                word |= _ONE << np.uint64(32 + 4 * (GATHER - MOVE) + d)
    return word


@inner
def draw(rng, i):  # type: ignore[no-untyped-def]
    """Returns 32 random bits and moves generator `i` on: SplitMix64 (Steele, Lea and Flood, 2014)."""
    rng[i] += _GOLDEN
    return np.int64(mixed(rng[i]))


@inner
def mixed(z):  # type: ignore[no-untyped-def]
    """Returns 32 bits that look random, the same for the same `z`: what SplitMix64 makes of its counter."""
    z = (z ^ (z >> np.uint64(30))) * _MIX1
    z = (z ^ (z >> np.uint64(27))) * _MIX2
    return (z ^ (z >> np.uint64(31))) >> np.uint64(32)


@inner
def pick(word, rng, i):  # type: ignore[no-untyped-def]
    """Returns one of the orders that `word` allows, or 0 to wait."""
    left = draw(rng, i) % (count(word) + 1)
    if left == 0:
        return np.int64(0)
    for _ in range(left - 1):
        word &= word - _ONE
    bit = count((word & (~word + _ONE)) - _ONE)
    if bit < SLOTS:
        return np.int64(SLOTS * ATTACK + bit)
    return np.int64(SLOTS * (MOVE + (bit - 32) // 4) + (bit & 3))


@inner
def count(word):  # type: ignore[no-untyped-def]
    """Returns how many bits are set."""
    word -= (word >> _ONE) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))

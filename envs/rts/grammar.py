"""The grammar of a move: `unit verb argument` any number of times, then `end`; what is legal at each token.

Units are named from the lowest slot up, each once. So every set of orders is exactly one run of tokens, and the
probability of that run is the probability of the move. Legal is what the board allows as the decision begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .rules import ATTACK, MOVE, SLOTS, VERBS
from .words import DIRECTION, END, ENEMY, NUM_WORDS, UNIT, VERB

_SWAPPED = [[d ^ 2 if flips >> (d & 1) & 1 else d for d in range(4)] for flips in range(4)]
"""What a direction is called once rows (1) and columns (2) are turned round."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How far a move is written.

    Attributes:
        possible: what each slot may be ordered, a word of `masks` each.
        flips: how the writer's board is turned: 1 for the rows, 2 for the columns.
        next_slot: the lowest slot that may still be named.
        slot: who is being ordered, None between two orders.
        verb: what, None until it is written.
        orders: slot and order, as many as are whole.
    """

    possible: tuple[int, ...]
    flips: int
    next_slot: int = 0
    slot: int | None = None
    verb: int | None = None
    orders: tuple[tuple[int, int], ...] = ()

    def legal(self) -> NDArray[np.bool_]:
        """Returns `[V]` bool, the tokens that may follow, shared and so never to be written."""
        if self.slot is None:
            able = sum(1 << slot for slot, word in enumerate(self.possible) if word and slot >= self.next_slot)
            return _mask(UNIT, able, True)
        word = self.possible[self.slot]
        if self.verb is None:
            verbs = [_arguments(word, verb) > 0 for verb in range(ATTACK, len(VERBS))]
            return _mask(VERB, sum(1 << i for i, fits in enumerate(verbs) if fits))
        if self.verb == ATTACK:
            return _mask(ENEMY, _arguments(word, ATTACK))
        there = [self.direction(d) for d in range(4) if _arguments(word, self.verb) >> d & 1]
        return _mask(DIRECTION, sum(1 << d for d in there))

    def direction(self, d: int) -> int:
        """Returns what the writer calls direction `d` of the rules, and the other way round."""
        return _SWAPPED[self.flips][d]

    def write(self, token: int) -> "Pen":
        """Returns the pen after a legal token other than `end`."""
        if self.slot is None:
            return replace(self, slot=token - UNIT)
        if self.verb is None:
            return replace(self, verb=token - VERB + ATTACK)
        argument = token - ENEMY if self.verb == ATTACK else self.direction(token - DIRECTION)
        orders = (*self.orders, (self.slot, SLOTS * self.verb + argument))
        return Pen(self.possible, self.flips, self.slot + 1, None, None, orders)

    def spelt(self, orders: Sequence[int]) -> list[int]:
        """Returns the move that gives `[32]` orders, a slot each; those that are not possible are left out."""
        move = []
        for slot, (order, word) in enumerate(zip(orders, self.possible, strict=True)):
            verb, argument = divmod(int(order), SLOTS)
            if verb and _arguments(word, verb) >> argument & 1:
                last = ENEMY + argument if verb == ATTACK else DIRECTION + self.direction(argument)
                move += [UNIT + slot, VERB + verb - ATTACK, last]
        return [*move, END]


def _arguments(word: int, verb: int) -> int:
    """Returns the bits of the arguments that `word` allows `verb`."""
    return word & (1 << SLOTS) - 1 if verb == ATTACK else word >> SLOTS + 4 * (verb - MOVE) & 15


@lru_cache(maxsize=1 << 14)
def _mask(first: int, bits: int, end: bool = False) -> NDArray[np.bool_]:
    """Returns `[V]` bool, the tokens from `first` on that `bits` name, and perhaps `end`."""
    legal = np.zeros(NUM_WORDS, np.bool_)
    legal[[first + i for i in range(bits.bit_length()) if bits >> i & 1]] = True
    legal[END] = end
    legal.flags.writeable = False
    return legal

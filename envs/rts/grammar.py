"""The grammar of a move: `unit verb argument` for every unit that can act, then `end`; what is legal at each token.

Units are named from the lowest slot up; who is to do nothing is told to `wait`, without an argument. So every set of
commands is exactly one run of tokens, and the probability of that run is the probability of the move. Legal is, as the
decision begins: for `move` every cell of the map, if the unit can take a step; for `gather` the cells of all patches,
or of the own bases for a worker with a load, if it can take a step or stands beside one; for every other verb what the
board allows. `ground` has the cells' names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .ground import Ground
from .rules import ATTACK, CELLS, GATHER, MOVE, SLOTS, VERBS, WAIT
from .words import DIRECTION, END, ENEMY, NUM_WORDS, UNIT, VERB


@dataclass(frozen=True, slots=True)
class Pen:
    """How far a move is written.

    Attributes:
        possible: what each slot may be ordered, a word of `masks` each.
        ground: the map.
        next_slot: the lowest slot that may still be named.
        slot: who is being commanded, None between two commands.
        verb: what, None until it is written.
        commands: slot and command (`steering`), as many as are whole.
    """

    possible: tuple[int, ...]
    ground: Ground
    next_slot: int = 0
    slot: int | None = None
    verb: int | None = None
    commands: tuple[tuple[int, int], ...] = ()

    def legal(self) -> NDArray[np.bool_]:
        """Returns `[V]` bool, the tokens that may follow, shared and so never to be written."""
        if self.slot is None:
            able = (slot for slot, word in enumerate(self.possible) if word and slot >= self.next_slot)
            return _mask(1 << next((UNIT + slot for slot in able), END))
        if self.verb is None:
            fits = [verb for verb in range(ATTACK, len(VERBS)) if self._arguments(self.slot, verb)]
            return _mask(sum(1 << VERB + verb for verb in [WAIT, *fits]))
        return _mask(self._arguments(self.slot, self.verb))

    def write(self, token: int) -> "Pen":
        """Returns the pen after a legal token other than `end`."""
        if self.slot is None:
            return replace(self, slot=token - UNIT)
        if self.verb is None:
            verb = token - VERB
            return replace(self, next_slot=self.slot + 1, slot=None) if verb == WAIT else replace(self, verb=verb)
        token = next((word for word, own in self.ground.own_names(self.slot, self.verb) if own == token), token)
        if self.verb in (MOVE, GATHER):
            argument = self.ground.cells[token]
        else:
            argument = token - ENEMY if self.verb == ATTACK else self.ground.direction(token - DIRECTION)
        commands = (*self.commands, (self.slot, CELLS * self.verb + argument))
        return Pen(self.possible, self.ground, self.slot + 1, None, None, commands)

    def spelt(self, commands: Sequence[int]) -> list[int]:
        """Returns the move that gives `[32]` commands, a slot each; who has none that is legal waits."""
        move = []
        for slot, (command, possible) in enumerate(zip(commands, self.possible, strict=True)):
            if possible == 0:
                continue
            verb, argument = divmod(int(command), CELLS)
            if verb in (MOVE, GATHER):
                word = self.ground.names[argument]
            else:
                word = ENEMY + argument if verb == ATTACK else DIRECTION + self.ground.direction(argument)
            word = dict(self.ground.own_names(slot, verb)).get(word, word)
            legal = verb and self._arguments(slot, verb) >> word & 1
            move += [UNIT + slot, *((VERB + verb, word) if legal else (VERB + WAIT,))]
        return [*move, END]

    def _arguments(self, slot: int, verb: int) -> int:
        """Returns as bits the words that `verb` may be given."""
        bits = self._places(slot, verb)
        for word, own in self.ground.own_names(slot, verb):
            if bits >> word & 1:
                bits ^= 1 << word | 1 << own
        return bits

    def _places(self, slot: int, verb: int) -> int:
        """Returns the same by the names that all units use."""
        word = self.possible[slot]
        if verb == ATTACK:
            return (word & (1 << SLOTS) - 1) << ENEMY
        if verb == MOVE:
            return self.ground.moves if _directions(word, MOVE) else 0
        if verb == GATHER:
            return self.ground.gathers[slot] if _directions(word, MOVE) | _directions(word, GATHER) else 0
        return sum(1 << DIRECTION + self.ground.direction(d) for d in range(4) if _directions(word, verb) >> d & 1)


def _directions(word: int, verb: int) -> int:
    """Returns the bits of the directions that `word` allows `verb`."""
    return word >> SLOTS + 4 * (verb - MOVE) & 15


@lru_cache(maxsize=1 << 14)
def _mask(words: int) -> NDArray[np.bool_]:
    """Returns `[V]` bool, the tokens that bits name."""
    legal = np.zeros(NUM_WORDS, np.bool_)
    legal[[word for word in range(words.bit_length()) if words >> word & 1]] = True
    legal.flags.writeable = False
    return legal

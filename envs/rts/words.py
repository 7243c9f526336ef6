"""The words of the token world, one codec for all map sizes: a policy that learnt a small map can read a large one.

A player reads the board as from its own corner: turned so that its home lies in the north-west. What it learnt on one
side it knows on the other. Cells are named as in chess, `a1` for the first column of the first row.

    stock.4 clock.0 g7         what it owns, the sixteenth of the time limit that has begun, the enemy's home
    own.worker.3 army.2        how many units of a kind it has, and how many of the three that are made to fight
    worker.2.load b3 u1        a unit of its own: kind, health and load, how it stands, where, and in which slot:
                               `attack` and `gather` if it may, `idle` if it can do nothing, `soon` or `busy` if not yet
    worker.2 b3 nth.2 far.3 x0 near.4 x1 in.5 x0 foe.light.4 c2 u1
                               one that can move now: the second of its kind by slot, three steps from home; the nearest
                               enemy in sight, four steps away; an intruder, the nearest of those within `NEAR_HOME`
                               steps of home, which may be the same;
                               whom it may attack, up to `MOST_TARGETS`, and how these stand, first the weakest, to
                               whom its hit does most damage a point of health; and for a worker, where the nearest load
                               is to be had or handed in
    foe.base.10 g7 far.12 x0   an enemy in sight, twelve steps from the reader's home
    gone.light.new e4 x2       an enemy out of sight, and where it was last seen, within `NEW_BEATS` or before
    patch.9 c2                 a patch and its loads
    walls d1 e8                walls, up to the end

A unit's slot comes after all else that is said of it, so that a reader who looks the slot up finds the rest gathered.
In a move, a unit says `nearest` and `intruder` of these two enemies, `weakest` of that target and `load` of that place;
any other cell goes by who is known to stand there (`ground`): `u1 move nearest`, `u1 move x2`; `yonder` is the enemy's
home.
"""

import numpy as np
from numpy.typing import NDArray

from ..codec import WordCodec
from .rules import BASE, DIRECTIONS, HEALTH, KINDS, NUM_KINDS, RANGE, SLOTS, SPAN, VERBS, WORKER

STOCKS, CLOCKS, LOADS, NEW_BEATS = 16, 16, 16, 6
"""The words for stocks, times and loads; the last one of stocks and loads means that many or more."""

MOST_UNITS, MOST_STEPS = 9, 15
"""The last words for counts of units and for steps; they mean that many or more."""

NEAR_HOME, MOST_TARGETS = 4, 4
"""Steps within which an enemy is an intruder, and targets that a unit is told of."""

FIRST_PLACES = ("first", "second", "third", "fourth")
"""Of the build order in `z`."""

COUNTS = ("1", "2", "3-4", "5-8", "9+")
"""How often a kind is made in a whole game, as `z` says it."""

IDLE, SOON, BUSY = 4, 5, 6
"""How a unit stands: 1 if it may attack now, 2 more if it may gather, or one of these."""

_STANDING = ("", ".attack", ".gather", ".attack.gather", ".idle", ".soon", ".busy")


def _statuses() -> tuple[list[str], NDArray[np.int32]]:
    """Returns the words, and `[2, kinds, health, load, standing]` which of them each unit is, the enemy's second."""
    words: dict[str, int] = {}
    table = np.zeros((2, NUM_KINDS, int(HEALTH.max()) + 1, 2, len(_STANDING)), np.int32)
    for owner, whose in enumerate(("", "foe.")):
        for kind in range(BASE, NUM_KINDS):
            # Of an enemy one sees that it is busy, but neither for how long nor what it may do.
            able = [1, 2, 3] if kind == WORKER else [1] if RANGE[kind] else []
            shown = [0, *able, IDLE, SOON, BUSY] if owner == 0 else [0, BUSY]
            for health in range(1, int(HEALTH[kind]) + 1):
                for load, carries in enumerate(("", ".load")[: 1 + (kind == WORKER)]):
                    for standing in shown:
                        word = f"{whose}{KINDS[kind]}.{health}{carries}{_STANDING[standing]}"
                        table[owner, kind, health, load, standing] = words.setdefault(word, len(words))
    return list(words), table


_STATUS_WORDS, _STATUS_TABLE = _statuses()
_PARTS: dict[str, list[str]] = {
    "end": ["end"],
    "verb": list(VERBS),
    "direction": list(DIRECTIONS),
    "unit": [f"u{slot}" for slot in range(SLOTS)],
    "enemy": [f"x{slot}" for slot in range(SLOTS)],
    "cell": [f"{chr(ord('a') + column)}{row + 1}" for row in range(SPAN) for column in range(SPAN)],
    "stock": [f"stock.{count}" for count in range(STOCKS)],
    "theirs": [f"theirs.{count}" for count in range(STOCKS)],
    "clock": [f"clock.{part}" for part in range(CLOCKS)],
    "status": _STATUS_WORDS,
    "gone": [f"gone.{kind}.{age}" for age in ("new", "old") for kind in KINDS],
    "own": [f"own.{kind}.{count}" for count in range(1, MOST_UNITS + 1) for kind in KINDS],
    "army": [f"army.{count}" for count in range(1, MOST_UNITS + 1)],
    "nth": [f"nth.{place}" for place in range(1, MOST_UNITS + 1)],
    "far": [f"far.{steps}" for steps in range(1, MOST_STEPS + 1)],
    "near": [f"near.{steps}" for steps in range(1, MOST_STEPS + 1)],
    "in": [f"in.{steps}" for steps in range(1, MOST_STEPS + 1)],
    "patch": [f"patch.{loads}" for loads in range(LOADS + 1)],
    "walls": ["walls"],
    "yonder": ["yonder"],
    "beside": ["nearest", "intruder", "load", "weakest"],
    "first": [f"{place}.{kind}" for place in FIRST_PLACES for kind in KINDS],
    "all": [f"all.{kind}.{count}" for count in COUNTS for kind in KINDS],
}
_WORDS = [word for part in _PARTS.values() for word in part]
_FIRST = {name: _WORDS.index(part[0]) for name, part in _PARTS.items()}
NUM_WORDS = len(_WORDS)

END, VERB, DIRECTION, UNIT, ENEMY = (_FIRST[name] for name in ("end", "verb", "direction", "unit", "enemy"))
CELL, STOCK, THEIRS, CLOCK = (_FIRST[name] for name in ("cell", "stock", "theirs", "clock"))
GONE, PATCH_WORD, WALLS, YONDER = (_FIRST[name] for name in ("gone", "patch", "walls", "yonder"))
OWN, ARMY, NTH, FAR, NEAR, IN = (_FIRST[name] for name in ("own", "army", "nth", "far", "near", "in"))
NEAREST, INTRUDER, LOAD, WEAKEST = (_FIRST["beside"] + place for place in range(4))
FIRST, ALL = _FIRST["first"], _FIRST["all"]
"""Where each sort of words begins; verbs without `wait`, kinds with `none`, counts, places and steps from one on."""

STATUS = _FIRST["status"] + _STATUS_TABLE
STATUS.flags.writeable = False


def codec() -> WordCodec:
    """Returns the codec."""
    return WordCodec("rts", _WORDS)

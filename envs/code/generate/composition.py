"""What a problem asks, apart from its words and inputs: a frame, and steps whose types fit together.

The split goes by composition: a digest of the family and the names of the steps decides, constants left out. So
whoever has seen all of training has seen no test problem's sequence of operations, with any constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Literal

import numpy as np

from .frames import FRAMES, Family, Frame
from .integers import INTEGERS
from .numbers import NUMBERS
from .operations import Kind, Operation, pick
from .sequences import SEQUENCES
from .shapes import SHAPES
from .strings import STRINGS
from .walks import WALKS

Split = Literal["train", "test"]

OPERATIONS: tuple[Operation, ...] = (*INTEGERS, *SEQUENCES, *STRINGS, *SHAPES, *NUMBERS, *WALKS)
TEST_SHARE = 0.2

HARDEST = {1: 1, 2: 1, 3: 2}
"""The hardest operation of a level; from level 4 on, of its own hardness."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation with its constant.

    Attributes:
        operation: what is done.
        takes: the type of value it is done to.
        constant: what `K` is; None where the operation has none.
        sloppy: True where the edge case is forgotten.
    """

    operation: Operation
    takes: str
    constant: int | str | None = None
    sloppy: bool = False

    @property
    def gives(self) -> str:
        """The type of value it leaves."""
        return self.operation.gives or self.takes


@dataclass(frozen=True, slots=True)
class Composition:
    """A frame and the steps that follow it, the last of which prints.

    Attributes:
        family: where the problem belongs.
        frame: how the input is read.
        steps: at least one.
    """

    family: Family
    frame: Frame
    steps: tuple[Step, ...]

    @property
    def key(self) -> str:
        """Family and names of the steps: what training and test never share."""
        return f"{self.family}: {', '.join(step.operation.name for step in self.steps)}"

    @property
    def split(self) -> Split:
        """The split this composition belongs to."""
        digest = blake2b(self.key.encode(), digest_size=4).digest()
        return "test" if int.from_bytes(digest, "big") < TEST_SHARE * 2**32 else "train"

    @property
    def level(self) -> int:
        """How many operations precede printing; a loop's condition is no operation."""
        return sum(step.operation.kind not in ("when", "print") for step in self.steps)

    @property
    def hardness(self) -> int:
        """How hard its steps are together."""
        return sum(step.operation.hardness for step in self.steps)

    @property
    def tags(self) -> tuple[str, ...]:
        """What a solver would file it under, beside its family."""
        return tuple(step.operation.tag for step in self.steps if step.operation.tag)


def compose(rng: np.random.Generator, family: Family, level: int) -> Composition | None:
    """Returns a composition of `level` operations and one that prints; None where those drawn lead nowhere.

    A simulation's loop counts as one operation, as two where it says what to do otherwise; it is the last to come. The
    hardest operations come at the highest levels only.
    """
    frame = pick(rng, [frame for frame in FRAMES if family in frame.families])
    takes, steps = frame.gives, list[Step]()
    for kinds in _plan(family, level):
        choices = [found for kind in kinds if (found := choosable(takes, kind, HARDEST.get(level, level)))]
        if not choices:
            return None
        operation = pick(rng, pick(rng, choices))
        if operation.kind == "else" and operation.lines[0] == steps[-1].operation.lines[0]:
            return None
        steps.append(Step(operation, takes, pick(rng, operation.constants) if operation.constants else None))
        takes = steps[-1].gives
    return Composition(family, frame, tuple(steps))


def _plan(family: Family, level: int) -> tuple[tuple[Kind, ...], ...]:
    """Returns the kinds of operation that may stand in each place."""
    change: tuple[Kind, ...] = ("keep", "each", "whole")
    if family != "simulation":
        return (*(change,) * level, ("print",))
    loop: tuple[tuple[Kind, ...], ...] = (("when",), ("then",), ("else",))
    return (*(change,) * (level - 2), *loop[: level + 1], ("print",))


def retake(operations: Sequence[Step], frame: Frame) -> tuple[Step, ...] | None:
    """Returns the steps with the types they have in this order, or None where a type does not fit."""
    takes, steps = frame.gives, []
    for step in operations:
        if takes not in step.operation.takes:
            return None
        steps.append(Step(step.operation, takes, step.constant, step.sloppy))
        takes = steps[-1].gives
    return tuple(steps)


@cache
def choosable(takes: str, kind: Kind, hardest: int) -> tuple[Operation, ...]:
    """Returns the operations of one kind on one type that are not harder than `hardest`."""
    return tuple(o for o in OPERATIONS if o.kind == kind and takes in o.takes and o.hardness <= hardest)

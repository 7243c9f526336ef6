"""How programmers write: names, spacing, and which of several equal forms.

Habits come together, as they do in people: a few named hands, each consistent with itself. So a network learns whose
program it is writing from the first line, and what is left to learn is what the problem asks.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .operations import pick

Form = Literal["comprehension", "map", "loop"]


@dataclass(frozen=True, slots=True)
class Style:
    """One programmer's habits.

    Attributes:
        value: name of the value a program carries along.
        item: name of one item of it.
        spaced: True where operators and commas are followed by a space.
        indent: one level of indentation.
        reading: which of a frame's ways to read.
        form: how items are changed or kept.
        choice: which of several equal expressions.
        helper: name of the function that does the work, "" where everything is at the top level.
        inline: True where the last step is written inside `print`.
    """

    value: str = "a"
    item: str = "x"
    spaced: bool = True
    indent: str = "    "
    reading: int = 0
    form: Form = "comprehension"
    choice: int = 0
    helper: str = ""
    inline: bool = False


PLAIN = Style()
"""The style of reference programs: it uses nothing but `input`, `print` and pure built-ins."""

TERSE = Style(spaced=False, indent=" ", reading=2, form="map", choice=1, inline=True)
BRIEF = Style(reading=1, inline=True)
TIDY = Style(value="items", item="item", helper="solve")
LOOPING = Style(value="arr", item="e", reading=3, form="loop", choice=2)

HANDS = (PLAIN, PLAIN, PLAIN, BRIEF, BRIEF, TERSE, TIDY, LOOPING)
"""Who writes; common habits stand here more than once."""


def draw_style(rng: np.random.Generator) -> Style:
    """Returns somebody's style."""
    return pick(rng, HANDS)

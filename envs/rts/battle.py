"""What the world of tokens remembers of a game between two decisions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grammar import Pen
from .memory import Memories
from .state import Games

Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Battle:
    """What the world remembers.

    Attributes:
        games: `[1]`, the game as this decision found it.
        memories: `[1]`, what each side knows of the other's units.
        words: `[64]` uint64, what each unit may be ordered.
        dealt: each side's strategy, by its name.
        told: the `z` that each side reads, empty where it reads none.
        pen: how far the move is written.
        commands: the other side's, where it has written its move already.
    """

    games: Games
    memories: Memories
    words: NDArray[np.uint64]
    dealt: tuple[str, ...]
    told: tuple[Tokens, ...]
    pen: Pen | None = None
    commands: tuple[tuple[int, int], ...] = ()

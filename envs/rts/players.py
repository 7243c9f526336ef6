"""Scripted players in the world of tokens: experts to copy, opponents to be measured by."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import SequentialEnv, State
from .battle import Battle
from .rules import SIDES, SLOTS
from .strategy import script, scripted


@dataclass(frozen=True, slots=True)
class Bot:
    """A scripted player; it plays by the rules of fog.

    Attributes:
        strategy: its script, or `dealt` for the one that the world dealt its seat.
        skill: in percent, how often a unit gets the script's command and not a random legal order.
    """

    strategy: str = "dealt"
    skill: int = 100

    def __post_init__(self) -> None:
        if self.strategy != "dealt":
            script(self.strategy)
        if not 0 <= self.skill <= 100:
            raise ValueError(f"skill {self.skill} is no percentage, 0 to 100")

    def __str__(self) -> str:
        name = "bot" if self.strategy == "dealt" else self.strategy
        return name if self.skill == 100 else f"{name}@{self.skill}"

    def __call__(self, env: SequentialEnv[Any], state: State[Battle], rng: np.random.Generator) -> list[int]:
        """Returns its move."""
        battle, side = state.inner, state.player
        assert battle.pen is not None
        name = battle.dealt[side] if self.strategy == "dealt" else self.strategy
        return battle.pen.spelt(commanded(battle, side, name, self.skill, rng).tolist())


def commanded(battle: Battle, side: int, strategy: str, skill: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """Returns `[32]` the commands of a scripted player on `side`."""
    scripts = np.full((1, SIDES), -1)
    scripts[0, side] = script(strategy)
    generators = rng.integers(2**63, size=1, dtype=np.uint64)
    commands = scripted(battle.games, scripts, np.full_like(scripts, skill), generators)
    return commands[0, SLOTS * side : SLOTS * side + SLOTS]

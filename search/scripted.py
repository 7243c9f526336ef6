"""A scripted player as a search that asks nothing: the yardstick opponents."""

from dataclasses import dataclass

import numpy as np

from ..envs.demonstrations import Expert
from .asks import Decision, Plan, Root


@dataclass(frozen=True, slots=True)
class Scripted:
    """Plays what an expert plays.

    Attributes:
        expert: sees the model world, as every search does.
    """

    expert: Expert

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that decides at once."""
        yield from ()
        return Decision(moves=(tuple(int(token) for token in self.expert(root.env, root.state, rng)),))

"""Pure imitation as a search: what the policy says, said aloud. The baseline of every comparison."""

from dataclasses import dataclass

import numpy as np

from ..agents.types import Sampling
from .asks import Decision, Plan, Root, complete
from .budget import BudgetSpent
from .moves import unthinking


@dataclass(frozen=True, slots=True)
class Sample:
    """Hands in independent samples in the order drawn.

    Attributes:
        num_samples: how many; the first is the move, the others are further attempts where the world allows them.
        temperature: divides the logits; 0 takes the likeliest token.
    """

    num_samples: int = 1
    temperature: float = 1.0

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that asks for the samples and hands them in as they came."""
        try:
            samples = yield from complete(root, self.num_samples, Sampling(self.temperature), rng)
        except BudgetSpent:
            return Decision(moves=(unthinking(root),))
        moves = tuple(tuple(sample.tokens.tolist()) for sample in samples)
        return Decision(moves, value=samples[0].value, trace={"samples": len(samples)})

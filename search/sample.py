"""Pure imitation as a search: what the policy says, said aloud. The baseline of every comparison."""

from dataclasses import dataclass

import numpy as np

from ..agents.types import Sampling
from .asks import Decision, Plan, Root, complete
from .budget import BudgetSpent
from .moves import known, unthinking


@dataclass(frozen=True, slots=True)
class Sample:
    """Hands in independent samples in the order drawn, as many as the world takes.

    Attributes:
        temperature: divides the logits; 0 takes the likeliest token.
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        if self.temperature < 0:
            raise ValueError(f"temperature {self.temperature} is negative")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that asks for the samples and hands them in as they came."""
        try:
            samples = yield from complete(root, root.attempts, Sampling(self.temperature), rng)
        except BudgetSpent:
            return Decision(moves=(unthinking(root),))
        moves = tuple(tuple(sample.tokens.tolist()) for sample in samples)
        return Decision(moves, value=known(samples[0].value), trace={"samples": len(samples)})

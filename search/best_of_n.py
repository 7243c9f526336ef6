"""Best of n: samples many moves and keeps the one the value network likes best.

The ranker of AlphaCode 2 (Google DeepMind technical report, 2023) without its filter and clusters; in games, one ply of
search by the value of the afterstate.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..agents.types import Completion, Gift, Sampling
from .asks import Decision, Plan, Root, complete
from .budget import BudgetSpent
from .moves import NUM_SHOWN, known, ranked, worth


@dataclass(frozen=True, slots=True)
class BestOfN:
    """Ranks sampled moves by what the policy's value head expects of them once they are written.

    Attributes:
        num_samples: the most to draw; the budget may end it earlier.
        chunk: samples asked for at a time.
        temperature: divides the logits.
    """

    needs: ClassVar[frozenset[Gift]] = frozenset({"values"})

    num_samples: int = 512
    chunk: int = 128
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if min(self.num_samples, self.chunk) < 1:
            raise ValueError(f"num_samples and chunk must be at least 1, got {self.num_samples} and {self.chunk}")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that samples until the number or the budget is reached, and ranks by value."""
        samples: list[Completion] = []
        try:
            while len(samples) < self.num_samples:
                count = min(self.chunk, self.num_samples - len(samples))
                samples += yield from complete(root, count, Sampling(self.temperature), rng)
        except BudgetSpent:
            pass
        samples.sort(key=lambda sample: -worth(sample.value))
        moves = ranked(root, (sample.tokens for sample in samples))
        values = {tuple(sample.tokens.tolist()): known(round(sample.value, 4)) for sample in samples}
        shown = [move for move in moves if move in values][:NUM_SHOWN]
        return Decision(
            moves=moves,
            value=known(samples[0].value) if samples else None,
            trace={
                "samples": len(samples),
                "candidates": {
                    "moves": [list(move) for move in shown],
                    "value": [values[move] for move in shown],
                },
            },
        )

"""What a search keeps of a decision for the same player's next: states, streams and what the policy thought of them.

The next search grows its tree anew and as it would without; only what is known already is not asked again, so it
decides alike for a smaller bill, or looks further for the same. Kept only where the model is the world itself: where
something is hidden, every model draws it anew, and what was found in another draw is no knowledge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..envs.types import State


@dataclass(slots=True)
class Known:
    """What is known of one node.

    Attributes:
        state: where it is.
        stream: what the player whose turn it is has read there.
        logits: `[V]`, the policy's; empty where the episode is over.
        value: the policy's.
        children: by token.
    """

    state: State[Any]
    stream: Stream
    logits: NDArray[np.float32]
    value: float
    children: "dict[int, Known]" = field(default_factory=dict)

    def after(self, tokens: Sequence[int]) -> "Known | None":
        """Returns what is known where `tokens` lead; None where nothing is."""
        node: Known | None = self
        for token in tokens:
            node = None if node is None else node.children.get(int(token))
        return node

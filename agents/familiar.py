"""A policy that thinks once about each observation, for worlds in which many episodes come to the same ones.

Where an observation alone says all that its player needs, the same tokens are the same question: games played side by
side share their openings, and different orders of moves lead to one position. What is remembered is no search's merit,
so this is for practice, not for an evaluation, whose bills and seconds are each setting's own.

Shapes: `B` rows, `V` tokens of the dialect spoken.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .stream import Stream
from .types import Gift, Lacking, Policy, Prediction, glance_of

MOST_BYTES = 1 << 26
"""Of the logits that are remembered."""


class Familiar:
    """Wraps a policy for as long as its weights stay what they are.

    Args:
        policy: who thinks.
        most: observations remembered, fewer where they would take more than `MOST_BYTES`; where one more comes all are
            forgotten.
    """

    def __init__(self, policy: Policy, most: int = 1 << 16) -> None:
        self.flops_per_token, self.complete = policy.flops_per_token, policy.complete
        self.lacks: frozenset[Gift] = policy.lacks if isinstance(policy, Lacking) else frozenset()
        self._policy, self._glance, self._most = policy, glance_of(policy), most
        self._rows: dict[bytes, int] = {}
        self._logits: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._value: NDArray[np.float32] = np.empty(0, np.float32)

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits and value at the end of each stream; those that go on from an earlier one are asked about."""
        if len(streams) > self._most or any(stream.parent is not None for stream in streams):
            return self._policy.predict(streams)
        keys = [stream.tokens.tobytes() for stream in streams]
        return self._answer(keys, lambda rows: self._policy.predict([streams[row] for row in rows]))

    def glance(self, tokens: NDArray[np.int32]) -> Prediction:
        """Returns logits and value at the end of streams of `[B, T]` tokens."""
        if len(tokens) > self._most:
            return self._glance(tokens)
        return self._answer([row.tobytes() for row in tokens], lambda rows: self._glance(tokens[rows]))

    def _answer(self, keys: Sequence[bytes], ask: Callable[[list[int]], Prediction]) -> Prediction:
        """Returns what is remembered under `keys`, the policy asked about the rows that are new."""
        fresh = {key: row for row, key in enumerate(keys) if key not in self._rows}
        if len(self._rows) + len(fresh) > self._most:
            self._rows.clear()
            fresh = {key: row for row, key in enumerate(keys)}
        if fresh:
            self._remember(list(fresh), ask(list(fresh.values())))
        rows = [self._rows[key] for key in keys]
        return Prediction(self._logits[rows], self._value[rows])

    def _remember(self, keys: Sequence[bytes], prediction: Prediction) -> None:
        if self._logits.size == 0:
            size = prediction.logits.shape[1]
            self._most = max(len(keys), min(self._most, MOST_BYTES // (4 * size)))
            # Nothing is taken of memory before it is written.
            self._logits, self._value = np.empty((self._most, size), np.float32), np.empty(self._most, np.float32)
        first, last = len(self._rows), len(self._rows) + len(keys)
        self._logits[first:last], self._value[first:last] = prediction.logits, prediction.value
        self._rows.update(zip(keys, range(first, last), strict=True))

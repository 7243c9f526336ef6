"""Policies without a network, for tests and examples: uniform, and counts of what followed what.

Shapes: `B` rows, `V` tokens.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .stream import Stream
from .types import Completion, Grammar, Prediction, Sampling
from .writing import write

Context = tuple[int, ...]


class NGramPolicy:
    """Predicts from the last `order - 1` tokens, each order smoothed by the one below, down to uniform.

    `p(token | context) = (count(context, token) + p(token | shorter context)) / (count(context) + 1)`: the hierarchical
    Dirichlet language model (MacKay and Peto 1995) with one pseudo-count an order.

    Args:
        order: tokens of the longest phrase counted, the predicted one included; 1 looks at no context.
        size: tokens of the dialect.
        value: what it expects of every stream.
    """

    flops_per_token = 0

    def __init__(self, order: int, size: int, value: float = 0.0) -> None:
        if order < 1 or size < 1:
            raise ValueError(f"order >= 1 and size >= 1 wanted, got order {order} and size {size}")
        self.order, self.size, self.value = order, size, value
        self._counts: defaultdict[Context, Counter[int]] = defaultdict(Counter)

    def fit(self, sequences: Iterable[Sequence[int] | NDArray[np.int32]]) -> "NGramPolicy":
        """Adds the phrases of each sequence, read from its beginning, to the counts; returns itself."""
        for sequence in sequences:
            tokens = [int(token) for token in sequence]
            for place, token in enumerate(tokens):
                for context in self._contexts(tokens[:place]):
                    self._counts[context][token] += 1
        return self

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns log-probabilities as logits, and the constant value."""
        logits = np.array([self.log_probabilities(stream.all_tokens().tolist()) for stream in streams])
        return Prediction(logits.reshape(-1, self.size), np.full(len(streams), self.value, dtype=np.float32))

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns sampled continuations, as `Policy.complete` promises."""
        prompt, legal = stream.all_tokens().tolist(), np.flatnonzero(grammar.legal)
        return write(
            lambda rows: _NGramPages(self, legal, [prompt] * rows), count, sampling, grammar, seed, max_total_tokens
        )

    def log_probabilities(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Returns `[V]`, how likely each token is to follow `tokens`."""
        probabilities = np.full(self.size, 1 / self.size)
        for context in self._contexts(tokens):
            if counts := self._counts.get(context):
                probabilities[list(counts)] += list(counts.values())
                probabilities /= counts.total() + 1
        logits: NDArray[np.float32] = np.log(probabilities, dtype=np.float32, casting="same_kind")
        return logits

    def _contexts(self, tokens: Sequence[int]) -> list[Context]:
        """Returns the ends of `tokens`, shortest first."""
        longest = min(self.order - 1, len(tokens))
        return [tuple(tokens[len(tokens) - length :]) for length in range(longest + 1)]


class UniformPolicy:
    """Finds every token equally likely and every stream worth `value`.

    Args:
        size: tokens of the dialect.
        value: what it expects of every stream.
    """

    flops_per_token = 0

    def __init__(self, size: int, value: float = 0.0) -> None:
        self.size, self.value = size, value
        self._unread = NGramPolicy(1, size, value)

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits of 0, and the constant value."""
        rows = len(streams)
        return Prediction(np.zeros((rows, self.size), np.float32), np.full(rows, self.value, dtype=np.float32))

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns sampled continuations, as `Policy.complete` promises."""
        return self._unread.complete(stream, count, sampling, grammar, seed, max_total_tokens)


class _NGramPages:
    """Copies of one prompt, as the whole of what each has read."""

    def __init__(self, policy: NGramPolicy, legal: NDArray[np.int64], texts: list[list[int]]) -> None:
        self._policy, self._legal, self._texts = policy, legal, texts

    def logits(self) -> NDArray[np.float32]:
        return np.array([self._policy.log_probabilities(text)[self._legal] for text in self._texts])

    def values(self) -> NDArray[np.float32]:
        return np.full(len(self._texts), self._policy.value, dtype=np.float32)

    def read(self, tokens: NDArray[np.int64]) -> None:
        self._texts = [[*text, token] for text, token in zip(self._texts, tokens.tolist(), strict=True)]

    def keep(self, rows: NDArray[np.int64]) -> None:
        self._texts = [self._texts[row] for row in rows.tolist()]

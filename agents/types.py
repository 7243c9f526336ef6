"""What a policy is: it reads streams, and it continues one.

Shapes: `B` rows, `V` tokens of the dialect spoken, `T` tokens of a completion.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .stream import Stream

Gift = Literal["logits", "values"]
"""What a policy gives beside samples; a few cannot give all of it."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a policy thinks at the end of each of `B` streams.

    Attributes:
        logits: `[B, V]` float32 over the next token, not masked by legality.
        value: `[B]` float32, the reader's expected return from here.
    """

    logits: NDArray[np.float32]
    value: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn from logits.

    Attributes:
        temperature: divides the logits; 0 takes the likeliest token.
        top_k: keeps the k likeliest tokens; 0 keeps all.
        top_p: keeps the likeliest tokens that together hold this probability.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0 or not 0 < self.top_p <= 1:
            raise ValueError(f"temperature >= 0, top_k >= 0 and top_p in (0, 1] wanted, got {self}")


class Grammar(Protocol):
    """What one completion may say: any `legal` tokens, closed by `end`."""

    @property
    def legal(self) -> NDArray[np.bool_]:
        """`[V]` bool, the tokens that may stand anywhere; `end` among them."""
        ...

    @property
    def end(self) -> int:
        """The token that closes the completion."""
        ...

    @property
    def max_tokens(self) -> int:
        """The longest completion, `end` included; in the last place only `end` is legal."""
        ...

    @property
    def openings(self) -> tuple[tuple[int, ...], ...]:
        """Beginnings, of which each completion is given one, drawn evenly; none where it begins as it likes.

        Each is of legal tokens other than `end`, at least one, and shorter than `max_tokens`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """One sampled continuation, closed by the grammar's end.

    Attributes:
        tokens: `[T]` int32.
        logprobs: `[T]` float32 under the distribution they were drawn from; 0 for those of an opening.
        value: the reader's expected return once all tokens are read; NaN where they were not all read.

    Both are NaN where the policy cannot say.
    """

    tokens: NDArray[np.int32]
    logprobs: NDArray[np.float32]
    value: float


class Policy(Protocol):
    """Reads and writes one dialect. What it remembers of the streams it read is its own affair."""

    flops_per_token: int

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits and value at the end of each stream."""
        ...

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns `count` sampled continuations of `stream`.

        The i-th depends on `seed` and i alone, whatever `count` is. Where all of them together would pass
        `max_total_tokens`, only the first that fit are returned.
        """
        ...


@runtime_checkable
class Glancing(Protocol):
    """A policy that reads many whole observations at a stroke, where nobody will go on from them."""

    def glance(self, tokens: NDArray[np.int32]) -> Prediction:
        """Returns what `predict` would at the end of streams of `[B, T]` tokens, at least one each.

        None need be remembered.
        """
        ...


@runtime_checkable
class Lacking(Protocol):
    """A policy that cannot give everything; who needs what it lacks is refused it by name."""

    lacks: frozenset[Gift]


def glance_of(policy: Policy) -> Callable[[NDArray[np.int32]], Prediction]:
    """Returns the policy's `glance`, or where it has none what asks it about a stream for every row."""
    if isinstance(policy, Glancing):
        return policy.glance
    return lambda tokens: policy.predict([Stream(row) for row in tokens])

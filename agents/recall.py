"""A policy that remembers what it drew, so that settings which ask for the same samples share them.

Settings compared on the same problem with the same seeds draw the same samples: that is what pairs them. Drawing them
once changes no bill and no score; the time that recalling spares is counted, so that it can be billed all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from time import perf_counter

from .stream import Stream
from .types import Completion, Gift, Grammar, Lacking, Policy, Prediction, Sampling, glance_of

Question = tuple[bytes, bytes, int, int, tuple[tuple[int, ...], ...], Sampling, int]


@dataclass(frozen=True, slots=True)
class _Draws:
    """The first completions of a question; `total_tokens` after each, and the seconds that all of them took."""

    completions: Sequence[Completion]
    total_tokens: Sequence[int]
    seconds: float

    def first(self, count: int, max_total_tokens: int | None) -> Sequence[Completion] | None:
        """Returns what an equal question for `count` would answer; None where these draws do not reach so far."""
        for place, total in enumerate(self.total_tokens[:count]):
            if max_total_tokens is not None and total > max_total_tokens:
                return self.completions[:place]
        return self.completions[:count] if len(self.completions) >= count else None


class Recall:
    """Wraps a policy for as long as its answers are to be remembered.

    Attributes:
        spared_seconds: what recalled completions took when they were drawn; only grows.
    """

    def __init__(self, policy: Policy) -> None:
        self.flops_per_token = policy.flops_per_token
        self.lacks: frozenset[Gift] = policy.lacks if isinstance(policy, Lacking) else frozenset()
        self.spared_seconds = 0.0
        self._policy, self.glance = policy, glance_of(policy)
        self._drawn: dict[Question, _Draws] = {}

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits and value at the end of each stream; nothing is remembered here."""
        return self._policy.predict(streams)

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns sampled continuations, as `Policy.complete` promises; those drawn before are not drawn again."""
        spelt = stream.all_tokens().tobytes(), grammar.legal.tobytes()
        question = (*spelt, grammar.end, grammar.max_tokens, grammar.openings, sampling, seed)
        drawn = self._drawn.get(question)
        answer = drawn.first(count, max_total_tokens) if drawn else None
        if drawn and answer is not None:
            tokens = sum(len(completion.tokens) for completion in answer)
            self.spared_seconds += drawn.seconds * tokens / max(1, drawn.total_tokens[-1] if drawn.total_tokens else 0)
            return answer
        start = perf_counter()
        fresh = self._policy.complete(stream, count, sampling, grammar, seed, max_total_tokens)
        totals = list(accumulate(len(completion.tokens) for completion in fresh))
        self._drawn[question] = _Draws(fresh, totals, perf_counter() - start)
        return fresh

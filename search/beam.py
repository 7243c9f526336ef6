"""Beam search over tokens: the likeliest moves under the policy, found without sampling.

Anytime by iterative widening: a pass with `width` hypotheses, then one with twice as many, until the budget or
`max_width` ends it. Ranking by length-normalised log-probability follows Wu et al. (2016),
https://arxiv.org/abs/1609.08144, section 7.

Shapes: `B` hypotheses, `V` tokens.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Gift
from ..envs.types import Phrased, State, ends_move
from .asks import Ask, Decision, Plan, Root, advance, predict
from .budget import BudgetSpent
from .moves import NUM_SHOWN, ranked


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    tokens: tuple[int, ...]
    logprob: float
    stream: Stream
    state: State[Any]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Beam:
    """Keeps the likeliest partial moves at every token.

    Attributes:
        width: hypotheses of the first pass.
        max_width: hypotheses of the last pass.
        length_penalty: exponent of the length that divides the log-probability; 0 leaves it as it is.
    """

    needs: ClassVar[frozenset[Gift]] = frozenset({"logits"})

    width: int = 8
    max_width: int = 256
    length_penalty: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.width <= self.max_width:
            raise ValueError(f"1 <= width <= max_width wanted, got {self.width} and {self.max_width}")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that widens until the budget ends and ranks every finished move."""
        found: dict[tuple[int, ...], float] = {}
        width = self.width
        try:
            while width <= self.max_width:
                before = len(found)
                yield from self._one_pass(root, width, found)
                if len(found) == before:
                    break
                width *= 2
        except BudgetSpent:
            pass
        best = sorted(found, key=lambda move: -self._score(move, found[move]))
        shown = best[:NUM_SHOWN]
        return Decision(
            moves=ranked(root, best),
            trace={
                "finished": len(found),
                "candidates": {
                    "moves": [list(move) for move in shown],
                    "score": [round(self._score(move, found[move]), 4) for move in shown],
                },
            },
        )

    def _one_pass(self, root: Root, width: int, found: dict[tuple[int, ...], float]) -> Generator[Ask, Any, None]:
        beam = [_Hypothesis((), 0.0, root.stream, root.state)]
        ended = 0
        while beam and ended < width:
            prediction = yield from predict([h.stream for h in beam])
            legal = np.stack([_legal(root, h) for h in beam[: len(prediction.logits)]])
            logprobs = _log_probabilities(prediction.logits, legal)
            beam = yield from _extend(root, beam, logprobs, width - ended)
            for hypothesis in beam:
                if hypothesis.ended:
                    ended += 1
                    found[hypothesis.tokens] = hypothesis.logprob
            beam = [h for h in beam if not h.ended]

    def _score(self, move: Sequence[int], logprob: float) -> float:
        length: float = len(move) ** self.length_penalty
        return logprob / length


def _legal(root: Root, hypothesis: _Hypothesis) -> NDArray[np.bool_]:
    """Returns `[V]` the tokens that may come next; a phrase's last place is for its end alone."""
    if not isinstance(root.env, Phrased):
        return hypothesis.state.legal
    phrase = root.env.phrase(root.state)
    if len(hypothesis.tokens) + 1 < phrase.max_tokens:
        return phrase.legal
    only_end: NDArray[np.bool_] = np.arange(len(phrase.legal)) == phrase.end
    return only_end


def _log_probabilities(logits: NDArray[np.float32], legal: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Returns `[B, V]` log-probabilities among the legal tokens, -inf elsewhere."""
    masked: NDArray[np.float32] = np.where(legal, logits, np.float32(-np.inf))
    masked -= masked.max(axis=1, keepdims=True)
    masked -= np.log(np.exp(masked).sum(axis=1, keepdims=True))
    return masked


def _extend(
    root: Root, beam: Sequence[_Hypothesis], logprobs: NDArray[np.float32], width: int
) -> Generator[Ask, Any, list[_Hypothesis]]:
    """Returns the `width` likeliest continuations by one token. logprobs: `[B, V]`, -inf where illegal."""
    totals = (logprobs + np.array([[h.logprob] for h in beam[: len(logprobs)]])).ravel()
    count = min(width, int(np.isfinite(totals).sum()))
    best = np.argpartition(-totals, count - 1)[:count]
    best = best[np.lexsort((best, -totals[best]))]
    parents = [beam[i // logprobs.shape[1]] for i in best.tolist()]
    tokens = [i % logprobs.shape[1] for i in best.tolist()]
    if isinstance(root.env, Phrased):
        end = root.env.phrase(root.state).end
        steps = [(parent.state, token == end) for parent, token in zip(parents, tokens, strict=True)]
    else:
        states = yield from advance(root.env, [p.state for p in parents], [(token,) for token in tokens])
        steps = [(after, ends_move(p.state, after)) for p, after in zip(parents, states, strict=False)]
    return [
        _Hypothesis((*p.tokens, token), float(total), p.stream.then([token]), state, ended)
        for p, token, total, (state, ended) in zip(parents, tokens, totals[best], steps, strict=False)
    ]

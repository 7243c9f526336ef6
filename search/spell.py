"""Writes moves token by token in worlds whose legal tokens change on the way: a plan that answers `Complete`.

Samples that agree so far share one stream and one state, so each distinct prefix is read and stepped once. Where one
token alone is legal nobody is asked.
"""

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.sampling import draw
from ..agents.stream import Stream
from ..agents.types import Completion
from ..envs.types import State, ends_move
from .asks import Ask, Complete, advance, predict
from .budget import BudgetSpent


@dataclass(slots=True)
class _Prefix:
    """What some samples have written so far, and where it leads; `state` is None once the move is over."""

    stream: Stream
    state: State[Any] | None
    children: dict[int, "_Prefix"] = field(default_factory=dict)


@dataclass(slots=True)
class _Sample:
    index: int
    prefix: _Prefix
    rng: np.random.Generator
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)


def spell(ask: Complete) -> Generator[Ask, Any, tuple[Completion, ...]]:
    """Returns up to `ask.count` moves, fewer where the budget ends; the i-th depends on `ask.seed` and i alone."""
    if ask.count == 0:
        raise BudgetSpent
    root = _Prefix(ask.stream, ask.state)
    samples = [_Sample(i, root, np.random.default_rng([ask.seed, i])) for i in range(ask.count)]
    written: list[tuple[_Sample, float]] = []
    try:
        while samples:
            values = yield from _write_token(ask, samples)
            written += [(s, values[id(s.prefix)]) for s in samples if id(s.prefix) in values]
            samples = [s for s in samples if s.prefix.state is not None]
    except BudgetSpent:
        if not written:
            raise
    return tuple(
        Completion(np.array(s.tokens, dtype=np.int32), np.array(s.logprobs, dtype=np.float32), value)
        for s, value in sorted(written, key=lambda pair: pair[0].index)
    )


def _write_token(ask: Complete, samples: list[_Sample]) -> Generator[Ask, Any, dict[int, float]]:
    """Adds a token to every sample the budget reaches, drops the others; returns values of the prefixes that ended."""
    prefixes = {id(s.prefix): s.prefix for s in samples}
    legal = {name: np.flatnonzero(prefix.state.legal) for name, prefix in prefixes.items() if prefix.state is not None}
    open_to = [name for name, tokens in legal.items() if len(tokens) > 1]
    logits: dict[int, NDArray[np.float32]] = {}
    if open_to:
        prediction = yield from predict([prefixes[name].stream for name in open_to])
        logits = dict(zip(open_to, prediction.logits, strict=False))
    samples[:] = [s for s in samples if id(s.prefix) in logits or len(legal[id(s.prefix)]) == 1]
    fresh: list[tuple[_Prefix, int]] = []
    for sample in samples:
        prefix, tokens = sample.prefix, legal[id(sample.prefix)]
        choice, logprob = np.zeros(1, np.int64), np.zeros(1, np.float32)
        if len(tokens) > 1:
            uniform = np.array([sample.rng.random()], dtype=np.float32)
            choice, logprob = draw(logits[id(prefix)][None, tokens], ask.sampling, uniform)
        token = int(tokens[choice[0]])
        if token not in prefix.children:
            prefix.children[token] = _Prefix(prefix.stream.then([token]), None)
            fresh.append((prefix, token))
        sample.prefix = prefix.children[token]
        sample.tokens.append(token)
        sample.logprobs.append(float(logprob[0]))
    return (yield from _follow(ask, samples, fresh))


def _follow(
    ask: Complete, samples: list[_Sample], fresh: list[tuple[_Prefix, int]]
) -> Generator[Ask, Any, dict[int, float]]:
    befores = [prefix.state for prefix, _ in fresh if prefix.state is not None]
    afters = yield from advance(ask.env, befores, [(token,) for _, token in fresh])
    reached = [prefix.children[token] for prefix, token in fresh]
    ended = []
    for child, before, after in zip(reached, befores, afters, strict=False):
        if ends_move(before, after):
            ended.append(child)
        else:
            child.state = after
    values = dict.fromkeys(map(id, ended), float("nan"))
    if ended:
        # A move that is written stands, even where the budget ends before its value is read.
        with suppress(BudgetSpent):
            prediction = yield from predict([child.stream for child in ended])
            values |= {id(child): float(v) for child, v in zip(ended, prediction.value, strict=False)}
    samples[:] = [s for s in samples if s.prefix.state is not None or id(s.prefix) in values]
    return values

"""The loop by which every policy writes: draw a token for each copy of the prompt, read it, until all have ended.

Sample i is drawn with the i-th row of uniform numbers of its seed, so it is the same however many are wanted.

Shapes: `B` copies being written, `C` legal tokens, `O` tokens of the longest opening.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .sampling import draw
from .types import Completion, Grammar, Sampling


class Pages(Protocol):
    """`B` copies of one prompt, each with what was written after it."""

    def logits(self) -> NDArray[np.float32]:
        """Returns `[B, C]` over the legal tokens, in their order, at the end of each copy."""
        ...

    def values(self) -> NDArray[np.float32]:
        """Returns `[B]`, the reader's expected return at the end of each copy."""
        ...

    def read(self, tokens: NDArray[np.int64]) -> None:
        """Adds one of `tokens [B]` to each copy."""
        ...

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Drops all copies but `rows`, whose order becomes the new one."""
        ...


def write(
    pages: Callable[[int], Pages],
    count: int,
    sampling: Sampling,
    grammar: Grammar,
    seed: int,
    max_total_tokens: int | None,
    block: int = 256,
) -> list[Completion]:
    """Returns up to `count` completions, as `Policy.complete` promises them.

    Args:
        pages: makes so many fresh copies of the prompt.
        count: completions wanted.
        sampling: how tokens are drawn.
        grammar: what a completion may say.
        seed: of the uniform numbers.
        max_total_tokens: only the leading completions that together fit are returned.
        block: copies written at once.

    Raises:
        ValueError: if an opening is no beginning of what the grammar allows.
    """
    check_openings(grammar)
    rng = np.random.default_rng(seed)
    left = count * grammar.max_tokens if max_total_tokens is None else max_total_tokens
    completions: list[Completion] = []
    while len(completions) < count and left > 0:
        # So many as are likely to fit: what is written beyond that is thrown away.
        likely = int(left / _mean_length(completions, grammar)) + 1
        rows = min(block, count - len(completions), likely)
        uniforms = rng.random((rows, grammar.max_tokens), dtype=np.float32)
        for completion in _write_block(pages(rows), uniforms, sampling, grammar):
            left -= len(completion.tokens)
            if left < 0:
                break
            completions.append(completion)
    return completions


def check_openings(grammar: Grammar) -> None:
    """Raises ValueError if an opening is no beginning of what the grammar allows."""
    allowed = {*np.flatnonzero(grammar.legal).tolist()} - {grammar.end} if grammar.openings else set()
    for opening in grammar.openings:
        if not 0 < len(opening) < grammar.max_tokens or not allowed.issuperset(opening):
            raise ValueError(
                f"an opening of {len(opening)} tokens, {list(opening)[:8]}, begins no completion of at most "
                f"{grammar.max_tokens}: raise max_tokens, or take openings of legal tokens other than {grammar.end}"
            )


def given(grammar: Grammar, uniforms: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns `[B, O]` the opening that each of `uniforms [B]` draws; -1 where it is over."""
    if not grammar.openings:
        return np.empty((len(uniforms), 0), np.int64)
    padded = _padded(grammar.openings)
    # In double precision no share of the openings comes to all of them.
    drawn: NDArray[np.int64] = padded[(uniforms.astype(np.float64) * len(padded)).astype(np.int64)]
    return drawn


@lru_cache(maxsize=16)
def _padded(openings: tuple[tuple[int, ...], ...]) -> NDArray[np.int64]:
    """Returns `[openings, O]`, -1 behind the end of each."""
    longest = max(map(len, openings))
    return np.array([[*opening] + [-1] * (longest - len(opening)) for opening in openings], np.int64)


def _mean_length(completions: Sequence[Completion], grammar: Grammar) -> float:
    """Returns tokens a completion so far; before the first, half of what one may have."""
    if not completions:
        return (grammar.max_tokens + 1) / 2
    return sum(len(completion.tokens) for completion in completions) / len(completions)


def _write_block(pages: Pages, uniforms: NDArray[np.float32], sampling: Sampling, grammar: Grammar) -> list[Completion]:
    """Returns one completion a row of `uniforms [B, max_tokens]`."""
    count, max_tokens = uniforms.shape
    legal = np.flatnonzero(grammar.legal)
    tokens = np.empty((count, max_tokens), dtype=np.int32)
    logprobs = np.zeros((count, max_tokens), dtype=np.float32)
    lengths, values = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.float32)
    opening = given(grammar, uniforms[:, 0])
    samples, open_ = np.arange(count), np.ones(count, dtype=np.bool_)  # One entry a copy still in `pages`.
    for place in range(max_tokens):
        written = np.full(len(samples), grammar.end, dtype=np.int64)
        if place < max_tokens - 1:
            choices, logprobs[samples, place] = draw(pages.logits(), sampling, uniforms[samples, place])
            written = legal[choices]
        if place < opening.shape[1]:
            is_given = opening[samples, place] >= 0
            written[is_given], logprobs[samples[is_given], place] = opening[samples[is_given], place], 0
        tokens[samples, place] = written
        pages.read(written)
        closed = open_ & (written == grammar.end)
        if not closed.any():
            continue
        values[samples[closed]] = pages.values()[closed]
        lengths[samples[closed]] = place + 1
        open_ &= ~closed
        if not open_.any():
            break
        if open_.sum() < 0.75 * len(open_):
            pages.keep(np.flatnonzero(open_))
            samples, open_ = samples[open_], open_[open_]
    return [
        Completion(tokens[i, :length].copy(), logprobs[i, :length].copy(), float(values[i]))
        for i, length in enumerate(lengths.tolist())
    ]

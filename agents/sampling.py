"""Drawing tokens from logits: temperature, top-k, top-p, and one uniform number a token.

Shapes: `B` rows, `V` choices; a choice that must not be drawn is left out of the rows, not masked.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from .exponential import FAST, exponentials, greatest
from .types import Sampling


def draw(
    logits: NDArray[np.float32], sampling: Sampling, uniforms: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Returns `[B]` choices by inverse CDF, and their `[B]` log-probabilities under the distribution drawn from.

    Args:
        logits: `[B, V]`, all finite.
        sampling: what to do to them first.
        uniforms: `[B]` in `[0, 1)`; the same number draws the same choice, whatever the other rows are.
    """
    choices, shares = np.empty(len(logits), np.int64), np.empty(len(logits), np.float32)
    _pick(choice_weights(logits, sampling), uniforms, choices, shares)
    return choices, np.log(shares)


def choice_weights(logits: NDArray[np.float32], sampling: Sampling) -> NDArray[np.float32]:
    """Returns `[B, V]` weights, proportional to the probabilities `sampling` makes of `logits`; the largest is 1.

    Choices that tie with the k-th likeliest are kept with it.
    """
    if sampling.temperature == 0:
        likeliest: NDArray[np.float32] = np.eye(logits.shape[1], dtype=np.float32)[logits.argmax(axis=1)]
        return likeliest
    weights = logits.astype(np.float32) if sampling.temperature == 1 else logits / np.float32(sampling.temperature)
    _soften(weights)
    if 0 < sampling.top_k < weights.shape[1]:
        kth = np.partition(weights, -sampling.top_k, axis=1)[:, -sampling.top_k, None]
        weights = np.where(weights >= kth, weights, np.float32(0))
    return weights if sampling.top_p == 1 else _nucleus(weights, sampling.top_p)


def _nucleus(weights: NDArray[np.float32], top_p: float) -> NDArray[np.float32]:
    """Returns `weights` with all but the likeliest that together hold `top_p` set to 0 (Holtzman et al. 2020)."""
    order = np.argsort(-weights, axis=1, kind="stable")
    falling = np.take_along_axis(weights, order, axis=1)
    before = falling.cumsum(axis=1) - falling
    falling[before >= top_p * falling.sum(axis=1, keepdims=True)] = 0
    kept = np.empty_like(weights)
    np.put_along_axis(kept, order, falling, axis=1)
    return kept


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _soften(weights):  # type: ignore[no-untyped-def]
    """Replaces each row of logits by its exponentials, the largest of which is 1."""
    for row in range(len(weights)):
        exponentials(weights[row], greatest(weights[row]))


_BLOCK = 32
"""Weights that are summed before anybody looks at one."""


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _pick(weights, uniforms, choices, shares):  # type: ignore[no-untyped-def]
    """Picks in each row the first choice at which the sum of weights passes the uniform number's share of them all.

    Blocks are summed first, in vectors, so that one weight after the other is looked at in one block alone.
    """
    count = weights.shape[1]
    sums = np.empty(count // _BLOCK, np.float32)
    for row in range(len(weights)):
        total = np.float32(0)
        for block in range(len(sums)):
            block_sum = np.float32(0)
            for place in range(_BLOCK):
                block_sum += weights[row, block * _BLOCK + place]
            sums[block] = block_sum
            total += block_sum
        for choice in range(len(sums) * _BLOCK, count):
            total += weights[row, choice]
        # Below the total, and compared strictly, so that a choice of no weight is never drawn.
        target = min(uniforms[row] * total, np.nextafter(total, np.float32(0)))
        passed, block, last = np.float32(0), 0, min(len(sums), (count - 1) // _BLOCK)
        while block < last and passed + sums[block] <= target:
            passed += sums[block]
            block += 1
        picked = choice = block * _BLOCK
        while choice < count and passed <= target:
            if weights[row, choice] > 0:
                passed += weights[row, choice]
                picked = choice
            choice += 1
        # Where sums were rounded so that none passed it: the last of any weight.
        while picked > 0 and weights[row, picked] == 0:
            picked -= 1
        choices[row], shares[row] = picked, weights[row, picked] / total

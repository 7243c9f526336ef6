"""Attention of copies of one prompt to what each has written itself, joined with what they see in the prompt.

On a CPU it is one compiled pass over each row, in place of a dozen operations on small matrices.

Shapes: `B` copies, `P` prompt tokens, `S` places of the copies' own, `G` key-value heads, `R` query heads of each,
`K` channels of a head.
"""

import numba
import numpy as np
import torch
from torch import Tensor


def see_own(q: Tensor, scores: Tensor, own_k: Tensor, own_v: Tensor, length: int) -> Tensor:
    """Returns `[G, B * R, K]`, what is seen in the own places; `scores` become the weights of the prompt's.

    Args:
        q: `[G, B * R, K]` queries, scaled.
        scores: `[G, B * R, P]` of the prompt; overwritten.
        own_k: `[B, G, S, K]` keys.
        own_v: `[B, G, S, K]` values.
        length: own places that are filled.
    """
    if q.device.type != "cpu":
        return _see_in_steps(q, scores, own_k, own_v, length)
    seen = torch.empty_like(q)
    _see(q.numpy(), scores.numpy(), own_k.numpy(), own_v.numpy(), length, seen.numpy())
    return seen


def _see_in_steps(q: Tensor, scores: Tensor, own_k: Tensor, own_v: Tensor, length: int) -> Tensor:
    (groups, queries, size), batch = q.shape, len(own_k)
    q_BGRK = q.view(groups, batch, -1, size).transpose(0, 1)
    to_own = (q_BGRK @ own_k[:, :, :length].mT).transpose(0, 1).reshape(groups, queries, length)
    weights = torch.cat((scores, to_own), -1).softmax(-1)
    scores.copy_(weights[..., :-length])
    in_own = weights[..., -length:].reshape(groups, batch, -1, length).transpose(0, 1) @ own_v[:, :, :length]
    return in_own.transpose(0, 1).reshape(q.shape)


_FAST = {"reassoc", "contract", "arcp", "nsz"}
_LOG2_E = np.float32(1.4426950408889634)


@numba.njit(cache=True, nogil=True, fastmath=_FAST)
def _see(q, scores, own_k, own_v, length, seen):  # type: ignore[no-untyped-def]
    """Turns scores into weights over prompt and own places together, and adds up what is seen in the own.

    Args:
        q: `[G, B * R, K]` float32 queries, scaled.
        scores: `[G, B * R, P]` float32 scores of the prompt; they become weights.
        own_k: `[B, G, S, K]` float32 keys.
        own_v: `[B, G, S, K]` float32 values.
        length: own places that are filled.
        seen: `[G, B * R, K]` float32, to become what is seen in the own places.
    """
    groups, queries, size = q.shape
    heads, places = queries // len(own_k), scores.shape[2]
    own = np.empty(length, np.float32)
    for row in range(len(own_k)):
        for group in range(groups):
            keys, values = own_k[row, group], own_v[row, group]
            for query in range(row * heads, (row + 1) * heads):
                asks, to_prompt, sees = q[group, query], scores[group, query], seen[group, query]
                most = np.float32(-np.inf)
                for place in range(places):
                    most = max(most, to_prompt[place])
                for place in range(length):
                    score = np.float32(0)
                    for channel in range(size):
                        score += asks[channel] * keys[place, channel]
                    own[place] = score
                    most = max(most, score)
                total = _exponentials(to_prompt, most) + _exponentials(own, most)
                share = np.float32(1) / total
                for place in range(places):
                    to_prompt[place] *= share
                for channel in range(size):
                    sees[channel] = np.float32(0)
                for place in range(length):
                    weight = own[place] * share
                    for channel in range(size):
                        sees[channel] += weight * values[place, channel]


@numba.njit(cache=True, nogil=True, fastmath=_FAST, inline="always")
def _exponentials(scores, most):  # type: ignore[no-untyped-def]
    """Replaces scores by exp(score - most), to 2e-7 of it, and returns their sum."""
    total = np.float32(0)
    for place in range(len(scores)):
        power = max((scores[place] - most) * _LOG2_E, np.float32(-126))
        whole = np.floor(power + np.float32(0.5))
        part = power - whole
        series = np.float32(1.5403530e-4)
        series = series * part + np.float32(1.3333558e-3)
        series = series * part + np.float32(9.6181291e-3)
        series = series * part + np.float32(5.5504109e-2)
        series = series * part + np.float32(2.4022651e-1)
        series = series * part + np.float32(6.9314718e-1)
        series = series * part + np.float32(1)
        value = series * np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)
        scores[place] = value
        total += value
    return total

"""Attention of copies of one prompt to what each has written itself, joined with what they see in the prompt.

On a CPU it is one compiled pass over each row, in place of a dozen operations on small matrices.

Shapes: `B` copies, `P` prompt tokens, `S` places of the copies' own, `G` key-value heads, `R` query heads of each,
`K` channels of a head.
"""

import numba
import numpy as np
import torch
from torch import Tensor

from .exponential import FAST, exponentials


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


@numba.njit(cache=True, nogil=True, fastmath=FAST)
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
                total = exponentials(to_prompt, most) + exponentials(own, most)
                share = np.float32(1) / total
                for place in range(places):
                    to_prompt[place] *= share
                for channel in range(size):
                    sees[channel] = np.float32(0)
                for place in range(length):
                    weight = own[place] * share
                    for channel in range(size):
                        sees[channel] += weight * values[place, channel]

"""What copies of one prompt have written themselves, and attention to it, joined with what they see in the prompt.

On a CPU it is two compiled passes over each row, in place of two dozen operations on small matrices.

Shapes: `B` copies, `P` prompt tokens, `S` places of the copies' own, `H` query heads, `G` key-value heads, `R = H / G`,
`K` channels of a head.
"""

import numba
import numpy as np
import torch
from torch import Tensor

from .exponential import FAST, exponentials, greatest
from .halves import array_of, narrowed, widened
from .small import multiply, multiply_transposed
from .transformer import rotated


class Suffix:
    """The keys and values, in one layer, of what each copy has written itself.

    Args:
        own: `[2, B, G, S, K]` keys and values; places are filled one after the other.
    """

    def __init__(self, own: Tensor) -> None:
        self._own, self._arrays = own, array_of(own) if own.device.type == "cpu" else None

    @property
    def capacity(self) -> int:
        """Places there are."""
        return self._own.shape[3]

    def resized(self, rows: Tensor, capacity: int, length: int) -> "Suffix":
        """Returns the first `length` places of these copies, with room for `capacity`."""
        old = self._own
        new = old.new_empty(2, len(rows), old.shape[2], capacity, old.shape[4])
        new[:, :, :, :length] = old[:, rows, :, :length]
        return Suffix(new)

    def take_in(self, heads: Tensor, rotation: Tensor, place: int) -> Tensor:
        """Returns `[G, B * R, K]` float32 queries, rotated and scaled; a token's keys and values go to their place.

        Args:
            heads: `[B, H + 2 G, K]` queries, keys and values of a token of each copy.
            rotation: `[2, B, 1, K]` of the queries and keys.
            place: of the token among the copy's own.
        """
        if self._arrays is None:
            return _take_in_in_steps(heads, rotation, self._own[0], self._own[1], place)
        _, batch, groups, _, size = self._own.shape
        q = rotation.new_empty(groups, (heads.shape[1] // groups - 2) * batch, size)
        _take_in(array_of(heads), rotation.numpy(), q.numpy(), self._arrays, place)
        return q

    def see(self, q: Tensor, scores: Tensor, length: int) -> Tensor:
        """Returns `[G, B * R, K]`, what is seen in the own places; `scores` become the weights of the prompt's.

        Args:
            q: `[G, B * R, K]` queries, scaled.
            scores: `[G, B * R, P]` of the prompt; overwritten.
            length: own places that are filled.
        """
        if self._arrays is None:
            return _see_in_steps(q, scores, self._own[0], self._own[1], length)
        seen = torch.empty_like(q)
        _see(q.numpy(), scores.numpy(), self._arrays, length, seen.numpy())
        return seen


def _take_in_in_steps(heads: Tensor, rotation: Tensor, own_k: Tensor, own_v: Tensor, place: int) -> Tensor:
    batch, groups, _, size = own_k.shape
    q, own_k[:, :, place], own_v[:, :, place] = rotated(heads, rotation, groups)
    scaled: Tensor = q * size**-0.5
    return scaled.view(batch, groups, -1, size).transpose(0, 1).reshape(groups, -1, size)


def _see_in_steps(q: Tensor, scores: Tensor, own_k: Tensor, own_v: Tensor, length: int) -> Tensor:
    (groups, queries, size), batch = q.shape, len(own_k)
    q_BGRK = q.view(groups, batch, -1, size).transpose(0, 1)
    to_own = (q_BGRK @ own_k[:, :, :length].to(q.dtype).mT).transpose(0, 1).reshape(groups, queries, length)
    weights = torch.cat((scores, to_own), -1).softmax(-1)
    scores.copy_(weights[..., :-length])
    in_own = weights[..., -length:].reshape(groups, batch, -1, length).transpose(0, 1)
    return (in_own @ own_v[:, :, :length].to(q.dtype)).transpose(0, 1).reshape(q.shape)


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _take_in(heads, rotation, q, own, place):  # type: ignore[no-untyped-def]
    """Parts heads into queries, keys and values, rotating the first two and scaling the first.

    Args:
        heads: `[B, H + 2 G, K]` of either precision.
        rotation: `[2, B, 1, K]` float32, cosine and signed sine.
        q: `[G, B * R, K]` float32, to become the queries.
        own: `[2, B, G, S, K]` of either precision, whose `place` becomes the keys and values.
        place: of the token among the copy's own.
    """
    groups, queries, size = q.shape
    asking, one, scale = queries // len(heads), np.float32(1), np.float32(1 / np.sqrt(size))
    for row in range(len(heads)):
        cosine, sine = rotation[0, row, 0], rotation[1, row, 0]
        for group in range(groups):
            for query in range(asking):
                head = heads[row, group * asking + query]
                _rotate(head, cosine, sine, scale, q[group, row * asking + query])
            key, value = heads[row, groups * asking + group], heads[row, groups * (asking + 1) + group]
            _rotate(key, cosine, sine, one, own[0, row, group, place])
            for channel in range(size):
                own[1, row, group, place, channel] = narrowed(widened(value[channel]), own)


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _rotate(head, cosine, sine, scale, out):  # type: ignore[no-untyped-def]
    """Writes `scale * (head * cosine + roll(head, K / 2) * sine)`."""
    half = len(head) // 2
    for low in range(half):
        high = low + half
        a, b = widened(head[low]), widened(head[high])
        out[low] = narrowed((a * cosine[low] + b * sine[low]) * scale, out)
        out[high] = narrowed((b * cosine[high] + a * sine[high]) * scale, out)


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _see(q, scores, own, length, seen):  # type: ignore[no-untyped-def]
    """Turns scores into weights over prompt and own places together, and adds up what is seen in the own.

    Args:
        q: `[G, B * R, K]` float32 queries, scaled.
        scores: `[G, B * R, P]` float32 scores of the prompt; they become weights.
        own: `[2, B, G, S, K]` keys and values of either precision.
        length: own places that are filled.
        seen: `[G, B * R, K]` float32, to become what is seen in the own places.
    """
    keys, values = own[0], own[1]
    groups, asking = len(q), q.shape[1] // len(keys)
    weights = np.empty((asking, length), np.float32)
    for row in range(len(keys)):
        first, last = row * asking, (row + 1) * asking
        for group in range(groups):
            multiply_transposed(q[group, first:last], keys[row, group], weights)
            for query in range(asking):
                _share_out(scores[group, first + query], weights[query])
            multiply(weights, values[row, group], seen[group, first:last])


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _share_out(to_prompt, to_own):  # type: ignore[no-untyped-def]
    """Replaces scores `[P]` and `[S]` by weights that together sum to 1."""
    most = max(greatest(to_prompt), greatest(to_own))
    share = np.float32(1) / (exponentials(to_prompt, most) + exponentials(to_own, most))
    for place in range(len(to_prompt)):
        to_prompt[place] *= share
    for place in range(len(to_own)):
        to_own[place] *= share

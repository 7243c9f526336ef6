"""Packed documents, laid out by length while a transformer reads them: none pays for what it may not see.

Documents of about one length stand side by side, so that one triangle says for all of them what a token sees.

Shapes: `B` rows of `T` tokens; laid out, `N` tokens in groups of `d` documents of `L`; `H` query heads, `G` key-value
heads, `R = H / G`, `K` channels of a head; `D` model width.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Look = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From queries `[d, L, H, K]`, keys and values `[d, L, G, K]` to what each query sees up to its own place."""

BLOCK = 64
"""Queries that are multiplied with the same keys."""


class Layout:
    """Where the tokens of a batch stand while they are read.

    Args:
        documents_BT: which document of its row a token belongs to; -1 in the padding, which is not read.
    """

    def __init__(self, documents_BT: Tensor) -> None:
        documents = documents_BT.cpu().numpy()
        opens = np.ones(documents.shape, np.bool_)
        opens[:, 1:] = documents[:, 1:] != documents[:, :-1]
        starts = np.flatnonzero(opens)
        lengths = np.diff(starts, append=documents.size)
        is_read = documents.ravel()[starts] >= 0
        starts, lengths = starts[is_read], lengths[is_read]
        filled, orders = _filled_up(lengths), []
        self._shape, self._groups = documents_BT.shape, np.stack(np.unique(filled, return_counts=True), 1).tolist()
        for length, _ in self._groups:
            alike, place = filled == length, np.arange(length)
            # What fills a document up has its place behind the batch.
            order = np.where(place < lengths[alike, None], starts[alike, None] + place, documents.size)
            orders.append(order.ravel())
        self._order_N = torch.from_numpy(np.concatenate(orders)).to(documents_BT.device)

    def take(self, tokens_BT: Tensor) -> Tensor:
        """Returns `[N]`; 0 where a document is filled up."""
        return F.pad(tokens_BT.flatten(), (0, 1))[self._order_N]

    def put_back(self, states_ND: Tensor) -> Tensor:
        """Returns `[B, T, D]`; 0 in the padding."""
        places = states_ND.new_zeros(self._shape.numel() + 1, states_ND.shape[1])
        return places.index_copy(0, self._order_N, states_ND)[:-1].view(*self._shape, -1)

    def attend(self, look: Look, q_NHK: Tensor, k_NGK: Tensor, v_NGK: Tensor) -> Tensor:
        """Returns `[N, H, K]`, what each token sees of its document up to itself."""
        sizes, seen = [count * length for length, count in self._groups], []
        parts = (torch.split(heads, sizes) for heads in (q_NHK, k_NGK, v_NGK))
        for (length, _), *heads in zip(self._groups, *parts, strict=True):
            seen.append(look(*(x.unflatten(0, (-1, length)) for x in heads)).flatten(0, 1))
        return torch.cat(seen)


def look_fused(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Looks by torch's own kernel, which is best on a GPU."""
    q, k, v = (heads.transpose(1, 2) for heads in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True).transpose(1, 2)


def look_in_blocks(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Looks by products of a block of queries with the keys up to its last, which is best on a CPU.

    All query heads of a key-value head are rows of the same product.
    """
    (d, L, H, K), G = q.shape, k.shape[2]
    R = H // G
    q_XnK = q.view(d, L, G, R, K).transpose(1, 2).reshape(d * G, L * R, K)
    k_XLK, v_XLK = (x.transpose(1, 2).reshape(d * G, L, K) for x in (k, v))
    unseen, seen, last = _unseen(1 << (L - 1).bit_length(), R, q.dtype, q.device), [], 0
    for q_XbK in torch.split(q_XnK, BLOCK * R, 1):
        last = min(last + BLOCK, L)
        mask = unseen[-q_XbK.shape[1] :, -last:]
        scores = torch.baddbmm(mask, q_XbK, k_XLK[:, :last].mT, alpha=K**-0.5)
        seen.append(scores.softmax(-1) @ v_XLK[:, :last])
    return torch.cat(seen, 1).view(d, G, L, R, K).transpose(1, 2).reshape(d, L, H, K)


@lru_cache(maxsize=16)
def _unseen(longest: int, repeats: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Returns `[BLOCK * repeats, longest]`, -inf where a query, each repeated, may not look, else 0.

    Queries and keys are counted from the last: the mask of fewer of both is the lower right corner.
    """
    # Whoever asks first, gradients may flow through what later callers make of it.
    with torch.inference_mode(False):
        query, key = torch.arange(BLOCK, 0, -1, device=device), torch.arange(longest, 0, -1, device=device)
        hidden = key < query.repeat_interleave(repeats)[:, None]
        return torch.zeros(hidden.shape, dtype=dtype, device=device).masked_fill_(hidden, -torch.inf)


def _filled_up(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns lengths rounded up, the longer the more coarsely: few different ones, and few tokens for nothing."""
    step = np.maximum(1, 2 ** np.floor(np.log2(lengths)).astype(np.int64) // 8)
    filled: NDArray[np.int64] = -(-lengths // step) * step
    return filled

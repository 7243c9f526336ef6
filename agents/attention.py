"""What a transformer keeps of each token: keys and values in every layer, looked at again by all that follow.

All new nodes of a call are read together, parents with their children: a layer stores the keys and values of all
new tokens before any of them looks. What a row computes depends on its own shape alone (never on how many others
share the batch), so where the matrix library works row by row the same stream gives the same bits in any company.

Shapes: `N` new tokens of a call, `S` slots, `D` model width, `H` query heads, `G` key-value heads, `K` channels of a
head; in a group `b` rows, `n` new tokens and `s` slots of each, padding included.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .copies import TransformerPages
from .memory import FEWEST_ROWS, SPARE, Integers, Slots
from .packed import Packed
from .transformer import Transformer, rotated
from .writing import Pages

ALIGNED_QUERIES = 8
"""Queries of a row are filled up to a multiple of these."""


class KeysAndValues:
    """The notes of a transformer.

    Args:
        model: the network.
        reading: what prompts are read with.
        writing: what samples are computed with.
    """

    def __init__(self, model: Transformer, reading: Packed, writing: Packed) -> None:
        self._model, self._reading, self._writing, config = model, reading, writing, model.config
        self._layers = [model.embedding.new_zeros(0, 2, config.num_kv_heads, config.head_size) for _ in model.blocks]
        self.states = model.embedding.new_zeros(0, config.d_model)
        width = config.num_layers * 2 * config.num_kv_heads * config.head_size + config.d_model
        self.slot_bytes: int = width * self.states.element_size()

    def grow(self, size: int) -> None:
        """Makes room for `size` tokens in all."""
        self._layers = [_longer(layer, size) for layer in self._layers]
        self.states = _longer(self.states, size)

    def read(self, tokens: Integers, slots: Slots, paths: list[Slots], counts: Integers) -> None:
        """Reads the last `counts` tokens of each path: joint `tokens [N]` into `slots [N]`."""
        lengths, ends = np.array([len(path) for path in paths]), counts.cumsum()
        positions = np.arange(len(tokens)) + (lengths - ends).repeat(counts)
        groups = []
        for (n, s), rows in _alike(counts.tolist(), lengths.tolist()).items():
            # Padding reads a row's last token again, into the same slot.
            queries = np.minimum((ends - counts)[rows, None] + np.arange(n), ends[rows, None] - 1)
            groups.append(self._group(queries, positions[queries], [paths[row] for row in rows], s))
        order = np.concatenate([group.queries.ravel() for group in groups])
        into = self._tensor(slots[order])

        def attend(layer: int, heads: Tensor, rotation: Tensor) -> Tensor:
            q_NHK, k_NGK, v_NGK = rotated(heads, rotation, self._model.config.num_kv_heads)
            memory = self._layers[layer].index_copy_(0, into, torch.stack((k_NGK, v_NGK), 1))
            parts = torch.split(q_NHK, [group.queries.size for group in groups])
            return torch.cat([group.look(q, memory) for group, q in zip(groups, parts, strict=True)])

        states = self._model.read(self._tensor(tokens[order]), self._tensor(positions[order]), attend, self._reading)
        self.states.index_copy_(0, into, states)

    def _group(self, queries: Integers, positions: Integers, paths: list[Slots], s: int) -> "_Group":
        """Returns the look of `queries [b, n]`, placed at `positions`, at their rows' `paths`, padded to `s` slots."""
        keys = np.full((len(paths), s), SPARE, dtype=np.int64)
        for row, path in zip(keys, paths, strict=True):
            row[: len(path)] = path
        config = self._model.config
        unseen = np.arange(s) > positions.repeat(config.num_heads // config.num_kv_heads, axis=1)[..., None]
        mask = self.states.new_zeros(unseen.shape).masked_fill_(self._tensor(unseen), -torch.inf)
        # Threads lay their scratch out one behind the other, by the queries: unless it is aligned, they round apart.
        mask = F.pad(mask, (0, 0, 0, -mask.shape[1] % ALIGNED_QUERIES))
        return _Group(queries, self._tensor(keys), mask[:, None])

    def pages(self, path: Slots, legal: Tensor, first: int) -> Callable[[int], Pages]:
        """Returns what makes so many copies of what was read along `path`."""
        places = self._tensor(path)
        prompt, state_D = [layer[places] for layer in self._layers], self.states[path[-1]]

        def pages(rows: int) -> Pages:
            return TransformerPages(self._model, prompt, state_D, legal, first, rows, self._writing)

        return pages

    def _tensor(self, array: Integers | NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(array).to(self.states.device)


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one shape that look together.

    Attributes:
        queries: `[b, n]` which of the call's new tokens look.
        keys: `[b, s]` the slots of each row's path, then padding.
        mask: `[b, 1, m, s]`, 0 where a query may look, else -inf; `n * H / G` of the `m` look, the others fill up.
    """

    queries: Integers
    keys: Tensor
    mask: Tensor

    def look(self, q: Tensor, memory: Tensor) -> Tensor:
        """Returns what queries `[b * n, H, K]` see in `memory [S, 2, G, K]`."""
        (b, s), (_, _, G, K) = self.keys.shape, memory.shape
        k, v = memory.index_select(0, self.keys.flatten()).view(b, s, 2, G, K).transpose(1, 3).unbind(2)
        q_bGnK = q.reshape(b, -1, G, q.shape[1] // G, K).transpose(1, 2).reshape(b, G, -1, K)
        queries = q_bGnK.shape[2]
        q_bGnK = F.pad(q_bGnK, (0, 0, 0, self.mask.shape[2] - queries))
        if b == 1:  # Matrix libraries treat a lone row differently, so it looks twice.
            q_bGnK, k, v = q_bGnK.expand(2, -1, -1, -1), k.expand(2, -1, -1, -1), v.expand(2, -1, -1, -1)
        seen = F.scaled_dot_product_attention(q_bGnK, k, v, attn_mask=self.mask)[:b, :, :queries]
        return seen.reshape(b, G, -1, q.shape[1] // G, K).transpose(1, 2).reshape(q.shape)


def _longer(slots: Tensor, size: int) -> Tensor:
    return torch.cat((slots, slots.new_zeros(size - len(slots), *slots.shape[1:])))


def _alike(counts: list[int], lengths: list[int]) -> dict[tuple[int, int], list[int]]:
    """Returns the rows that add tokens by padded shape, some twice to make enough tokens.

    A row's shape, in new tokens and slots, depends on the row itself alone.
    """
    groups: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row, (count, length) in enumerate(zip(counts, lengths, strict=True)):
        if count:
            groups[_padded(count, 1), _padded(length, 32)].append(row)
    missing = FEWEST_ROWS - sum(n * len(rows) for (n, _), rows in groups.items())
    (n, _), rows = next(iter(groups.items()))
    rows += rows[:1] * -(-missing // n)
    return groups


def _padded(length: int, step: int) -> int:
    """Returns `length` rounded up to a multiple of `step`, a longer step for greater lengths: few different sizes."""
    step = max(step, 1 << length.bit_length() >> 3)
    return -(-length // step) * step

"""What a network remembers of the streams it read: every token once, for as long as somebody holds its stream.

A slot holds what reading one token left behind: keys and values in each layer, and the final state. A stream's node
owns the slots of the tokens it adds and knows the slots of its whole path, so branches share their prefix without a
copy. When the node dies its slots are free again.

All new nodes of a call are read together, parents with their children: a layer stores the keys and values of all
new tokens before any of them looks. What a row computes depends on its own shape alone (never on how many others
share the batch), so where the matrix library works row by row the same stream gives the same bits in any company.

Shapes: `N` new tokens of a call, `S` slots, `D` model width, `H` query heads, `G` key-value heads, `K` channels of a
head; in a group `b` rows, `n` new tokens and `s` slots of each, padding included.
"""

import weakref
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .stream import Stream
from .transformer import Transformer

Integers = NDArray[np.int64]
Slots = Integers
FEWEST_ROWS = 16
"""Matrix libraries have kernels of their own, with other rounding, for fewer rows than this."""
PASS_TOKENS = 8192
"""Tokens read in one pass at most, to bound what a pass needs."""
_SPARE = 0  # The slot that pads paths and that no node owns.


class Memory:
    """The memory of one dialect's streams, each opened by the joint token `start`."""

    def __init__(self, model: Transformer, start: int) -> None:
        self._model, self._first = model, start + 1
        shape = (2, model.config.num_kv_heads, model.config.head_size)
        self._layers = [model.embedding.new_zeros(FEWEST_ROWS, *shape) for _ in model.blocks]
        self._states = model.embedding.new_zeros(FEWEST_ROWS, model.config.d_model)
        self._free = list(range(_SPARE + 1, FEWEST_ROWS))
        self._paths: weakref.WeakKeyDictionary[Stream, Slots] = weakref.WeakKeyDictionary()
        self._opening = self._allocate(1)
        self._compute(np.array([start]), self._opening, [self._opening], np.array([1]))

    @property
    def num_slots(self) -> int:
        """Tokens there is room for; it doubles as it is needed."""
        return len(self._states)

    @property
    def num_tokens(self) -> int:
        """Tokens remembered now, the opening one not counted."""
        return self.num_slots - len(self._free) - 2

    def read(self, streams: Sequence[Stream]) -> Slots:
        """Returns `[B]`, the slot of each stream's last token, having read what was new.

        Raises:
            ValueError: if a stream is longer than the network can read.
        """
        for nodes in _portions(self._fresh(streams)):
            self._learn(nodes)
        return np.array([self._paths[stream][-1] for stream in streams], dtype=np.int64)

    def states(self, slots: Slots) -> Tensor:
        """Returns `[len(slots), D]`, the final states there."""
        return self._states[self._tensor(slots)]

    def keys_and_values(self, stream: Stream) -> list[Tensor]:
        """Returns `[T, 2, G, K]` a layer: a copy of what `stream`, opening token first, left when it was read."""
        path = self._tensor(self._paths[stream])
        return [layer[path] for layer in self._layers]

    def _fresh(self, streams: Sequence[Stream]) -> list[Stream]:
        """Returns the nodes not read yet, each once, parents before children."""
        fresh: dict[Stream, None] = {}
        longest = self._model.config.max_length - 1
        for stream in streams:
            if stream.length > longest:
                raise ValueError(
                    f"a stream of {stream.length} tokens is too long for this network, which reads {longest}: "
                    "train one with a larger max_length, or let the world restart its streams"
                )
            branch = []
            for node in stream.path():
                if node in self._paths or node in fresh:
                    break
                branch.append(node)
            fresh.update(dict.fromkeys(reversed(branch)))
        return list(fresh)

    def _learn(self, nodes: list[Stream]) -> None:
        """Reads `nodes`, parents before children, and remembers them until they die."""
        counts = np.array([len(node.tokens) for node in nodes])
        slots, ends = self._allocate(int(counts.sum())), counts.cumsum()
        owned = [slots[end - count : end] for count, end in zip(counts.tolist(), ends.tolist(), strict=True)]
        paths: dict[Stream, Slots] = {}
        for node, own in zip(nodes, owned, strict=True):
            parent = node.parent
            above = self._opening if parent is None else paths[parent] if parent in paths else self._paths[parent]
            paths[node] = np.concatenate((above, own))
        if len(slots):
            tokens = np.concatenate([node.tokens for node in nodes]) + self._first
            self._compute(tokens, slots, list(paths.values()), counts)
        for (node, path), own in zip(paths.items(), owned, strict=True):
            self._paths[node] = path
            weakref.finalize(node, self._free.extend, own.tolist()).atexit = False

    def _compute(self, tokens: Integers, slots: Slots, paths: list[Slots], counts: Integers) -> None:
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

        def attend(layer: int, q_NHK: Tensor, k_NGK: Tensor, v_NGK: Tensor) -> Tensor:
            memory = self._layers[layer].index_copy_(0, into, torch.stack((k_NGK, v_NGK), 1))
            parts = torch.split(q_NHK, [group.queries.size for group in groups])
            return torch.cat([group.look(q, memory) for group, q in zip(groups, parts, strict=True)])

        states = self._model.read(self._tensor(tokens[order]), self._tensor(positions[order]), attend)
        self._states.index_copy_(0, into, states)

    def _group(self, queries: Integers, positions: Integers, paths: list[Slots], s: int) -> "_Group":
        """Returns the look of `queries [b, n]`, placed at `positions`, at their rows' `paths`, padded to `s` slots."""
        keys = np.full((len(paths), s), _SPARE, dtype=np.int64)
        for row, path in zip(keys, paths, strict=True):
            row[: len(path)] = path
        config = self._model.config
        unseen = np.arange(s) > positions.repeat(config.num_heads // config.num_kv_heads, axis=1)[..., None]
        mask = self._states.new_zeros(unseen.shape).masked_fill_(self._tensor(unseen), -torch.inf)
        return _Group(queries, self._tensor(keys), mask[:, None])

    def _allocate(self, count: int) -> Slots:
        """Takes `count` free slots, making more where there are too few."""
        if count > len(self._free):
            size = len(self._states)
            more = max(size, count)
            self._layers = [torch.cat((layer, layer.new_zeros(more, *layer.shape[1:]))) for layer in self._layers]
            self._states = torch.cat((self._states, self._states.new_zeros(more, self._states.shape[1])))
            self._free.extend(range(size, size + more))
        slots = self._free[len(self._free) - count :]
        del self._free[len(self._free) - count :]
        return np.array(slots, dtype=np.int64)

    def _tensor(self, array: Integers | NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(array).to(self._states.device)


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one shape that look together.

    Attributes:
        queries: `[b, n]` which of the call's new tokens look.
        keys: `[b, s]` the slots of each row's path, then padding.
        mask: `[b, 1, n * H / G, s]`, 0 where a query may look, else -inf.
    """

    queries: Integers
    keys: Tensor
    mask: Tensor

    def look(self, q: Tensor, memory: Tensor) -> Tensor:
        """Returns what queries `[b * n, H, K]` see in `memory [S, 2, G, K]`."""
        (b, s), (_, _, G, K) = self.keys.shape, memory.shape
        k, v = memory.index_select(0, self.keys.flatten()).view(b, s, 2, G, K).transpose(1, 3).unbind(2)
        q_bGnK = q.reshape(b, -1, G, q.shape[1] // G, K).transpose(1, 2).reshape(b, G, -1, K)
        if b == 1:  # Matrix libraries treat a lone row differently, so it looks twice.
            q_bGnK, k, v = q_bGnK.expand(2, -1, -1, -1), k.expand(2, -1, -1, -1), v.expand(2, -1, -1, -1)
        seen = F.scaled_dot_product_attention(q_bGnK, k, v, attn_mask=self.mask)[:b]
        return seen.reshape(b, G, -1, q.shape[1] // G, K).transpose(1, 2).reshape(q.shape)


def _portions(nodes: list[Stream]) -> Iterator[list[Stream]]:
    """Yields `nodes` in order, `PASS_TOKENS` tokens at a time or one node."""
    portion: list[Stream] = []
    tokens = 0
    for node in nodes:
        if portion and tokens + len(node.tokens) > PASS_TOKENS:
            yield portion
            portion, tokens = [], 0
        portion.append(node)
        tokens += len(node.tokens)
    if portion:
        yield portion


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

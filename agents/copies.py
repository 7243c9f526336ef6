"""Many copies of one prompt being continued by a transformer: the prompt's keys and values once, their own a row.

Attention to the prompt is then one matrix product over all copies, as in Hydragen (Juravsky et al. 2024).

Shapes: `B` copies, `P` prompt tokens, `C` legal tokens, `D` model width, `H` query heads, `G` key-value heads,
`R = H / G`, `K` channels of a head, `S` places of the copies' own.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .memory import FEWEST_ROWS
from .packed import Packed
from .suffix import Suffix
from .transformer import Transformer


class TransformerPages:
    """The `Pages` of a transformer.

    Args:
        model: the network.
        prompt: `[P, 2, G, K]` a layer, the prompt's keys and values.
        state_D: final state at the prompt's end.
        legal: `[C]` joint tokens that may be written.
        first: joint token of the dialect's token 0.
        rows: copies.
        packed: what the network computes with.
    """

    def __init__(
        self,
        model: Transformer,
        prompt: list[Tensor],
        state_D: Tensor,
        legal: Tensor,
        first: int,
        rows: int,
        packed: Packed,
    ) -> None:
        self._model, self._first, self._rows, self._packed = model, first, rows, packed
        # `[G, K, P]` and `[G, P, K]` a layer, as products take them.
        self._prompt = [
            (layer[:, 0].permute(1, 2, 0).contiguous(), layer[:, 1].transpose(0, 1).contiguous()) for layer in prompt
        ]
        self._head_CD = model.embedding[legal]
        self._state_BD = state_D.expand(max(rows, FEWEST_ROWS), -1)
        self._length = 0
        groups, _, size = self._prompt[0][1].shape
        nothing = prompt[0].new_empty(2, len(self._state_BD), groups, 0, size, dtype=packed.dtype)
        self._own = [Suffix(nothing)] * len(prompt)

    def logits(self) -> NDArray[np.float32]:
        """Returns `[B, C]` over the legal tokens."""
        logits: NDArray[np.float32] = (self._state_BD @ self._head_CD.mT)[: self._rows].float().cpu().numpy()
        return logits

    def values(self) -> NDArray[np.float32]:
        """Returns `[B]`, the reader's expected return."""
        values: NDArray[np.float32] = self._model.value(self._state_BD)[: self._rows].float().cpu().numpy()
        return values

    def read(self, tokens: NDArray[np.int64]) -> None:
        """Adds a token to each copy; the rows of padding repeat them."""
        batch = len(self._state_BD)
        if self._length == self._own[0].capacity:
            self._resize(torch.arange(batch), max(32, 2 * self._length))
        joint = torch.from_numpy(np.resize(tokens, batch) + self._first).to(self._state_BD.device)
        position = self._prompt[0][0].shape[2] + self._length
        self._length += 1
        self._state_BD = self._model.read(joint, torch.full_like(joint, position), self._attend, self._packed)

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Drops all copies but `rows`."""
        self._rows = len(rows)
        kept = torch.from_numpy(np.resize(rows, max(len(rows), FEWEST_ROWS)))
        self._state_BD = self._state_BD[kept]
        self._resize(kept, self._own[0].capacity)

    def _attend(self, layer: int, heads_BXK: Tensor, rotation: Tensor) -> Tensor:
        own, (prompt_k, prompt_v) = self._own[layer], self._prompt[layer]
        q_GQK = own.take_in(heads_BXK, rotation, self._length - 1)
        weights_GQP = torch.bmm(q_GQK, prompt_k)
        in_own_GQK = own.see(q_GQK, weights_GQP, self._length)
        seen = torch.baddbmm(in_own_GQK, weights_GQP, prompt_v)
        groups, batch, size = len(seen), len(heads_BXK), seen.shape[-1]
        return seen.view(groups, batch, -1, size).transpose(0, 1).reshape(batch, -1, size)

    def _resize(self, rows: Tensor, capacity: int) -> None:
        """Makes room for `capacity` tokens of their own in each of `rows`."""
        self._own = [own.resized(rows, capacity, self._length) for own in self._own]

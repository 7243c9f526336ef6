"""What an LSTM keeps of each token: the cells it left behind, from which every continuation goes on.

Shapes: `N` new tokens of a call, `S` slots, `D` model width, `L` layers, `B` copies, `C` legal tokens.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .lstm import LSTM
from .memory import FEWEST_ROWS, SPARE, Integers, Slots
from .writing import Pages


class Cells:
    """The notes of an LSTM."""

    def __init__(self, model: LSTM) -> None:
        self._model, config = model, model.config
        self._cells = model.embedding.new_zeros(0, config.num_layers, 2, config.d_model)
        self.states = model.embedding.new_zeros(0, config.d_model)
        self.slot_bytes: int = (2 * config.num_layers + 1) * config.d_model * self.states.element_size()

    def grow(self, size: int) -> None:
        """Makes room for `size` tokens in all."""
        more = size - len(self.states)
        self._cells = torch.cat((self._cells, self._cells.new_zeros(more, *self._cells.shape[1:])))
        self.states = torch.cat((self.states, self.states.new_zeros(more, self.states.shape[1])))

    def read(self, tokens: Integers, slots: Slots, paths: list[Slots], counts: Integers) -> None:
        """Reads the last `counts` tokens of each path into `slots`, side by side as far as none waits for another."""
        waves, before = _waves(slots, paths, counts)
        for wave in range(int(waves.max()) + 1):
            # A row computes the same in any company only where there is some.
            now = np.flatnonzero(waves == wave)
            now = np.resize(now, max(len(now), FEWEST_ROWS))
            into = self._tensor(slots[now])
            states, cells = self._model.step(self._tensor(tokens[now]), self._cells[self._tensor(before[now])])
            self.states.index_copy_(0, into, states)
            self._cells.index_copy_(0, into, cells)

    def pages(self, path: Slots, legal: Tensor, first: int) -> Callable[[int], Pages]:
        """Returns what makes so many copies of what was read along `path`."""
        state, cells = self.states[path[-1]].clone(), self._cells[path[-1]].clone()

        def pages(rows: int) -> Pages:
            return LSTMPages(self._model, cells, state, legal, first, rows)

        return pages

    def _tensor(self, array: Integers) -> Tensor:
        return torch.from_numpy(array).to(self.states.device)


class LSTMPages:
    """The `Pages` of an LSTM.

    Args:
        model: the network.
        cells: `[L, 2, D]` at the prompt's end.
        state_D: final state there.
        legal: `[C]` joint tokens that may be written.
        first: joint token of the dialect's token 0.
        rows: copies.
    """

    def __init__(self, model: LSTM, cells: Tensor, state_D: Tensor, legal: Tensor, first: int, rows: int) -> None:
        self._model, self._first, self._rows = model, first, rows
        self._head_CD = model.embedding[legal]
        batch = max(rows, FEWEST_ROWS)
        self._state_BD, self._cells = state_D.expand(batch, -1), cells.expand(batch, -1, -1, -1)

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
        joint = torch.from_numpy(np.resize(tokens, len(self._state_BD)) + self._first).to(self._head_CD.device)
        self._state_BD, self._cells = self._model.step(joint, self._cells)

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Drops all copies but `rows`."""
        self._rows = len(rows)
        kept = torch.from_numpy(np.resize(rows, max(len(rows), FEWEST_ROWS))).to(self._head_CD.device)
        self._state_BD, self._cells = self._state_BD[kept], self._cells[kept]


def _waves(slots: Slots, paths: list[Slots], counts: Integers) -> tuple[Integers, Slots]:
    """Returns `[N]` when each new token can be read, and `[N]` the slot of the token before it."""
    waves, before = np.empty(len(slots), dtype=np.int64), np.full(len(slots), SPARE, dtype=np.int64)
    wave_of: dict[int, int] = {}
    end = 0
    for path, count in zip(paths, counts.tolist(), strict=True):
        first, end = end, end + count
        if count == 0:
            continue
        begin = len(path) - count
        if begin:
            before[first] = path[begin - 1]
        before[first + 1 : end] = path[begin:-1]
        wave = wave_of.get(int(before[first]), -1) + 1
        waves[first:end] = wave + np.arange(count)
        wave_of[int(path[-1])] = wave + count - 1
    return waves, before

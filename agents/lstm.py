"""A stack of LSTMs with the transformer's heads: the other trunk, AlphaStar's core (Vinyals et al. 2019).

Each layer reads the normalised sum of what the layers before it said and adds its own (residual, as the transformer's
blocks are), so depth costs no gradient. A token's whole past is one cell state a layer, so it reads streams of any
length at the same price.

Shapes: `B` rows, `T` tokens, `N` tokens of all documents, `D` model width, `L` layers, `V` tokens.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class LSTMConfig:
    """The size of a stack of LSTMs.

    Attributes:
        vocab_size: joint tokens it reads and writes.
        d_model: width of every layer's state; 384 in AlphaStar.
        num_layers: LSTMs on top of each other; 3 in AlphaStar.
        max_length: the longest stream it is given, the opening token included.
    """

    vocab_size: int
    d_model: int = 192
    num_layers: int = 3
    max_length: int = 1024

    def __post_init__(self) -> None:
        if min(self.d_model, self.num_layers, self.max_length) < 1:
            raise ValueError(f"d_model, num_layers and max_length must be at least 1, got {self}")


class LSTM(nn.Module):
    """The network; `generator` draws its first weights."""

    def __init__(self, config: LSTMConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        width = config.d_model
        self.embedding = nn.Parameter(torch.empty(config.vocab_size, width).normal_(0, 0.05, generator=generator))
        self.blocks = nn.ModuleList(Layer(width, generator) for _ in range(config.num_layers))
        self.norm = nn.RMSNorm(width, eps=1e-6)
        self.value_head = nn.Parameter(torch.empty(1, width).normal_(0, 0.01 * width**-0.5, generator=generator))

    @property
    def num_parameters(self) -> int:
        """Trained numbers, the tied embedding counted once."""
        return sum(weight.numel() for weight in self.parameters())

    def forward(self, tokens_BT: Tensor, positions_BT: Tensor, documents_BT: Tensor) -> Tensor:
        """Returns the final states `[B, T, D]` of packed documents; each begins with a state of 0.

        Args:
            tokens_BT: joint tokens.
            positions_BT: place of each token in its document; the order of the tokens says all of it.
            documents_BT: which document of its row a token belongs to; -1 in the padding.
        """
        order, lengths = _together(documents_BT)
        x_ND = F.embedding(tokens_BT.flatten()[order], self.embedding)
        for block in self.blocks:
            x_ND = block(x_ND, lengths)
        states = torch.empty_like(x_ND).index_copy(0, order, self.norm(x_ND))
        return states.view(*tokens_BT.shape, -1)

    def step(self, tokens_B: Tensor, cells_BL2D: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the final states `[B, D]` after one more token each, and the cells `[B, L, 2, D]` it left behind."""
        x_BD, cells = F.embedding(tokens_B, self.embedding), []
        for block, cell in zip(self.blocks, cells_BL2D.unbind(1), strict=True):
            assert isinstance(block, Layer)
            x_BD, cell_B2D = block.step(x_BD, cell)
            cells.append(cell_B2D)
        return self.norm(x_BD), torch.stack(cells, 1)

    def logits(self, hidden: Tensor) -> Tensor:
        """Returns `[..., V]` over the next joint token."""
        return F.linear(hidden, self.embedding)

    def value(self, hidden: Tensor) -> Tensor:
        """Returns `[...]`, the reader's expected return."""
        return (hidden * self.value_head).sum(-1)


class Layer(nn.Module):
    """One LSTM, added to what it read."""

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.read_norm = nn.RMSNorm(width, eps=1e-6)
        self.read_in, self.state_in = (
            nn.Parameter(torch.empty(4 * width, width).normal_(0, width**-0.5, generator=generator)) for _ in range(2)
        )
        # Gates of input, forgetting, content, output: it begins by remembering (Jozefowicz et al. 2015).
        self.bias = nn.Parameter(torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat_interleave(width))

    def forward(self, x_ND: Tensor, lengths: Tensor) -> Tensor:
        """Returns `[N, D]` for tokens ordered by their place; `lengths`: documents that have a token at each place."""
        start = x_ND.new_zeros(1, int(lengths[0]), x_ND.shape[1])
        # Cells need two biases; the second says nothing.
        weights = [self.read_in, self.state_in, self.bias, torch.zeros_like(self.bias)]
        seen, _, _ = torch.lstm(self.read_norm(x_ND), lengths, [start, start], weights, True, 1, 0.0, True, False)
        return x_ND + seen

    def step(self, x_BD: Tensor, cell_B2D: Tensor) -> tuple[Tensor, Tensor]:
        """Returns `[B, D]` after one more token each, and the cell `[B, 2, D]`."""
        before = [*cell_B2D.unbind(1)]
        nothing = torch.zeros_like(self.bias)
        seen, kept = torch.lstm_cell(self.read_norm(x_BD), before, self.read_in, self.state_in, self.bias, nothing)
        return x_BD + seen, torch.stack((seen, kept), 1)


def _together(documents_BT: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the order in which documents are read side by side, and how many have a token at each place.

    First tokens come first, the longest document's before the others', then second tokens, and so on. Tokens of the
    padding count as documents of one token.
    """
    opens = torch.ones_like(documents_BT, dtype=torch.bool)
    opens[:, 1:] = (documents_BT[:, 1:] != documents_BT[:, :-1]) | (documents_BT[:, 1:] < 0)
    flat = opens.flatten()
    document = flat.cumsum(0) - 1
    sizes = torch.bincount(document)
    place = torch.arange(len(flat), device=flat.device) - flat.nonzero()[:, 0][document]
    rank = torch.empty_like(sizes)
    rank[sizes.argsort(descending=True, stable=True)] = torch.arange(len(sizes), device=flat.device)
    return (place * len(sizes) + rank[document]).argsort(), torch.bincount(place).cpu()

"""A decoder-only transformer with a policy head tied to its embedding and a value head on the same final state.

Rotary positions (Su et al. 2021), RMSNorm before each half block, squared-ReLU feed-forward (So et al. 2021), one
keys-and-values head for several query heads (Shazeer 2019), no biases. Training on packed documents, reading a tree of
streams and writing many samples of one prompt differ only in what a query may see, so that is an argument: `attend`.

Shapes: `B` rows, `T` tokens, `D` model width, `H` query heads, `G` key-value heads, `K` channels of a head, `V` tokens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .documents import Layout, look_fused, look_in_blocks
from .products import product

Attend = Callable[[int, Tensor, Tensor], Tensor]
"""From a layer, its tokens' heads `[..., H + 2 G, K]` (queries, keys, values, as they come out of the product) and
their rotation `[2, ..., 1, K]` to what each token sees, `[..., H, K]`."""


class Arithmetic(Protocol):
    """What a transformer computes with, where that is not a matter of attention."""

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """Returns `[..., out]` of `x [..., in]` and `weight [out, in]`."""
        ...

    def added(self, x: Tensor, more: Tensor | None, norm: nn.RMSNorm, is_last: bool = False) -> tuple[Tensor, Tensor]:
        """Returns `x + more`, or `x` where there is no more, and its norm; `x` may be overwritten.

        The norm is as products take it, unless it is the last, which keeps what precision there is.
        """
        ...

    def squared_relu(self, x: Tensor) -> Tensor:
        """Returns `max(x, 0)^2`; `x` may be overwritten."""
        ...


class Plain:
    """The `Arithmetic` through which gradients flow."""

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """Returns `[..., out]`."""
        return product(x, weight)

    def added(self, x: Tensor, more: Tensor | None, norm: nn.RMSNorm, is_last: bool = False) -> tuple[Tensor, Tensor]:
        """Returns `x + more` and its norm."""
        x = x if more is None else x + more
        return x, norm(x)

    def squared_relu(self, x: Tensor) -> Tensor:
        """Returns `max(x, 0)^2`; `x` is overwritten."""
        return squared_relu(x)


PLAIN = Plain()


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """The size of a transformer.

    Attributes:
        vocab_size: joint tokens it reads and writes.
        d_model: width of the residual stream.
        num_layers: blocks.
        num_heads: query heads; `d_model / num_heads` channels each, an even number.
        num_kv_heads: key-value heads, a divisor of `num_heads`; 1 makes caches small and sampling fast.
        d_ff: width of the feed-forward layer.
        max_length: the longest stream it can read, the opening token included.
        rope_base: wavelength of the slowest rotary channel over 2 pi.
    """

    vocab_size: int
    d_model: int = 192
    num_layers: int = 4
    num_heads: int = 6
    num_kv_heads: int = 1
    d_ff: int = 768
    max_length: int = 1024
    rope_base: float = 10_000.0

    def __post_init__(self) -> None:
        for name in ("d_model", "num_layers", "num_heads", "num_kv_heads", "d_ff", "max_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 1 or more")
        if self.d_model % (2 * self.num_heads):
            raise ValueError(f"d_model {self.d_model} is no multiple of 2 x num_heads = {2 * self.num_heads}")
        if self.num_heads % self.num_kv_heads:
            raise ValueError(f"num_heads {self.num_heads} is no multiple of num_kv_heads {self.num_kv_heads}")

    @property
    def head_size(self) -> int:
        """Channels of one head."""
        return self.d_model // self.num_heads


class Transformer(nn.Module):
    """The network; `generator` draws its first weights."""

    rotation: Tensor

    def __init__(self, config: TransformerConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.embedding = _weight(config.vocab_size, config.d_model, 0.05, generator)
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.num_layers))
        self.norm = nn.RMSNorm(config.d_model, eps=1e-6)
        self.value_head = _weight(1, config.d_model, 0.01 * config.d_model**-0.5, generator)
        self.register_buffer("rotation", _rotation(config), persistent=False)

    @property
    def num_parameters(self) -> int:
        """Trained numbers, the tied embedding counted once."""
        return sum(weight.numel() for weight in self.parameters())

    def forward(self, tokens_BT: Tensor, positions_BT: Tensor, documents_BT: Tensor) -> Tensor:
        """Returns the final states `[B, T, D]` of packed documents; no token sees another document or a later token.

        Args:
            tokens_BT: joint tokens.
            positions_BT: place of each token in its document, from 0.
            documents_BT: which document of its row a token belongs to; -1 in the padding, whose states are 0.
        """
        layout = Layout(documents_BT)
        look = look_in_blocks if documents_BT.device.type == "cpu" else look_fused

        def attend(layer: int, heads: Tensor, rotation: Tensor) -> Tensor:
            q_NHK, k_NGK, v_NGK = rotated(heads, rotation, self.config.num_kv_heads)
            # Under autocast what was rotated is in full precision, what was not is in half.
            return layout.attend(look, q_NHK.to(v_NGK.dtype), k_NGK.to(v_NGK.dtype), v_NGK)

        return layout.put_back(self.read(layout.take(tokens_BT), layout.take(positions_BT), attend))

    def read(self, tokens: Tensor, positions: Tensor, attend: Attend, by: Arithmetic = PLAIN) -> Tensor:
        """Returns the final normalised states `[..., D]` of `tokens [...]`, each seeing what `attend` lets it see."""
        x: Tensor = F.embedding(tokens, self.embedding)
        said: Tensor | None = None
        rotation = self.rotation[:, positions].unsqueeze(-2)
        for layer, block in enumerate(self.blocks):
            x, said = block(x, said, partial(attend, layer), rotation, by)
        return by.added(x, said, self.norm, is_last=True)[1]

    def logits(self, hidden: Tensor) -> Tensor:
        """Returns `[..., V]` over the next joint token."""
        return product(hidden, self.embedding)

    def value(self, hidden: Tensor) -> Tensor:
        """Returns `[...]`, the reader's expected return."""
        return (hidden * self.value_head).sum(-1)


class Block(nn.Module):
    """Attention, then feed-forward, each added to what it read."""

    def __init__(self, config: TransformerConfig, generator: torch.Generator) -> None:
        super().__init__()
        width, self.head_size = config.d_model, config.head_size
        # Blocks begin by saying little: the embedding's own voice is small, and Adam makes up for it in a few steps.
        quiet = 0.1 * (2 * config.num_layers) ** -0.5
        self.attention_norm = nn.RMSNorm(width, eps=1e-6)
        self.attention_in = _weight(width + 2 * config.num_kv_heads * self.head_size, width, width**-0.5, generator)
        self.attention_out = _weight(width, width, quiet * width**-0.5, generator)
        self.feed_norm = nn.RMSNorm(width, eps=1e-6)
        self.feed_in = _weight(config.d_ff, width, width**-0.5, generator)
        self.feed_out = _weight(width, config.d_ff, quiet * config.d_ff**-0.5, generator)

    def forward(
        self,
        x: Tensor,
        said: Tensor | None,
        attend: Callable[[Tensor, Tensor], Tensor],
        rotation: Tensor,
        by: Arithmetic,
    ) -> tuple[Tensor, Tensor]:
        """Returns the residual stream `[..., D]` and what is to be added to it, given the same of the block before."""
        x, inner = by.added(x, said, self.attention_norm)
        heads = by.product(inner, self.attention_in).view(*x.shape[:-1], -1, self.head_size)
        seen = by.product(attend(heads, rotation).flatten(-2), self.attention_out)
        x, inner = by.added(x, seen, self.feed_norm)
        return x, by.product(by.squared_relu(by.product(inner, self.feed_in)), self.feed_out)


def rotated(heads: Tensor, rotation: Tensor, num_kv_heads: int) -> tuple[Tensor, Tensor, Tensor]:
    """Returns queries `[..., H, K]`, keys and values `[..., G, K]` of `heads`, the first two rotated; see `Attend`."""
    qk, v = heads[..., :-num_kv_heads, :], heads[..., -num_kv_heads:, :]
    qk = torch.addcmul(qk * rotation[0], qk.roll(qk.shape[-1] // 2, -1), rotation[1])
    return qk[..., :-num_kv_heads, :], qk[..., -num_kv_heads:, :], v


class _SquaredReLU(torch.autograd.Function):
    """Its derivative by hand goes over memory half as often as torch's."""

    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        # In its place, though autograd is not told: the product that made it does not keep it.
        positive = x.relu_()
        context.save_for_backward(positive)
        return positive * positive

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        (positive,) = context.saved_tensors
        through: Tensor = (gradient * positive).mul_(2)
        return through


def squared_relu(x: Tensor) -> Tensor:
    """Returns the square of what is positive, 0 elsewhere; `x` may be overwritten."""
    squared: Tensor = _SquaredReLU.apply(x)  # type: ignore[no-untyped-call]
    return squared


def _weight(rows: int, columns: int, scale: float, generator: torch.Generator) -> nn.Parameter:
    return nn.Parameter(torch.empty(rows, columns).normal_(0, scale, generator=generator))


def _rotation(config: TransformerConfig) -> Tensor:
    """Returns `[2, max_length, K]`, cosine and signed sine: `x * cos + roll(x, K / 2) * sin` rotates channel pairs."""
    half = config.head_size // 2
    frequency = config.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angle = torch.arange(config.max_length, dtype=torch.float32)[:, None] * frequency
    cosine, sine = angle.cos(), angle.sin()
    return torch.stack((torch.cat((cosine, cosine), -1), torch.cat((-sine, sine), -1)))

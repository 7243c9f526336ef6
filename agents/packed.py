"""What a transformer reads and writes with: weights laid out once for the precision in which they are multiplied.

In bf16 a matrix library reads half the bytes and, where the processor has instructions for it, does twice the
operations. Sums, norms, attention and logits stay in float32.

Shapes: `B` rows, `D` model width.
"""

from collections.abc import Callable
from functools import partial
from typing import cast

import numba
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from .exponential import FAST
from .halves import array_of, narrowed, widened
from .precision import Precision


class Packed:
    """The `Arithmetic` of a network whose weights stay as they are.

    Args:
        precision: float32 or bfloat16; then so are the products.

    Attributes:
        dtype: of the products, and of what need not be more exact.
    """

    def __init__(self, precision: Precision) -> None:
        self.dtype = torch.float32 if precision == "float32" else torch.bfloat16
        self._packed: dict[Tensor, Callable[[Tensor], Tensor]] = {}
        self._norms: dict[nn.RMSNorm, tuple[NDArray[np.float32], np.float32]] = {}

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """Returns `[..., out]` of `x [..., in]` and `weight [out, in]`, which is laid out when it is first met."""
        packed = self._packed.get(weight)
        if packed is None:
            packed = self._packed[weight] = _laid_out(weight.detach().to(self.dtype))
        return packed(x.to(self.dtype))

    def added(self, x: Tensor, more: Tensor | None, norm: nn.RMSNorm, is_last: bool = False) -> tuple[Tensor, Tensor]:
        """Returns `x + more`, in the place of `x [B, D]`, and its norm as products take it, the last in float32."""
        dtype = torch.float32 if is_last else self.dtype
        if x.device.type != "cpu":
            x = x if more is None else x.add_(more)
            return x, norm(x).to(dtype)
        out = torch.empty_like(x, dtype=dtype)
        arrays = self._norms.get(norm)
        if arrays is None:
            arrays = self._norms[norm] = norm.weight.detach().numpy(), np.float32(norm.eps)
        if more is None:
            _normalise(x.numpy(), *arrays, array_of(out))
        else:
            _add_and_normalise(x.numpy(), array_of(more), *arrays, array_of(out))
        return x, out

    def squared_relu(self, x: Tensor) -> Tensor:
        """Returns `max(x, 0)^2`, in the place of `x`."""
        if x.device.type != "cpu":
            return x.relu_().square_()
        _square_positive(array_of(x).reshape(-1))
        return x


def _laid_out(weight: Tensor) -> Callable[[Tensor], Tensor]:
    """Returns what multiplies by `weight`; its kernels give a row the same bits among any but very few others."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return partial(F.linear, weight=weight)
    # Laid out for about so many rows; any number can be multiplied.
    laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, 16)
    multiply = torch.ops.mkldnn._linear_pointwise.default
    return lambda x: cast(Tensor, multiply(x, laid_out, None, "none", [], ""))


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _add_and_normalise(x, more, weight, eps, out):  # type: ignore[no-untyped-def]
    """Adds `more [B, D]`, of either precision, to `x [B, D]` float32, and normalises it."""
    for row in range(len(x)):
        for channel in range(x.shape[1]):
            x[row, channel] += widened(more[row, channel])
        _normalise_row(x[row], weight, eps, out[row])


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _normalise(x, weight, eps, out):  # type: ignore[no-untyped-def]
    """Normalises `x [B, D]` float32."""
    for row in range(len(x)):
        _normalise_row(x[row], weight, eps, out[row])


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _normalise_row(x, weight, eps, out):  # type: ignore[no-untyped-def]
    """Writes `x [D]` over the root of its mean square, times `weight [D]`, to `out [D]` of either precision."""
    squares = np.float32(0)
    for channel in range(len(x)):
        squares += x[channel] * x[channel]
    scale = np.float32(1) / np.sqrt(squares / np.float32(len(x)) + eps)
    for channel in range(len(x)):
        out[channel] = narrowed(x[channel] * scale * weight[channel], out)


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _square_positive(x):  # type: ignore[no-untyped-def]
    """Squares what is positive, the rest becomes 0; of either precision."""
    for place in range(len(x)):
        value = max(widened(x[place]), np.float32(0))
        x[place] = narrowed(np.float32(value * value), x)

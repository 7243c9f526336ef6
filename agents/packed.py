"""What samples are computed with: weights laid out once for the precision in which they are multiplied.

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
from torch import Tensor, nn

from .exponential import FAST
from .precision import Precision


class Packed:
    """The `Arithmetic` of a network whose weights stay as they are.

    Args:
        precision: float32 or bfloat16; then so are the products.
    """

    def __init__(self, precision: Precision) -> None:
        self._pack = _in_float32 if precision == "float32" else _in_bfloat16
        self._packed: dict[Tensor, Callable[[Tensor], Tensor]] = {}

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """Returns `[..., out]` of `x [..., in]` and `weight [out, in]`, which is laid out when it is first met."""
        packed = self._packed.get(weight)
        if packed is None:
            packed = self._packed[weight] = self._pack(weight)
        return packed(x)

    def normalised(self, x: Tensor, norm: nn.RMSNorm) -> Tensor:
        """Returns `norm(x)` of `x [B, D]`."""
        if x.device.type != "cpu":
            return cast(Tensor, norm(x))
        out = torch.empty_like(x)
        _normalise(x.numpy(), norm.weight.numpy(), np.float32(norm.eps), out.numpy())
        return out

    def squared_relu(self, x: Tensor) -> Tensor:
        """Returns `max(x, 0)^2`, in the place of `x`."""
        if x.dtype != torch.bfloat16 or x.device.type != "cpu":
            return x.relu_().square_()
        _square_positive(x.view(torch.uint16).numpy().reshape(-1))
        return x


def _in_float32(weight: Tensor) -> Callable[[Tensor], Tensor]:
    return partial(F.linear, weight=weight)


def _in_bfloat16(weight: Tensor) -> Callable[[Tensor], Tensor]:
    half = weight.detach().bfloat16()
    if weight.device.type != "cpu" or not torch.backends.mkldnn.enabled:
        return lambda x: F.linear(x.bfloat16(), half)
    # Laid out for about so many rows; any number can be multiplied.
    laid_out = torch.ops.mkldnn._reorder_linear_weight(half, 64)
    multiply = torch.ops.mkldnn._linear_pointwise.default
    return lambda x: cast(Tensor, multiply(x.bfloat16(), laid_out, None, "none", [], ""))


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _normalise(x, weight, eps, out):  # type: ignore[no-untyped-def]
    """Divides each row by the root of its mean square, and multiplies by `weight`."""
    rows, width = x.shape
    for row in range(rows):
        squares = np.float32(0)
        for channel in range(width):
            squares += x[row, channel] * x[row, channel]
        scale = np.float32(1) / np.sqrt(squares / np.float32(width) + eps)
        for channel in range(width):
            out[row, channel] = x[row, channel] * scale * weight[channel]


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _square_positive(x):  # type: ignore[no-untyped-def]
    """Squares what is positive, the rest becomes 0; bf16 is the upper half of a float32, rounded to even."""
    for place in range(len(x)):
        value = max(np.uint32(np.uint32(x[place]) << np.uint32(16)).view(np.float32), np.float32(0))
        bits = np.float32(value * value).view(np.uint32)
        odd = np.uint32(bits >> np.uint32(16)) & np.uint32(1)
        x[place] = np.uint16(np.uint32(bits + np.uint32(0x7FFF) + odd) >> np.uint32(16))

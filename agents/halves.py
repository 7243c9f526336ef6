"""bfloat16 in compiled passes, which know no such type: the upper half of a float32, carried as 16 bits.

A pass reads with `widened` and writes with `narrowed`, and so works on arrays of either precision.
"""

from typing import Any

import numba
import numpy as np
import torch
from numba.extending import overload
from numpy.typing import NDArray
from torch import Tensor


def array_of(tensor: Tensor) -> NDArray[np.float32] | NDArray[np.uint16]:
    """Returns a view of a tensor in the processor's memory; bfloat16 as its bits."""
    array: NDArray[Any] = (tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return array


def widened(value: Any) -> Any:
    """Returns an entry of an array as a float32; for compiled passes."""
    raise NotImplementedError


def narrowed(value: Any, array: Any) -> Any:
    """Returns a float32 as an entry of `array`, rounded to even if that holds bfloat16; for compiled passes."""
    raise NotImplementedError


@overload(widened, inline="always")
def _widened(value):  # type: ignore[no-untyped-def]
    if isinstance(value, numba.types.Float):
        return lambda value: value
    return lambda value: np.uint32(np.uint32(value) << np.uint32(16)).view(np.float32)


@overload(narrowed, inline="always")
def _narrowed(value, array):  # type: ignore[no-untyped-def]
    if isinstance(array.dtype, numba.types.Float):
        return lambda value, array: value
    return lambda value, array: _upper_half(np.float32(value).view(np.uint32))


@numba.njit(cache=True, nogil=True)
def _upper_half(bits):  # type: ignore[no-untyped-def]
    odd = np.uint32(bits >> np.uint32(16)) & np.uint32(1)
    return np.uint16(np.uint32(bits + np.uint32(0x7FFF) + odd) >> np.uint32(16))

"""How a foreign observation is read as tokens: choices one word each, numbers in bins as Gato reads them.

Numbers between known bounds fall into equal bins. Others are squeezed first by the mu-law of Gato, arXiv:2205.06175
section 2.1, `sgn(x) log(100 |x| + 1) / log(100 * 256 + 1)`, and what is larger than 256 counts as 256.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Bounds beyond this say no more than that the number has none.
_UNBOUNDED = 1e6
_MU, _LARGEST = 100.0, 256.0


@dataclass(frozen=True, slots=True)
class Reader:
    """A way to read.

    Attributes:
        words: what token 0, 1, ... stands for.
        read: an observation to its `[L]` int32 tokens.
    """

    words: tuple[str, ...]
    read: Callable[[Any], NDArray[np.int32]]


def choice(count: int, start: int = 0) -> Reader:
    """Returns the reader of one of `count` whole numbers, the first of them `start`: one token."""
    return Reader(tuple(f"o{start + i}" for i in range(count)), _Choice(start))


def bins(low: ArrayLike, high: ArrayLike, count: int) -> Reader:
    """Returns the reader of an array of numbers: a token each, the same `count` bins for all.

    Args:
        low: each number's lower bound, or one for all; what lies beyond it counts as it.
        high: the same above.
        count: how many bins.

    Raises:
        ValueError: if there is nothing between the bounds or only one bin.
    """
    lows, highs = np.broadcast_arrays(np.ravel(low).astype(np.float64), np.ravel(high).astype(np.float64))
    if count < 2 or (lows >= highs).any():
        raise ValueError(f"at least 2 bins and low < high wanted, got {count} from {lows} to {highs}")
    bounded = (lows > -_UNBOUNDED) & (highs < _UNBOUNDED)
    lows, highs = np.where(bounded, lows, -1.0), np.where(bounded, highs, 1.0)
    return Reader(tuple(f"b{i}" for i in range(count)), _Bins(lows, highs, bounded, count))


@dataclass(frozen=True, slots=True)
class _Choice:
    """Reads a whole number as how far it lies above `start`."""

    start: int

    def __call__(self, observation: Any) -> NDArray[np.int32]:
        return np.array([int(observation) - self.start], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class _Bins:
    """Reads numbers as bins between `lows` and `highs`, those not `bounded` squeezed first."""

    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    bounded: NDArray[np.bool_]
    count: int

    def __call__(self, observation: Any) -> NDArray[np.int32]:
        numbers = np.ravel(observation).astype(np.float64)
        squeezed = np.sign(numbers) * np.log1p(_MU * np.abs(numbers)) / np.log1p(_MU * _LARGEST)
        share = (np.where(self.bounded, numbers, squeezed) - self.lows) / (self.highs - self.lows)
        levels: NDArray[np.int32] = np.clip(share * self.count, 0, self.count - 1).astype(np.int32)
        return levels

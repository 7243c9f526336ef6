"""What a softmax is made of, in float32, by arithmetic that compilers turn into vector instructions."""

import numba
import numpy as np

FAST = {"reassoc", "contract", "arcp", "nsz"}
"""Liberties with rounding; infinities and what is no number keep their meaning."""
_LOG2_E = np.float32(1.4426950408889634)


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def greatest(scores):  # type: ignore[no-untyped-def]
    """Returns the greatest score; -inf for none. What is no number is above all, or below all if its sign is set.

    Bits are compared, as whole numbers in the order of floats: no vector instruction is made of a maximum of floats.
    """
    most = _in_order(np.float32(-np.inf).view(np.int32))
    for place in range(len(scores)):
        most = max(most, _in_order(np.float32(scores[place]).view(np.int32)))
    return np.int32(_in_order(most)).view(np.float32)


@numba.njit(cache=True, nogil=True)
def _in_order(bits):  # type: ignore[no-untyped-def]
    """Returns the bits of a float so that they rise as floats do, and the other way round."""
    return np.int32(bits ^ np.int32(np.int32(bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def exponentials(scores, most):  # type: ignore[no-untyped-def]
    """Replaces scores by exp(score - most), to 2e-7 of the greatest, 1, and returns their sum.

    With y = (score - most) / ln 2, it is 2^round(y), written as the bits of a float32, times a series for the rest.
    Below 2^-126 it is 0.
    """
    total = np.float32(0)
    for place in range(len(scores)):
        power = max((scores[place] - most) * _LOG2_E, np.float32(-127))
        whole = np.floor(power + np.float32(0.5))
        part = power - whole
        series = np.float32(1.5403530e-4)
        series = series * part + np.float32(1.3333558e-3)
        series = series * part + np.float32(9.6181291e-3)
        series = series * part + np.float32(5.5504109e-2)
        series = series * part + np.float32(2.4022651e-1)
        series = series * part + np.float32(6.9314718e-1)
        series = series * part + np.float32(1)
        value = series * np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)
        scores[place] = value
        total += value
    return total

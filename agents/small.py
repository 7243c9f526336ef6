"""Products of matrices too small for a matrix library, for use inside compiled passes.

Three rows at a time, so that what is loaded of the other matrix serves them all.
"""

import numba
import numpy as np

from .exponential import FAST
from .halves import widened


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def multiply(x, y, out):  # type: ignore[no-untyped-def]
    """Writes `x @ y`.

    Args:
        x: `[rows, terms]` float32.
        y: `[>= terms, columns]` of either precision; what is beyond is not looked at.
        out: `[rows, columns]` float32.
    """
    rows, whole = len(x), len(x) // 3 * 3
    for row in range(0, whole, 3):
        _three(x[row], x[row + 1], x[row + 2], y, out[row], out[row + 1], out[row + 2])
    for row in range(whole, rows):
        _one(x[row], y, out[row])


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def multiply_transposed(x, y, out):  # type: ignore[no-untyped-def]
    """Writes `x @ y.T`.

    Args:
        x: `[rows, terms]` float32.
        y: `[>= columns, terms]` of either precision; what is beyond is not looked at.
        out: `[rows, columns]` float32.
    """
    rows, whole = len(x), len(x) // 3 * 3
    for column in range(out.shape[1]):
        for row in range(0, whole, 3):
            sum0, sum1, sum2 = np.float32(0), np.float32(0), np.float32(0)
            for term in range(x.shape[1]):
                value = widened(y[column, term])
                sum0 += x[row, term] * value
                sum1 += x[row + 1, term] * value
                sum2 += x[row + 2, term] * value
            out[row, column], out[row + 1, column], out[row + 2, column] = sum0, sum1, sum2
        for row in range(whole, rows):
            sum0 = np.float32(0)
            for term in range(x.shape[1]):
                sum0 += x[row, term] * widened(y[column, term])
            out[row, column] = sum0


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _three(x, x1, x2, y, out, out1, out2):  # type: ignore[no-untyped-def]
    columns, whole = len(out), len(x) // 4 * 4
    for column in range(columns):
        out[column] = out1[column] = out2[column] = np.float32(0)
    for term in range(0, whole, 4):
        a, b, c, d = x[term], x[term + 1], x[term + 2], x[term + 3]
        a1, b1, c1, d1 = x1[term], x1[term + 1], x1[term + 2], x1[term + 3]
        a2, b2, c2, d2 = x2[term], x2[term + 1], x2[term + 2], x2[term + 3]
        for column in range(columns):
            e, f = widened(y[term, column]), widened(y[term + 1, column])
            g, h = widened(y[term + 2, column]), widened(y[term + 3, column])
            out[column] += a * e + b * f + c * g + d * h
            out1[column] += a1 * e + b1 * f + c1 * g + d1 * h
            out2[column] += a2 * e + b2 * f + c2 * g + d2 * h
    for term in range(whole, len(x)):
        for column in range(columns):
            value = widened(y[term, column])
            out[column] += x[term] * value
            out1[column] += x1[term] * value
            out2[column] += x2[term] * value


@numba.njit(cache=True, nogil=True, fastmath=FAST)
def _one(x, y, out):  # type: ignore[no-untyped-def]
    columns, whole = len(out), len(x) // 4 * 4
    for column in range(columns):
        out[column] = np.float32(0)
    for term in range(0, whole, 4):
        a, b, c, d = x[term], x[term + 1], x[term + 2], x[term + 3]
        for column in range(columns):
            e, f = widened(y[term, column]), widened(y[term + 1, column])
            g, h = widened(y[term + 2, column]), widened(y[term + 3, column])
            out[column] += a * e + b * f + c * g + d * h
    for term in range(whole, len(x)):
        for column in range(columns):
            out[column] += x[term] * widened(y[term, column])

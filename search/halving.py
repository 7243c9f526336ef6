"""The order in which sequential halving visits: the schedule of Gumbel's root.

Karnin, Koren and Somekh, Almost Optimal Exploration in Multi-Armed Bandits (2013),
http://proceedings.mlr.press/v28/karnin13.pdf, with the rounding of mctx.
"""

from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=256)
def due_visits(num_considered: int, num_simulations: int) -> NDArray[np.int32]:
    """Returns `[num_simulations]` int32: how often the candidate that is due at each simulation was visited before.

    All candidates are visited equally often, then the better half, and so on down to two; each phase takes about the
    same share of the simulations.
    """
    if num_considered <= 1:
        return _frozen(list(range(num_simulations)))
    num_phases = (num_considered - 1).bit_length()
    due: list[int] = []
    visited, remaining = 0, num_considered
    while len(due) < num_simulations:
        for _ in range(max(1, num_simulations // (num_phases * remaining))):
            due += [visited] * remaining
            visited += 1
        remaining = max(2, remaining // 2)
    return _frozen(due[:num_simulations])


def rounds(due: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Returns the schedule as runs: how many candidates are due, and how often each of them was visited before."""
    return [(len(list(run)), visited) for visited, run in groupby(due.tolist())]


def _frozen(due: list[int]) -> NDArray[np.int32]:
    array = np.array(due, np.int32)
    array.flags.writeable = False
    return array

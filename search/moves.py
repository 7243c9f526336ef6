"""Small things every search says about moves: the one that costs nothing, and the ranking it hands in."""

from collections.abc import Iterable

import numpy as np

from ..envs.types import Phrased, ends_move
from .asks import Root

NUM_SHOWN = 20
"""Candidates in the trace of a decision."""


def unthinking(root: Root) -> tuple[int, ...]:
    """Returns a legal move that costs nothing: the lowest legal token until the move is over, or an empty phrase."""
    if isinstance(root.env, Phrased):
        return (root.env.phrase(root.state).end,)
    state = root.state
    move: tuple[int, ...] = ()
    while True:
        token = int(np.argmax(state.legal))
        before, state, move = state, root.env.step(state, token), (*move, token)
        if ends_move(before, state):
            return move


def known(value: float) -> float | None:
    """Returns `value`; None where it is NaN because the budget ended before it was read."""
    return None if np.isnan(value) else value


def worth(value: float) -> float:
    """Returns `value` to rank by; what was not read ranks last."""
    return -np.inf if np.isnan(value) else value


def ranked(root: Root, moves: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Returns `moves` in their order, each once; the unthinking move where there is none."""
    unique = dict.fromkeys(tuple(int(token) for token in move) for move in moves)
    return tuple(unique) or (unthinking(root),)

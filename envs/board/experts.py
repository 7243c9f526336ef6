"""Experts at the board games: perfect at tic-tac-toe, as deep as you like at Connect Four."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..types import SequentialEnv, State
from . import connect_four, tictactoe

# Less the stones on the board at the end, so that a quick win is better than a slow one.
_WIN = 10_000
# What two or three stones of an otherwise empty four are worth where the looking ahead ends.
_OPEN_TWO, _OPEN_THREE = 1, 8
_CENTRE_FIRST = (3, 2, 4, 1, 5, 0, 6)
_FULL = connect_four.FULL


def _fours() -> NDArray[np.int64]:
    """Returns `[69]` bitboards, every place for a four."""
    steps = {(1, 0): 8, (0, 1): 1, (1, 1): 9, (1, -1): 7}
    return np.array(
        [
            sum(1 << 8 * column + row + i * step for i in range(4))
            for (right, up), step in steps.items()
            for column in range(connect_four.COLUMNS - 3 * right)
            for row in range(connect_four.ROWS)
            if 0 <= row + 3 * up < connect_four.ROWS
        ],
        dtype=np.int64,
    )


_FOURS = _fours()


@dataclass(frozen=True, slots=True)
class PerfectTicTacToe:
    """Never loses, wins as soon as it can be forced, and picks at random among equally good moves."""

    def __call__(
        self, env: SequentialEnv[Any], state: State[tictactoe.Board], rng: np.random.Generator
    ) -> Sequence[int]:
        """Returns the move."""
        board = state.inner
        worth = [-_worth(tictactoe.mark(board, cell)) for cell in board.free]
        best = [cell for cell, value in zip(board.free, worth, strict=True) if value == max(worth)]
        return [tictactoe.FIRST_MOVE + int(rng.choice(best))]


@dataclass(frozen=True, slots=True)
class OnePly:
    """Connect Four at a glance: wins if it can, blocks if it must, else plays at random."""

    def __call__(
        self, env: SequentialEnv[Any], state: State[connect_four.Board], rng: np.random.Generator
    ) -> Sequence[int]:
        """Returns the move."""
        board = state.inner
        columns = connect_four.open_columns(board.stones)
        best = _completing(board, columns)
        best = best or _completing(connect_four.Board(board.stones ^ board.own, board.stones), columns) or columns
        return [connect_four.NUM_FILLINGS + int(rng.choice(best))]


@dataclass(frozen=True, slots=True)
class AlphaBeta:
    """Connect Four by alpha-beta search, the centre first, at random among equally good moves.

    Attributes:
        depth: plies looked ahead, its own move included.
    """

    depth: int = 4

    def __post_init__(self) -> None:
        if self.depth < 1:
            raise ValueError(f"depth {self.depth}: at least its own move must be looked at")

    def __call__(
        self, env: SequentialEnv[Any], state: State[connect_four.Board], rng: np.random.Generator
    ) -> Sequence[int]:
        """Returns the move."""
        worth: NDArray[np.int64] = _search(state.inner.own, state.inner.stones, self.depth)
        best = np.flatnonzero(worth == worth.max())
        return [connect_four.NUM_FILLINGS + int(best[rng.integers(len(best))])]


@cache
def _worth(board: tictactoe.Board) -> int:
    """Returns what perfect play makes of `board` for its mover: more free cells at the end, more won or lost."""
    if tictactoe.lost(board):
        return -1 - len(board.free)
    return max((-_worth(tictactoe.mark(board, cell)) for cell in board.free), default=0)


def _completing(board: connect_four.Board, columns: Sequence[int]) -> list[int]:
    """Returns the `columns` that give the mover four in a row."""
    after = [(column, connect_four.drop(board, column)) for column in columns]
    return [column for column, board in after if connect_four.has_four(board.stones ^ board.own)]


@njit(cache=True, nogil=True)
def _search(own: int, stones: int, depth: int) -> NDArray[np.int64]:
    """Returns `[7]` what each column is worth to the mover; exact for the best, no more than their worth for others."""
    worth = np.full(7, -2 * _WIN)
    best = -2 * _WIN
    for column in _CENTRE_FIRST:
        if not stones & 1 << 8 * column + 5:
            after = stones | stones + (1 << 8 * column)
            # The window begins one below the best, so that a move just as good shows as just as good.
            worth[column] = -_negamax(own ^ stones, after, depth - 1, -2 * _WIN, 1 - best)
            best = max(best, worth[column])
    return worth


@njit(cache=True, nogil=True)
def _negamax(own: int, stones: int, depth: int, alpha: int, beta: int) -> int:
    """Returns what the board is worth to its mover, exact between `alpha` and `beta`."""
    other = own ^ stones
    for step in (1, 8, 7, 9):
        pairs = other & other >> step
        if pairs & pairs >> 2 * step:
            return _count(stones) - _WIN
    if stones == _FULL:
        return 0
    if depth == 0:
        return _potential(own, other)
    for column in _CENTRE_FIRST:
        if not stones & 1 << 8 * column + 5:
            after = stones | stones + (1 << 8 * column)
            alpha = max(alpha, -_negamax(other, after, depth - 1, -beta, -alpha))
            if alpha >= beta:
                break
    return alpha


@njit(cache=True, nogil=True)
def _potential(own: int, other: int) -> int:
    """Returns the mover's open twos and threes less the other's."""
    total = 0
    for four in _FOURS:
        mine, theirs = own & four, other & four
        if mine and not theirs:
            total += _open(mine)
        elif theirs and not mine:
            total -= _open(theirs)
    return total


@njit(cache=True, nogil=True)
def _open(stones: int) -> int:
    """Returns what one to three stones of an otherwise empty four are worth."""
    rest = stones & stones - 1
    if rest == 0:
        return 0
    return _OPEN_TWO if rest & rest - 1 == 0 else _OPEN_THREE


@njit(cache=True, nogil=True)
def _count(stones: int) -> int:
    """Returns how many bits are set."""
    count = 0
    while stones:
        stones &= stones - 1
        count += 1
    return count

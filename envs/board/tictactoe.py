"""Tic-tac-toe: the smallest world in which everything can be known.

A board is two bitboards of nine cells, the mover's and the other's, numbered from the top left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .. import svg
from ..codec import WordCodec
from ..types import Codec, State, States

CELLS = 9
WORDS = (".", "x", "o", *(str(cell + 1) for cell in range(CELLS)))
FIRST_MOVE = WORDS.index("1")
FULL = (1 << CELLS) - 1
LINES = (0b111, 0b111000, 0b111000000, 0b1001001, 0b10010010, 0b100100100, 0b100010001, 0b1010100)

_LINES, _CELLS = np.array(LINES, np.int32), np.arange(CELLS, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Board:
    """A position.

    Attributes:
        own: stones of who moves next.
        other: stones of who moved last.
    """

    own: int = 0
    other: int = 0

    @property
    def free(self) -> list[int]:
        """The cells without a stone."""
        return [cell for cell in range(CELLS) if not (self.own | self.other) >> cell & 1]


class TicTacToe:
    """The world: two players, perfect information, one token a move.

    The observation is a word a cell, `x` for the mover's stones and `o` for the other's.
    """

    codec: Codec
    num_players: int = 2
    most_legal: int = CELLS

    def __init__(self) -> None:
        self.codec = WordCodec("tictactoe", WORDS)

    def init(self, seed: int) -> State[Board]:
        """Returns the empty board: every episode begins alike."""
        return _state(Board(), 0)

    def step(self, state: State[Board], token: int) -> State[Board]:
        """Returns the board after a stone was set; ValueError if its cell is taken or the game is over."""
        if not 0 <= token < len(WORDS) or not state.legal[token]:
            moves = np.flatnonzero(state.legal).tolist()
            raise ValueError(f"tictactoe: token {token} is no legal move, {moves} are, in\n{self.render(state)}")
        return _state(mark(state.inner, token - FIRST_MOVE), 1 - state.player)

    def gather(self, states: Sequence[State[Board]]) -> NDArray[np.int32]:
        """Returns `[B, 2]`, the mover's stones and the other's."""
        return np.array([(state.inner.own, state.inner.other) for state in states], np.int32).reshape(-1, 2)

    def step_all(self, inner: NDArray[np.int32], players: NDArray[np.int32], tokens: NDArray[np.int32]) -> States:
        """Returns the boards after a stone was set on each; ValueError if a cell is taken."""
        own, other = inner.T
        cells = tokens - FIRST_MOVE
        if ((cells < 0) | (cells >= CELLS) | ((own | other) >> cells & 1 == 1)).any():
            raise ValueError(f"tictactoe: a token of {tokens.tolist()} is no legal move")
        marked = own | 1 << cells
        won: NDArray[np.bool_] = ((marked[:, None] & _LINES) == _LINES).any(1)
        mine, theirs = other[:, None] >> _CELLS & 1, marked[:, None] >> _CELLS & 1
        legal = np.zeros((len(tokens), len(WORDS)), np.bool_)
        legal[:, FIRST_MOVE:] = (mine | theirs == 0) & ~won[:, None]
        rewards = np.zeros((len(tokens), 2), np.float32)
        rewards[np.arange(len(tokens)), players] = won
        rewards[np.arange(len(tokens)), 1 - players] -= won
        over = won | (other | marked == FULL)
        return States(np.stack([other, marked], 1), mine + 2 * theirs, legal, 1 - players, rewards, over)

    def model(self, state: State[Board], seed: int) -> "tuple[TicTacToe, State[Board]]":
        """Returns the world itself: nothing is hidden."""
        return self, state

    def behaviour(self, states: Sequence[State[Board]], seed: int) -> list[bytes]:
        """Returns each state's stones and who moves next."""
        return [b"%d %d %d" % (state.inner.own, state.inner.other, state.player) for state in states]

    def render(self, state: State[Board]) -> str:
        """Returns the board with the first player's stones as X and the second's as O."""
        own, other = ("X", "O") if state.player == 0 else ("O", "X")
        signs = [
            own if state.inner.own >> c & 1 else other if state.inner.other >> c & 1 else "." for c in range(CELLS)
        ]
        return "\n".join(" ".join(signs[row : row + 3]) for row in (0, 3, 6))

    def draw(self, state: State[Board], player: int | None) -> str:
        """Returns the board, crosses for the first player and rings for the second; free cells bear their words."""
        board = state.inner
        crosses, rings = (board.own, board.other) if state.player == 0 else (board.other, board.own)
        places = [(cell, cell % 3, cell // 3) for cell in range(CELLS)]
        parts = [
            svg.group('fill="none" stroke="currentColor"', svg.squares((x, y) for _, x, y in places)),
            svg.group(_ink(0), (svg.cross(x, y, 5) for c, x, y in places if crosses >> c & 1)),
            svg.group(_ink(1), (svg.disc(x, y, 5.5) for c, x, y in places if rings >> c & 1)),
            svg.group(
                f'{svg.lettering(6)} fill="currentColor" opacity="0.5"',
                (svg.label(x, y, c + 1) for c, x, y in places if not (crosses | rings) >> c & 1),
            ),
        ]
        return svg.element(3, 3, parts)


def mark(board: Board, cell: int) -> Board:
    """Returns the board after the mover's stone was set on `cell`, seen by the other player."""
    return Board(board.other, board.own | 1 << cell)


def lost(board: Board) -> bool:
    """Returns True where the last move lined up three."""
    return any(board.other & line == line for line in LINES)


def _ink(player: int) -> str:
    return f'fill="none" stroke="{svg.PLAYERS[player]}" stroke-width="2"'


@cache
def _state(board: Board, player: int) -> State[Board]:
    """Returns the one state of `board`; there are 5,478, so each is made once, and its arrays are read-only."""
    over = lost(board)
    tokens = np.array([(board.own >> c & 1) + 2 * (board.other >> c & 1) for c in range(CELLS)], dtype=np.int32)
    legal = np.zeros(len(WORDS), dtype=np.bool_)
    rewards = np.zeros(2, dtype=np.float32)
    if over:
        rewards[[1 - player, player]] = 1, -1
    else:
        legal[[FIRST_MOVE + cell for cell in board.free]] = True
    for array in (tokens, legal, rewards):
        array.flags.writeable = False
    return State(board, tokens, True, legal, player, rewards, not legal.any())

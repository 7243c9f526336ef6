"""Connect Four on 7 columns of 6: whoever first lines up four stones wins.

A board is two bitboards, the mover's stones and everyone's, a byte a column from the bottom up; the two highest bits of
a byte stay 0, so that no line runs over a column's end. In `own + stones` a column of height h reads
`its own stones + 2^h - 1`, a number of its own for each of the 127 fillings (the key of Pascal Pons,
http://blog.gamesolver.org/solving-connect-four/06-bitboard/): the seven bytes of that sum are what the mover reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

from .. import svg
from ..codec import WordCodec
from ..trajectory import Trajectory
from ..types import Codec, State, States

COLUMNS, ROWS = 7, 6
NUM_FILLINGS = 127
SIZE = NUM_FILLINGS + COLUMNS
BOTTOM = sum(1 << 8 * column for column in range(COLUMNS))
TOP = BOTTOM << ROWS - 1
FULL = BOTTOM * 63


@dataclass(frozen=True, slots=True)
class Board:
    """A position.

    Attributes:
        own: stones of who moves next.
        stones: all stones.
    """

    own: int = 0
    stones: int = 0


class ConnectFour:
    """The world: two players, perfect information, one token a move.

    The observation is a word a column, `x` for the mover's stones and `o` for the other's, from the bottom up.
    """

    codec: Codec
    num_players: int = 2
    most_legal: int = COLUMNS

    def __init__(self) -> None:
        fillings = [_spelling(number) for number in range(NUM_FILLINGS)]
        self.codec = WordCodec("connect_four", fillings + [str(column + 1) for column in range(COLUMNS)])

    def init(self, seed: int) -> State[Board]:
        """Returns the empty board: every episode begins alike."""
        return State(Board(), _read(Board()), True, _LEGAL[0], 0, _NOTHING, False)

    def step(self, state: State[Board], token: int) -> State[Board]:
        """Returns the board after a stone fell; ValueError if the column is full or the game is over."""
        if not 0 <= token < SIZE or not state.legal[token]:
            moves = np.flatnonzero(state.legal).tolist()
            raise ValueError(f"connect_four: token {token} is no legal move, {moves} are, in\n{self.render(state)}")
        board = drop(state.inner, token - NUM_FILLINGS)
        won = has_four(board.stones ^ board.own)
        legal = _NO_MOVE if won else _LEGAL[board.stones & TOP]
        rewards = _WINS[state.player] if won else _NOTHING
        return State(board, _read(board), True, legal, 1 - state.player, rewards, won or board.stones == FULL)

    def gather(self, states: Sequence[State[Board]]) -> NDArray[np.uint64]:
        """Returns `[B, 2]`, the mover's stones and everyone's."""
        return np.array([(state.inner.own, state.inner.stones) for state in states], np.uint64).reshape(-1, 2)

    def step_all(self, inner: NDArray[np.uint64], players: NDArray[np.int32], tokens: NDArray[np.int32]) -> States:
        """Returns the boards after a stone fell on each; ValueError if a column is full."""
        count = len(tokens)
        after, fillings = np.empty((count, 2), np.uint64), np.empty((count, COLUMNS), np.int32)
        legal, rewards = np.zeros((count, SIZE), np.bool_), np.zeros((count, 2), np.float32)
        terminal = np.empty(count, np.bool_)
        wrong = _drop_all(inner, players, tokens, after, fillings, legal, rewards, terminal)
        if wrong >= 0:
            raise ValueError(f"connect_four: token {tokens[wrong]} is no legal move on board {wrong} of {count}")
        return States(after, fillings, legal, 1 - players, rewards, terminal)

    def model(self, state: State[Board], seed: int) -> "tuple[ConnectFour, State[Board]]":
        """Returns the world itself: nothing is hidden."""
        return self, state

    def behaviour(self, states: Sequence[State[Board]], seed: int) -> list[bytes]:
        """Returns each state's stones and who moves next."""
        return [b"%d %d %d" % (state.inner.own, state.inner.stones, state.player) for state in states]

    def reflected(self, trajectory: Trajectory) -> list[Trajectory]:
        """Returns `trajectory` in a mirror: its columns from the last to the first."""
        moves, at = _MIRROR[trajectory.tokens], np.arange(len(trajectory.tokens))
        # A board is seven tokens and its move the eighth, which stays where it is.
        place, is_action = at % (COLUMNS + 1), trajectory.is_action
        tokens = np.where(is_action, moves, trajectory.tokens[np.where(is_action, at, at - 2 * place + COLUMNS - 1)])
        legal = None if trajectory.legal is None else trajectory.legal[:, _MIRROR]
        weights = None if trajectory.weights is None else trajectory.weights[:, _MIRROR]
        return [replace(trajectory, tokens=tokens, legal=legal, weights=weights)]

    def render(self, state: State[Board]) -> str:
        """Returns the board with the first player's stones as X and the second's as O."""
        own, other = ("X", "O") if state.player == 0 else ("O", "X")
        rows = []
        for row in reversed(range(ROWS)):
            cells = [1 << 8 * column + row for column in range(COLUMNS)]
            signs = [own if state.inner.own & c else other if state.inner.stones & c else "." for c in cells]
            rows.append(" ".join(signs))
        return "\n".join([*rows, " ".join(str(column + 1) for column in range(COLUMNS))])

    def draw(self, state: State[Board], player: int | None) -> str:
        """Returns the board in the players' colours, above the words of its columns."""
        own, other = state.inner.own, state.inner.stones ^ state.inner.own
        first, second = (own, other) if state.player == 0 else (other, own)
        places = [(1 << 8 * x + y, x, ROWS - 1 - y) for x in range(COLUMNS) for y in range(ROWS)]
        holes = [svg.disc(x, y, 8) for cell, x, y in places if not state.inner.stones & cell]
        words = [svg.label(x, ROWS, x + 1) for x in range(COLUMNS)]
        parts = [
            svg.group('fill="none" stroke="currentColor" opacity="0.3"', holes),
            svg.group(f'fill="{svg.PLAYERS[0]}"', (svg.disc(x, y, 8) for cell, x, y in places if first & cell)),
            svg.group(f'fill="{svg.PLAYERS[1]}"', (svg.disc(x, y, 8) for cell, x, y in places if second & cell)),
            svg.group(f'{svg.lettering(8)} fill="currentColor" opacity="0.6"', words),
        ]
        return svg.element(COLUMNS, ROWS + 1, parts)


def drop(board: Board, column: int) -> Board:
    """Returns the board after the mover's stone fell into `column`, seen by the other player."""
    return Board(board.stones ^ board.own, board.stones | board.stones + (1 << 8 * column))


def open_columns(stones: int) -> list[int]:
    """Returns the columns with room for a stone."""
    return [column for column in range(COLUMNS) if not stones & 1 << 8 * column + ROWS - 1]


def has_four(stones: int) -> bool:
    """Returns True where `stones` hold four in a row: upright, level or along a diagonal."""
    for step in (1, 8, 7, 9):
        pairs = stones & stones >> step
        if pairs & pairs >> 2 * step:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _drop_all(inner, players, tokens, after, fillings, legal, rewards, terminal):  # type: ignore[no-untyped-def]
    """Drops a stone on each board and writes what follows; returns the first board that has no room, -1 for none."""
    for i in range(len(tokens)):
        column = tokens[i] - NUM_FILLINGS
        own, stones = inner[i]
        shift = np.uint64(8 * column)
        fallen = stones | stones + (np.uint64(1) << shift)
        if column < 0 or column >= COLUMNS or fallen & ~np.uint64(FULL):
            return i
        other = stones ^ own
        mine, won = fallen ^ other, False
        for step in (1, 8, 7, 9):
            pairs = mine & mine >> np.uint64(step)
            won |= (pairs & pairs >> np.uint64(2 * step)) != 0
        after[i, 0], after[i, 1] = other, fallen
        terminal[i] = won or fallen == np.uint64(FULL)
        for c in range(COLUMNS):
            fillings[i, c] = (other + fallen) >> np.uint64(8 * c) & np.uint64(255)
            is_full = fallen >> np.uint64(8 * c + ROWS - 1) & np.uint64(1)
            legal[i, NUM_FILLINGS + c] = not (won or is_full)
        if won:
            rewards[i, players[i]], rewards[i, 1 - players[i]] = 1, -1
    return -1


def _read(board: Board) -> NDArray[np.int32]:
    """Returns the seven tokens of `board`."""
    return np.frombuffer((board.own + board.stones).to_bytes(COLUMNS, "little"), np.uint8).astype(np.int32)


def _spelling(number: int) -> str:
    """Returns a filling as stones from the bottom up, `-` where the column is empty."""
    height = (number + 1).bit_length() - 1
    own = number + 1 - (1 << height)
    return "".join("x" if own >> row & 1 else "o" for row in range(height)) or "-"


def _mask(columns: Sequence[int]) -> NDArray[np.bool_]:
    """Returns `[SIZE]` bool, the moves into `columns`, shared by all states and so never to be written."""
    legal = np.zeros(SIZE, dtype=np.bool_)
    legal[[NUM_FILLINGS + column for column in columns]] = True
    legal.flags.writeable = False
    return legal


def _rewards(first: float, second: float) -> NDArray[np.float32]:
    """Returns `[2]` float32, shared as the masks are."""
    rewards = np.array([first, second], dtype=np.float32)
    rewards.flags.writeable = False
    return rewards


# Which columns are full says everything about legality: bits of `TOP` to mask.
_TOPS = [
    sum(TOP & 255 << 8 * column for column in range(COLUMNS) if full >> column & 1) for full in range(1 << COLUMNS)
]
_LEGAL = {top: _mask(open_columns(top)) for top in _TOPS}
# What each token is in a mirror: moves change places, fillings stay what they are.
_MIRROR = np.append(np.arange(NUM_FILLINGS), np.arange(SIZE - 1, NUM_FILLINGS - 1, -1)).astype(np.int32)
_NO_MOVE = _mask([])
_NOTHING = _rewards(0, 0)
_WINS = [_rewards(1, -1), _rewards(-1, 1)]

"""The board games: perfect information, every decision a stream of its own, one token a move."""

from .connect_four import ConnectFour
from .tictactoe import TicTacToe

__all__ = ["ConnectFour", "TicTacToe"]

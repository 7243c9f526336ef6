"""Chess programs as experts for `OpenSpiel("chess")`: Stockfish, and the opening book of GNU Chess.

Both are programs of their own that are spoken to line by line (Debian has them as `stockfish`, `gnuchess` and
`gnuchess-book`). A position goes over as FEN, so nothing is remembered from move to move.
"""

import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np

from .openspiel import FIRST_MOVE, Position
from .types import SequentialEnv, State

# GNU Chess reads, thinks and leaves in threads that now and then fall over each other; what it says whole is the same.
_TRIES = 10
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Stockfish:
    """The move that a UCI engine finds best, the same every time: one thread, counted nodes, a fresh memory.

    Attributes:
        nodes: positions it may look at.
        program: its name or path; any engine of the UCI protocol will do.
    """

    nodes: int = 2000
    program: str = "stockfish"

    def __call__(self, env: SequentialEnv[Any], state: State[Position], rng: np.random.Generator) -> list[int]:
        """Returns the move.

        Raises:
            FileNotFoundError: if there is no such program.
            ValueError: if the game is no chess.
        """
        fen = _fen(state)
        answer = _engine(_path(self.program)).ask(
            "ucinewgame", f"position fen {fen}", f"go nodes {self.nodes}", until="bestmove"
        )
        return [FIRST_MOVE + int(state.inner.spiel.parse_move_to_action(answer[-1].split()[1]))]


@dataclass(frozen=True, slots=True)
class OpeningBook:
    """A move of GNU Chess's book, drawn as often as masters played it; beyond the book another expert's.

    Attributes:
        beyond: who plays where the book ends.
        book: the file.
        program: GNU Chess, which reads it.
    """

    beyond: Stockfish = Stockfish()
    book: str = "/usr/share/games/gnuchess/book.bin"
    program: str = "gnuchess"

    def __call__(self, env: SequentialEnv[Any], state: State[Position], rng: np.random.Generator) -> list[int]:
        """Returns the move.

        Raises:
            FileNotFoundError: if the program or the book is missing.
            ValueError: if the game is no chess.
        """
        moves = self.moves(state)
        if not moves:
            return self.beyond(env, state, rng)
        shares = np.array([share for _, share in moves], float)
        move, _ = moves[int(rng.choice(len(moves), p=shares / shares.sum()))]
        return [FIRST_MOVE + int(state.inner.spiel.parse_move_to_action(move))]

    def moves(self, state: State[Position]) -> list[tuple[str, int]]:
        """Returns what the book knows: moves as people write them, each with its share in percent, 1 or more."""
        book, fen = Path(self.book), _fen(state)
        if not book.is_file():
            raise FileNotFoundError(f"there is no opening book {self.book}: install gnuchess-book, or name another")
        return list(_book_moves(_path(self.program), book.parent, fen))


class _Engine:
    """A running program that answers lines with lines."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, *lines: str) -> None:
        """Sends lines."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines))
        self._process.stdin.flush()

    def ask(self, *lines: str, until: str) -> list[str]:
        """Returns what is answered, up to the line that begins with `until`; RuntimeError where the program ends."""
        self.tell(*lines)
        assert self._process.stdout is not None
        answer: list[str] = []
        for line in self._process.stdout:
            answer.append(line.rstrip())
            if line.startswith(until):
                return answer
        # Whoever asks next has another.
        _engine.cache_clear()
        raise RuntimeError(
            f"{self._process.args!r} ended in place of answering {lines[-1]!r}: {' / '.join(answer[-3:])}"
        )


@lru_cache(maxsize=4)
def _engine(program: str) -> _Engine:
    """Returns the program, started once in this process; it ends with it, when its standard input closes."""
    engine = _Engine(program)
    engine.tell("uci", "setoption name Threads value 1", "setoption name Hash value 1")
    return engine


@lru_cache(maxsize=2**16)
def _book_moves(program: str, folder: Path, fen: str) -> tuple[tuple[str, int], ...]:
    """Returns the moves and their percents; openings come up again and again, and asking takes a fifth of a second."""
    asked = "\n".join(("xboard", "force", "book on", f"setboard {fen}", "bk", "ping 1", "quit", ""))
    lines: list[str] = []
    for _ in range(_TRIES):
        # GNU Chess looks for `book.bin` where it was started.
        try:
            answer = subprocess.run(
                [program, "--xboard"],
                input=asked,
                capture_output=True,
                text=True,
                cwd=folder,
                timeout=_PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired:
            continue
        lines = answer.stdout.splitlines()
        if answer.returncode == 0 and "pong 1" in lines:
            break
    else:
        raise RuntimeError(f"{program} did not say what its book knows of {fen}: {' / '.join(lines[-3:])}")
    told = (line.split() for line in lines if line.endswith("%)"))
    return tuple((move, int(share.strip("(%)"))) for move, share in told if int(share.strip("(%)")))


def _path(program: str) -> str:
    # Debian keeps games where not every user looks.
    if found := which(program) or which(program, path="/usr/games"):
        return found
    raise FileNotFoundError(f"there is no program {program!r} here: install it, on Debian by apt install {program}")


def _fen(state: State[Position]) -> str:
    name = state.inner.spiel.get_game().get_type().short_name
    if name != "chess":
        raise ValueError(f"a chess program plays chess, not {name}")
    return str(state.inner.spiel)

"""Chess programs as experts; skipped where Debian's packages are not installed."""

from pathlib import Path
from shutil import which

import numpy as np
import pytest

from alphakata.envs.chess_engines import OpeningBook, Stockfish
from alphakata.envs.demonstrations import ExpertGames
from alphakata.envs.openspiel import FIRST_MOVE, OpenSpiel, Position
from alphakata.envs.types import State

WORLD, RNG = OpenSpiel("chess"), np.random.default_rng(0)
stockfish = pytest.mark.skipif(
    not (which("stockfish") or which("stockfish", path="/usr/games")), reason="stockfish is not installed"
)
book = pytest.mark.skipif(
    not which("gnuchess", path="/usr/games") or not Path(OpeningBook().book).is_file(),
    reason="gnuchess and gnuchess-book are not installed",
)


def after(*moves: str) -> State[Position]:
    state = WORLD.init(0)
    for move in moves:
        state = WORLD.step(state, FIRST_MOVE + state.inner.spiel.parse_move_to_action(move))
    return state


@stockfish
def test_stockfish_mates_in_one_and_plays_alike_whatever_it_saw_before() -> None:
    state = after("f3", "e5", "g4")
    expert = Stockfish(500)
    (move,) = expert(WORLD, state, RNG)
    assert state.inner.spiel.action_to_string(state.player, move - FIRST_MOVE) == "Qh4#"
    first = expert(WORLD, WORLD.init(0), RNG)
    expert(WORLD, after("e4"), RNG)
    assert expert(WORLD, WORLD.init(0), RNG) == first


def test_an_engine_s_words_for_castling_and_promotion_are_found() -> None:
    for state, said, meant in (
        (after("e4", "e5", "Nf3", "Nc6", "Bc4", "Bc5"), "e1g1", "O-O"),
        (after("h4", "g5", "hxg5", "h6", "gxh6", "a6", "h7", "a5"), "h7g8n", "hxg8=N"),
    ):
        action = state.inner.spiel.parse_move_to_action(said)
        assert state.inner.spiel.action_to_string(state.player, action) == meant


@book
def test_the_book_knows_what_masters_play_and_ends() -> None:
    moves = dict(OpeningBook().moves(WORLD.init(0)))
    assert set(moves) >= {"e4", "d4", "Nf3", "c4"}
    assert moves["e4"] > moves["c4"]
    assert OpeningBook().moves(after("a4", "h5", "a5", "h4")) == []


@book
@stockfish
def test_games_of_book_and_engine_are_the_same_every_time() -> None:
    demonstrator = ExpertGames((OpeningBook(Stockfish(20)),), noise=0.2)
    first, again = (demonstrator(WORLD, 1) for _ in range(2))
    assert [t.tokens.tolist() for t in first] == [t.tokens.tolist() for t in again]
    assert first[0].metadata["plies"] > 10


def test_a_missing_program_or_book_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no program 'no_such_fish' here"):
        Stockfish(program="no_such_fish")(WORLD, WORLD.init(0), RNG)
    with pytest.raises(FileNotFoundError, match=r"no opening book /no/book\.bin"):
        OpeningBook(book="/no/book.bin").moves(WORLD.init(0))


def test_other_games_are_refused() -> None:
    world = OpenSpiel("nim")
    with pytest.raises(ValueError, match="plays chess, not nim"):
        Stockfish()(world, world.init(0), RNG)

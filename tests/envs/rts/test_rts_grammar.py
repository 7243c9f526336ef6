"""A move is any set of commands, each written in one way, and the probabilities of all moves sum to one."""

from collections.abc import Iterator
from functools import reduce

import numpy as np
import pytest

from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.battle import Battle
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.steering import command
from alphakata.envs.rts.words import NUM_WORDS
from alphakata.envs.types import State, ends_move

ENV = Skirmish()
TOY = """
    B . # .
    W 2 L .
    . . l b
"""


def toy(stock: int = 1) -> State[Battle]:
    return ENV.begin(from_drawing(TOY, stock=(stock, 1)), ("turtle", "turtle"))


def moves(state: State[Battle], said: tuple[int, ...] = (), logprob: float = 0.0) -> Iterator[tuple[str, float]]:
    """Yields every legal move, and how likely a policy that depends on all it wrote is to write it."""
    logits = np.random.default_rng([*said, len(said)]).normal(size=NUM_WORDS)
    logprobs = np.where(state.legal, logits, -np.inf)
    logprobs -= np.logaddexp.reduce(logprobs)
    for token in np.flatnonzero(state.legal).tolist():
        after, written = ENV.step(state, token), (*said, token)
        if ends_move(state, after):
            yield ENV.codec.decode(written), logprob + float(logprobs[token])
        else:
            yield from moves(after, written, logprob + float(logprobs[token]))


def test_the_probabilities_of_all_legal_moves_sum_to_one() -> None:
    written = list(moves(toy(stock=6)))

    # The base waits or makes a worker. The others wait or go to one of twelve cells; the worker may gather or build,
    # the light unit may attack.
    assert len(written) == len(dict(written)) == 2 * (1 + 12 + 2) * (1 + 12 + 1)
    assert np.exp([logprob for _, logprob in written]).sum() == pytest.approx(1)


def test_every_set_of_commands_can_be_written_in_exactly_one_way() -> None:
    def commands(move: str) -> frozenset[tuple[int, int]]:
        state = reduce(ENV.step, ENV.codec.encode(move)[:-1].tolist(), toy(stock=6))
        assert state.inner.pen is not None
        return frozenset(state.inner.pen.commands)

    sets = [commands(move) for move, _ in moves(toy(stock=6))]

    assert len(set(sets)) == len(sets)
    assert {slot for some in sets for slot, _ in some} == {0, 1, 2}


def legal(state: State[Battle], said: str) -> str:
    for token in ENV.codec.encode(said):
        state = ENV.step(state, int(token))
    return ENV.codec.decode(np.flatnonzero(state.legal).tolist())


@pytest.mark.parametrize(
    ("said", "next_words"),
    [
        ("", "u0"),
        ("u0", "wait worker"),
        ("u0 worker", "east"),
        ("u0 wait u1", "wait move gather"),
        ("u0 wait u1 gather", "load"),
        ("u0 wait u1 wait u2", "wait attack move"),
        ("u0 wait u1 wait u2 attack", "weakest"),
        ("u0 wait u1 wait u2 move", "u0 u1 u2 b1 c1 d1 b2 d2 a3 b3 yonder nearest"),
        ("u0 wait u1 move b3", "u2"),
        ("u0 wait u1 move b3 u2 wait", "end"),
    ],
)
def test_only_what_the_board_allows_may_follow(said: str, next_words: str) -> None:
    assert legal(toy(), said) == next_words


def test_a_load_is_gathered_at_the_own_bases_near_or_far() -> None:
    game = from_drawing("B . W . B\n3 . . . b")
    game["load"][0, 1] = 1
    assert legal(ENV.begin(game, ("turtle", "turtle")), "u1 gather") == "u2 load"


def test_a_command_means_the_same_on_either_side_of_the_board() -> None:
    state = ENV.begin(from_drawing("B . . . . .\n. . . . . .\n. . . . w b", stock=(1, 0)), ("turtle", "turtle"))
    state = reduce(ENV.step, ENV.codec.encode("u0 wait end").tolist(), state)

    read = "stock.0 clock.0 f3 own.base.1 own.worker.1 worker.2 b1 nth.1 far.1 u0 base.10.idle a1 u1"
    assert ENV.codec.decode(state.tokens.tolist()).startswith(read)
    assert legal(state, "u0") == "wait move"
    for token in ENV.codec.encode("u0 move c1"):
        state = ENV.step(state, int(token))
    assert state.inner.pen is not None
    assert state.inner.pen.commands == ((0, command("move", 35)),)


def test_a_cell_goes_by_who_is_known_to_stand_there_and_by_one_name_alone() -> None:
    state = toy()
    known = {"u1": 16, "nearest": 34, "yonder": 35, "b2": 17}

    for word, cell in known.items():
        pen = reduce(ENV.step, ENV.codec.encode(f"u0 wait u1 wait u2 move {word}").tolist(), state).inner.pen
        assert pen is not None
        assert pen.commands == ((2, command("move", cell)),)


def test_each_unit_calls_the_nearest_enemy_intruder_and_load_by_names_of_its_own() -> None:
    board = "B . 5 . . . . .\n. W . l . . . .\n. 5 . . . L l .\n. . . . . . r b"
    state = ENV.begin(from_drawing(board), ("turtle", "turtle"))

    # The worker is nearest to the enemy at home, the light unit to the one in front of it.
    assert legal(state, "u1 gather") == "c1 load"
    assert [word for word in legal(state, "u1 move").split() if word[0] in "xni"] == ["x1", "x2", "nearest"]
    assert [word for word in legal(state, "u1 wait u2 move").split() if word[0] in "xni"] == [
        "x2",
        "nearest",
        "intruder",
    ]
    said = ENV.codec.encode("u1 gather load u2 move intruder end").tolist()
    pen = reduce(ENV.step, said[:-1], state).inner.pen
    assert pen is not None
    assert pen.commands == ((1, command("gather", 33)), (2, command("move", 19)))
    assert state.inner.pen is not None
    assert state.inner.pen.spelt([dict(pen.commands).get(slot, 0) for slot in range(32)]) == said


def test_an_illegal_token_is_refused_and_the_legal_ones_are_named() -> None:
    with pytest.raises(ValueError, match=r"token 0 at place 1 is not legal; legal are wait worker"):
        ENV.advance([toy()], [[*ENV.codec.encode("u0").tolist(), 0]])
    with pytest.raises(ValueError, match="the move is over at place 6, yet 8 tokens"):
        ENV.advance([toy()], [ENV.codec.encode("u0 wait u1 wait u2 wait end end").tolist()])

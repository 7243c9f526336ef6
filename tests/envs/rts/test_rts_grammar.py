"""A move is any set of orders, each written in one way, and the probabilities of all moves sum to one."""

from collections.abc import Iterator

import numpy as np
import pytest

from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.env import Battle, Skirmish
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

    # The base waits or makes a worker, the worker has three things to do, the light unit two, and each may wait.
    assert len(written) == len(dict(written)) == 2 * 4 * 3
    assert np.exp([logprob for _, logprob in written]).sum() == pytest.approx(1)


def test_every_set_of_orders_can_be_written_in_exactly_one_way() -> None:
    words = [move.split()[:-1] for move, _ in moves(toy(stock=6))]
    orders = [frozenset(zip(move[::3], move[1::3], move[2::3], strict=True)) for move in words]

    assert len(set(orders)) == len(orders)
    assert {unit for some in orders for unit, *_ in some} == {"u0", "u1", "u2"}


def legal(state: State[Battle], said: str) -> str:
    for token in ENV.codec.encode(said):
        state = ENV.step(state, int(token))
    return ENV.codec.decode(np.flatnonzero(state.legal).tolist())


@pytest.mark.parametrize(
    ("said", "next_words"),
    [
        ("", "end u0 u1 u2"),
        ("u0", "worker"),
        ("u0 worker", "east"),
        ("u1", "move gather"),
        ("u1 gather", "east"),
        ("u2", "attack move"),
        ("u2 attack", "x0"),
        ("u2 move", "east"),
        ("u1 move south", "end u2"),
    ],
)
def test_only_what_the_board_allows_may_follow(said: str, next_words: str) -> None:
    assert legal(toy(), said) == next_words


def test_an_order_means_the_same_on_either_side_of_the_board() -> None:
    state = ENV.begin(from_drawing("B . . . . .\n. . . . . .\n. . . . w b", stock=(1, 0)), ("turtle", "turtle"))
    state = ENV.step(state, int(ENV.codec.encode("end")[0]))

    assert ENV.codec.decode(state.tokens.tolist()).startswith("stock.0 clock.0 f3 worker.2 b1 u0 base.10.idle a1 u1")
    assert legal(state, "u0 move") == "east south"


def test_an_illegal_token_is_refused_and_the_legal_ones_are_named() -> None:
    with pytest.raises(ValueError, match=r"token 0 at place 1 is not legal; legal are worker"):
        ENV.advance([toy()], [[*ENV.codec.encode("u0").tolist(), 0]])
    with pytest.raises(ValueError, match="the move is over at place 0, yet 2 tokens"):
        ENV.advance([toy()], [[0, 0]])

"""The contract of every world: pure rules over an immutable state that is its own snapshot.

A world is a stream of tokens. It writes observation tokens, a player answers with action tokens, one token a step.
A *move* is the run of action tokens up to the moment the world speaks again, the turn passes or the episode ends.
Code and games differ in nothing else.

Shapes: `V` tokens of the world's codec, `P` players, `L` tokens of one observation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Inner = TypeVar("Inner")


@dataclass(frozen=True, slots=True)
class State(Generic[Inner]):
    """One moment of an episode; nobody changes it, so keeping it is a snapshot.

    Attributes:
        inner: what the rules remember; private to the environment.
        tokens: `[L]` int32, what `player` reads before it picks; empty while a player is inside a move.
        restart: True where `tokens` alone say all the player needs, so that its stream may begin anew here.
        legal: `[V]` bool, the tokens `player` may pick; all False exactly when `terminal`.
        player: who picks next, in `[0, P)`.
        rewards: `[P]` float32, earned on arriving here.
        terminal: True when the episode is over.
    """

    inner: Inner
    tokens: NDArray[np.int32]
    restart: bool
    legal: NDArray[np.bool_]
    player: int
    rewards: NDArray[np.float32]
    terminal: bool


@runtime_checkable
class Codec(Protocol):
    """Text to tokens and back; worlds whose codecs share a name share those tokens of the joint vocabulary."""

    name: str
    size: int

    def encode(self, text: str) -> NDArray[np.int32]:
        """Returns the `[T]` tokens of `text`; ValueError names what has no token."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """Returns the text of `tokens`; ValueError if one is out of range."""
        ...

    def fingerprint(self) -> str:
        """Returns a short hash: equal exactly where every token means the same."""
        ...

    def to_json(self) -> str:
        """Returns what `codec_from_json` restores it from."""
        ...


class SequentialEnv(Protocol[Inner]):
    """The rules. Everything a search, a face or a demonstrator needs; three methods and no memory of its own."""

    codec: Codec
    num_players: int

    def init(self, seed: int) -> State[Inner]:
        """Returns the first state of episode `seed`; seeds `0..n-1` visit each of `n` problems once."""
        ...

    def step(self, state: State[Inner], token: int) -> State[Inner]:
        """Returns the state after `state.player` picks `token`; ValueError if illegal or `state` is terminal."""
        ...

    def model(self, state: State[Inner], seed: int) -> "tuple[SequentialEnv[Any], State[Any]]":
        """Returns the world as `state.player` may know it, the unknown drawn anew from `seed`: all that search gets."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """A move whose grammar never changes on the way: any `legal` tokens, closed by `end`.

    Attributes:
        legal: `[V]` bool, the tokens that may stand anywhere in the move; `end` among them.
        end: the token that closes the move.
        max_tokens: the longest move, `end` included; in the last place only `end` is legal.
        openings: beginnings, of which each sample is given one, drawn evenly; none where it begins as it likes. Each is
            of legal tokens other than `end`, at least one, and shorter than `max_tokens`.
    """

    legal: NDArray[np.bool_]
    end: int
    max_tokens: int
    openings: tuple[tuple[int, ...], ...] = ()


@runtime_checkable
class Phrased(Protocol):
    """A world that can say the grammar of a whole move at once, so that a policy writes it without asking."""

    def phrase(self, state: State[Any]) -> Phrase:
        """Returns the grammar of the move that begins at `state`, or of what is left of it inside one."""
        ...


@runtime_checkable
class Advancing(Protocol):
    """A world that plays many whole moves at once faster than token by token."""

    def advance(self, states: Sequence[State[Any]], moves: Sequence[Sequence[int]]) -> Sequence[State[Any]]:
        """Returns the state after each move, as `step` over its tokens would; ValueError if one is illegal."""
        ...


@dataclass(frozen=True, slots=True)
class States:
    """`B` moments of as many episodes side by side: the fields of `State`, each with a row for every one of them.

    Attributes:
        inner: `[B, K]`, what the rules remember, as many numbers of each.
        tokens: `[B, L]` int32.
        legal: `[B, V]` bool.
        players: `[B]` int32.
        rewards: `[B, P]` float32.
        terminal: `[B]` bool.
    """

    inner: NDArray[Any]
    tokens: NDArray[np.int32]
    legal: NDArray[np.bool_]
    players: NDArray[np.int32]
    rewards: NDArray[np.float32]
    terminal: NDArray[np.bool_]


@runtime_checkable
class Vectorized(Protocol):
    """A world that steps many episodes in one call: each move is one token, and each observation restarts the stream.

    Attributes:
        most_legal: tokens that are legal in one state, at most.
    """

    most_legal: int

    def gather(self, states: Sequence[State[Any]]) -> NDArray[Any]:
        """Returns `[B, K]`, what the rules remember of `states`."""
        ...

    def step_all(self, inner: NDArray[Any], players: NDArray[np.int32], tokens: NDArray[np.int32]) -> States:
        """Returns the states after `players` of episodes that go on pick `[B]` tokens; ValueError if one is illegal."""
        ...


@runtime_checkable
class Behaving(Protocol):
    """A world that can say what a candidate *does*: program outputs on made inputs, a board's stones."""

    def behaviour(self, states: Sequence[State[Any]], seed: int) -> Sequence[bytes]:
        """Returns a fingerprint a state; equal bytes mean equal behaviour."""
        ...


@runtime_checkable
class Playable(Protocol):
    """A world with scripted players of its own that play on from many states at once, and fast."""

    def playouts(self, states: Sequence[State[Any]], horizon: int, seed: int) -> NDArray[np.float32]:
        """Returns `[N, P]` what every player earns from each state on, as the scripted players go on.

        Args:
            states: where they begin.
            horizon: moves of all players together after which a playout ends and is estimated.
            seed: of all that the players draw; the i-th state's draws depend on it alone, not on i.
        """
        ...


@runtime_checkable
class Guided(Protocol):
    """A world in which a player can be told how to play, and whose scripted players know the same ways.

    Attributes:
        guise_steps: moves that scripted players make, at most, to tell what one state is in every way.
    """

    guise_steps: int

    def guises(self, state: State[Any], seed: int) -> Mapping[str, State[Any]]:
        """Returns by way what `state` is where `state.player` is told to play so; its tokens begin a stream."""
        ...

    def guided(self, state: State[Any], way: str) -> State[Any]:
        """Returns the state in which `state.player`, where a script plays on for it, does so in this way."""
        ...


@runtime_checkable
class Metered(Protocol):
    """A world that runs programs to answer, and keeps count."""

    def meter(self) -> tuple[int, float]:
        """Returns the programs judged so far and their CPU-seconds; both only grow."""
        ...


@runtime_checkable
class Graded(Protocol):
    """A world that can say of a failure how near it came."""

    def graded(self) -> Self:
        """Returns the same world, in which a move that is right in part earns that part of the reward."""
        ...


@runtime_checkable
class Attempts(Protocol):
    """A world of one question an episode, which may be answered again after a failure, without new information."""

    attempts: int


@runtime_checkable
class Textual(Protocol):
    """A world written in free text, which learns its codec from examples of that text."""

    def texts(self, count: int) -> Sequence[str]:
        """Returns `count` training texts to learn a codec from."""
        ...

    def with_codec(self, codec: Codec) -> Self:
        """Returns the same world spoken through `codec`."""
        ...


@runtime_checkable
class Described(Protocol):
    """A world whose episodes differ in ways a report should name."""

    def describe(self, state: State[Any]) -> Mapping[str, Any]:
        """Returns JSON values about the episode of `state`: name, rating, tags..."""
        ...


@runtime_checkable
class Rendering(Protocol):
    """A world that can be watched."""

    def render(self, state: State[Any]) -> str:
        """Returns the state as text for a terminal."""
        ...


@runtime_checkable
class Drawing(Protocol):
    """A world that can be watched in a page."""

    def draw(self, state: State[Any], player: int | None) -> str:
        """Returns the state as an SVG element: all that `player` knows, or everything where that is None."""
        ...


def play(env: SequentialEnv[Any], state: State[Any], move: Sequence[int]) -> State[Any]:
    """Returns the state after all tokens of `move`; ValueError as `step` raises it."""
    for token in move:
        state = env.step(state, int(token))
    return state


def ends_move(before: State[Any], after: State[Any]) -> bool:
    """Returns True where this step closed a move: the world spoke, the turn passed or the episode is over."""
    return after.terminal or after.player != before.player or after.restart or len(after.tokens) > 0

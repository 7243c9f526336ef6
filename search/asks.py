"""What a search may ask, and what it decides: the whole language between a search and the scheduler.

A search is a coroutine. It yields asks and receives answers; it never calls a network, a judge or a clock.

    prediction = yield from predict([stream])

The scheduler answers from whatever policy and world it holds, many plans at a time, and keeps each plan's bill. An ask
of several items that the budget pays only in part is answered in part, from the front; one that it cannot pay at all
raises `BudgetSpent` inside the plan.

Shapes: `V` tokens of the world's codec.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Completion, Gift, Prediction, Sampling
from ..envs.types import SequentialEnv, State, Vectorized
from .known import Known

Move = Sequence[int]


@dataclass(frozen=True, slots=True)
class Root:
    """Where a decision is due, as the player may know it.

    Attributes:
        env: the model world.
        state: the model's state; `state.player` decides.
        stream: everything the player has read so far, `state.tokens` included.
        seed: for draws that must not depend on the plan's own generator, such as made test inputs.
        attempts: how many of the ranked moves the real world will take, one after the other.
        known: what the player's last decision found out about this place, or None.
        turn: decisions of all players before this one.
    """

    env: SequentialEnv[Any]
    state: State[Any]
    stream: Stream
    seed: int
    attempts: int = 1
    known: Known | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What a search hands in.

    Attributes:
        moves: ranked, best first; at least one, each legal at the root.
        weights: `[V]` float32 over the first token, a training target, or None.
        value: the player's expected return, or None.
        trace: JSON values for the viewer. `candidates` are columns, `moves` the first, the others figures beside them;
            tree searches say `tokens`, `visits`, `q` and `prior` of the first token, and `tree`: see `Outline`.
        known: what the search found out at its root and below, for the player's next decision, or None.
    """

    moves: tuple[tuple[int, ...], ...]
    weights: NDArray[np.float32] | None = None
    value: float | None = None
    trace: Mapping[str, Any] = field(default_factory=dict)
    known: Known | None = None


# Asks are not frozen: that would triple the price of making one, and each lives for one answer.
@dataclass(slots=True)
class Predict:
    """Asks what the policy thinks at the end of each stream."""

    streams: Sequence[Stream]


@dataclass(slots=True)
class Complete:
    """Asks for `count` whole moves sampled from the policy; the world's legal masks keep the grammar."""

    env: SequentialEnv[Any]
    state: State[Any]
    stream: Stream
    count: int
    sampling: Sampling
    seed: int


@dataclass(slots=True)
class Advance:
    """Asks what `env` says happens when each move is played in its state."""

    env: SequentialEnv[Any]
    states: Sequence[State[Any]]
    moves: Sequence[Move]


@dataclass(slots=True)
class Behave:
    """Asks for a fingerprint of what each state's candidate does."""

    env: SequentialEnv[Any]
    states: Sequence[State[Any]]
    seed: int


@dataclass(slots=True)
class PlayOut:
    """Asks what every player earns from each state on, where the world's scripted players play it out."""

    env: SequentialEnv[Any]
    states: Sequence[State[Any]]
    horizon: int
    seed: int


@dataclass(slots=True)
class Disguise:
    """Asks what each state is to its player where it is told to play in each of the ways that `env` knows."""

    env: SequentialEnv[Any]
    states: Sequence[State[Any]]
    seed: int


@dataclass(slots=True)
class StepAll:
    """Asks what `env` says happens when `players` pick `tokens`, `[L]` each; the answer is `States`.

    Attributes:
        roots: `[L]`, whose bill each is on.
    """

    env: Vectorized
    roots: NDArray[np.int32]
    inner: NDArray[Any]
    players: NDArray[np.int32]
    tokens: NDArray[np.int32]


@dataclass(slots=True)
class Glance:
    """Asks what the policy thinks at the end of streams of `[L, T]` tokens, which nobody read before.

    Attributes:
        roots: `[L]`, whose bill each is on.
    """

    roots: NDArray[np.int32]
    tokens: NDArray[np.int32]


WorldAsk = Advance | Behave | PlayOut | Disguise
Ask = Predict | Complete | WorldAsk
Plan = Generator[Ask, object, Decision]
JointPlan = Generator[StepAll | Glance, Any, list[Decision]]


class Search(Protocol):
    """A way of acting: a frozen dataclass of settings that, called, starts a plan."""

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns the plan that decides at `root`; all its randomness comes from `rng`."""
        ...


@runtime_checkable
class Joint(Protocol):
    """A search that can decide at many roots in step where the world is `Vectorized`: the same, in less time."""

    @property
    def num_simulations(self) -> int:
        """Simulations after the root: each takes at most one env step and one prediction."""
        ...

    @property
    def reuse(self) -> bool:
        """Whether it goes by what is known already; then it decides alone."""
        ...

    def together(self, roots: Sequence[Root], rngs: Sequence[np.random.Generator], prediction: Prediction) -> JointPlan:
        """Returns the plan that decides at all `roots`; `prediction` is what the policy thinks there."""
        ...


@runtime_checkable
class Needing(Protocol):
    """A search that goes by more than samples, and is refused a policy that lacks it."""

    @property
    def needs(self) -> frozenset[Gift]:
        """What the policy must give beside samples."""
        ...


def predict(streams: Sequence[Stream]) -> Generator[Ask, Any, Prediction]:
    """Asks for logits and value at the end of each stream; fewer rows where the budget ends."""
    prediction: Prediction = yield Predict(streams)
    return prediction


def complete(
    root: Root, count: int, sampling: Sampling, rng: np.random.Generator
) -> Generator[Ask, Any, Sequence[Completion]]:
    """Asks for `count` moves sampled at `root`; fewer where the budget ends."""
    seed = int(rng.integers(2**62))
    ask = Complete(root.env, root.state, root.stream, count, sampling, seed)
    completions: Sequence[Completion] = yield ask
    return completions


def advance(
    env: SequentialEnv[Any], states: Sequence[State[Any]], moves: Sequence[Move]
) -> Generator[Ask, Any, Sequence[State[Any]]]:
    """Asks for the state after each move; fewer where the budget ends."""
    after: Sequence[State[Any]] = yield Advance(env, states, moves)
    return after


def behave(env: SequentialEnv[Any], states: Sequence[State[Any]], seed: int) -> Generator[Ask, Any, Sequence[bytes]]:
    """Asks for a fingerprint a state; fewer where the budget ends."""
    marks: Sequence[bytes] = yield Behave(env, states, seed)
    return marks


def play_out(
    env: SequentialEnv[Any], states: Sequence[State[Any]], horizon: int, seed: int
) -> Generator[Ask, Any, Sequence[NDArray[np.float32]]]:
    """Asks for `[P]` returns a state; fewer where the budget ends.

    Each costs `horizon` env steps, however early it ends.
    """
    returns: Sequence[NDArray[np.float32]] = yield PlayOut(env, states, horizon, seed)
    return returns


def disguise(env: SequentialEnv[Any], state: State[Any], seed: int) -> Generator[Ask, Any, Mapping[str, State[Any]]]:
    """Asks for `state` by way, where its player is told to play so; costs what the world says (`Guided`)."""
    guises: Sequence[Mapping[str, State[Any]]] = yield Disguise(env, (state,), seed)
    return guises[0]

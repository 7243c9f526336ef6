"""One player's side of an episode: the one thing that flows from worlds and searches up to learning.

Shapes: `T` tokens, `A` of them actions, `V` tokens of the world's codec.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .types import SequentialEnv, State


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What one player read, wrote and earned.

    Attributes:
        codec: name of the codec its tokens belong to.
        tokens: `[T]` int32, everything read and written, in order.
        is_action: `[T]` bool, True where the player wrote the token.
        segment: `[T]` int32, which stream the token belongs to; grows by one at each restart.
        legal: `[A, V]` bool, what could have been written instead, or None where everything could.
        logprobs: `[A]` float32 of the acting policy, or None where nobody computed them.
        weights: `[A, V]` float32, a search's improved distribution, or None.
        values: `[A]` float32, the return that a search expected before the action, not a number where it did not say;
            or None.
        rewards: `[A]` float32, earned between this action and the next.
        copy_weight: how much imitation copies it; 0 for what teaches the value alone.
        source: who acted and where, for reports.
        metadata: JSON values: rating, strategy, correct or not...
    """

    codec: str
    tokens: NDArray[np.int32]
    is_action: NDArray[np.bool_]
    segment: NDArray[np.int32]
    rewards: NDArray[np.float32]
    legal: NDArray[np.bool_] | None = None
    logprobs: NDArray[np.float32] | None = None
    weights: NDArray[np.float32] | None = None
    values: NDArray[np.float32] | None = None
    copy_weight: float = 1.0
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        actions = int(self.is_action.sum())
        if not len(self.tokens) == len(self.is_action) == len(self.segment):
            raise ValueError(
                f"{len(self.tokens)} tokens, {len(self.is_action)} action flags, {len(self.segment)} segment numbers"
            )
        for name in ("rewards", "legal", "logprobs", "weights", "values"):
            column = getattr(self, name)
            if column is not None and len(column) != actions:
                raise ValueError(f"{actions} action tokens, {len(column)} {name}")
        if (np.diff(self.segment) < 0).any() or (len(self.segment) and self.segment[0] != 0):
            raise ValueError(f"segments start at 0 and never fall, found {self.segment.tolist()}")
        if self.copy_weight < 0:
            raise ValueError(f"copy_weight {self.copy_weight} is negative")

    @property
    def returns(self) -> float:
        """The sum of all rewards."""
        return float(self.rewards.sum())


class Recorder:
    """Writes down one player's side of an episode as it happens.

    A reward before the first action is nobody's doing and is dropped.
    """

    def __init__(self, env: SequentialEnv[Any], player: int, source: str = "") -> None:
        self._codec, self._player, self._source = env.codec.name, player, source
        self._tokens: list[int] = []
        self._is_action: list[bool] = []
        self._segment: list[int] = []
        self._legal: list[NDArray[np.bool_]] = []
        self._weights: list[NDArray[np.float32] | None] = []
        self._values: list[float | None] = []
        self._rewards: list[float] = []
        self._segments = 0

    def act(
        self, state: State[Any], token: int, weights: NDArray[np.float32] | None = None, value: float | None = None
    ) -> None:
        """Records that the player read `state` and picked `token`.

        Args:
            state: what it read.
            token: what it picked.
            weights: `[V]`, the improved distribution of the search that picked it, if one did.
            value: the return that this search expected from here, if it said.
        """
        if state.restart and self._tokens:
            self._segments += 1
        self._write(state.tokens.tolist(), False)
        self._write([token], True)
        self._legal.append(state.legal)
        self._weights.append(weights)
        self._values.append(value)
        self._rewards.append(0.0)

    def see(self, state: State[Any]) -> None:
        """Records what arriving at `state` earned the player."""
        if self._rewards:
            self._rewards[-1] += float(state.rewards[self._player])

    def trajectory(self, copy_weight: float = 1.0, metadata: Mapping[str, Any] | None = None) -> Trajectory:
        """Returns what was recorded so far."""
        legal = np.array(self._legal, dtype=np.bool_) if self._legal and not all(m.all() for m in self._legal) else None
        return Trajectory(
            codec=self._codec,
            tokens=np.array(self._tokens, dtype=np.int32),
            is_action=np.array(self._is_action, dtype=np.bool_),
            segment=np.array(self._segment, dtype=np.int32),
            rewards=np.array(self._rewards, dtype=np.float32),
            legal=legal,
            weights=self._improved(),
            values=None if all(value is None for value in self._values) else np.array(self._values, np.float32),
            copy_weight=copy_weight,
            source=self._source,
            metadata=metadata or {},
        )

    def _improved(self) -> NDArray[np.float32] | None:
        """Returns `[A, V]` weights, or None where nobody searched; a token nobody searched for is certain."""
        if all(weights is None for weights in self._weights):
            return None
        improved = np.zeros((len(self._weights), len(self._legal[0])), dtype=np.float32)
        actions = np.array(self._tokens)[self._is_action]
        for row, weights, token in zip(improved, self._weights, actions.tolist(), strict=True):
            if weights is None:
                row[token] = 1
            else:
                row[:] = weights
        return improved

    def _write(self, tokens: Sequence[int], is_action: bool) -> None:
        self._tokens += tokens
        self._is_action += [is_action] * len(tokens)
        self._segment += [self._segments] * len(tokens)


@runtime_checkable
class Symmetric(Protocol):
    """A world that stays the same when it is seen from another side."""

    def reflected(self, trajectory: Trajectory) -> Sequence[Trajectory]:
        """Returns what `trajectory` looks like from each of the other sides."""
        ...


def replay(env: SequentialEnv[Any], seed: int, moves: Sequence[Sequence[int]], source: str = "") -> list[Trajectory]:
    """Returns one trajectory a player of the episode in which `moves` are played from `seed`.

    Raises:
        ValueError: if a move is illegal or outlives the episode.
    """
    recorders = [Recorder(env, player, source) for player in range(env.num_players)]
    state = env.init(seed)
    for move in moves:
        for token in move:
            recorders[state.player].act(state, int(token))
            state = env.step(state, int(token))
            for recorder in recorders:
                recorder.see(state)
    return [recorder.trajectory() for recorder in recorders]

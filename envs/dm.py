"""The dm_env face: a world as one player's `dm_env.Environment`, a step a token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dm_env
import numpy as np
from dm_env import specs
from numpy.typing import NDArray

from .demonstrations import Expert
from .seat import Seat, View, padded
from .types import SequentialEnv


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a `DmEnv` remembers.

    Attributes:
        view: what the player has before it; None before the first reset.
        seed: of the next episode.
        draws: state of the generator that the opponents draw from.
    """

    view: View | None
    seed: int
    draws: Mapping[str, Any]


class DmEnv(dm_env.Environment):  # type: ignore[misc]
    """One player's side of a world; the other seats are played for it.

    An observation is the player's stream since it last began anew, `tokens` `[length]` int32 padded with -1 (where it
    is longer, its end), and `action_mask` `[V]` bool. An illegal action raises ValueError. The reward is what the
    player earned up to its next turn; the discount is 1 until the end, 0 there. Episodes are `seed`, `seed + 1` ...
    """

    def __init__(
        self,
        env: SequentialEnv[Any],
        opponents: Sequence[Expert] = (),
        player: int = 0,
        seed: int = 0,
        length: int = 256,
    ) -> None:
        self._seat = Seat(env, player, opponents)
        self._size, self._length = env.codec.size, length
        self._view: View | None = None
        self._seed = seed
        self._rng = np.random.default_rng(seed)

    def reset(self) -> dm_env.TimeStep:
        """Begins the next episode."""
        self._view = self._seat.begin(self._seed, self._rng)
        self._seed += 1
        return dm_env.restart(self._observation(self._view))

    def step(self, action: int) -> dm_env.TimeStep:
        """Plays one token; begins an episode where none is under way."""
        if self._view is None or self._view.state.terminal:
            return self.reset()
        self._view = self._seat.pick(self._view, int(action), self._rng)
        end = dm_env.termination if self._view.state.terminal else dm_env.transition
        return end(self._view.reward, self._observation(self._view))

    def observation_spec(self) -> dict[str, specs.Array]:
        """Returns the specs of `tokens` and `action_mask`."""
        return {
            "tokens": specs.BoundedArray((self._length,), np.int32, -1, self._size - 1, "tokens"),
            "action_mask": specs.BoundedArray((self._size,), np.bool_, False, True, "action_mask"),
        }

    def action_spec(self) -> specs.DiscreteArray:
        """Returns the spec of a token."""
        return specs.DiscreteArray(self._size, np.int32, "action")

    def snapshot(self) -> Snapshot:
        """Returns all there is to remember, good for any number of `restore`."""
        return Snapshot(self._view, self._seed, self._rng.bit_generator.state)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to where `snapshot` was taken; the opponents' draws repeat too."""
        self._view, self._seed = snapshot.view, snapshot.seed
        self._rng.bit_generator.state = snapshot.draws

    def _observation(self, view: View) -> dict[str, NDArray[Any]]:
        """Returns what `observation_spec` promises."""
        return {"tokens": padded(view.stream, self._length), "action_mask": view.state.legal.copy()}

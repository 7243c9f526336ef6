"""Many trees grown over a vectorized world: what `growth.py` does for one, in arrays for all of them.

Shapes: `B` roots, `L` leaves that a simulation adds, `V` tokens.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..envs.types import States, Vectorized
from .asks import PredictAll, Root, StepAll
from .forest import Forest
from .growth import Grown, check_players
from .known import Known
from .tree import Tree


@dataclass(frozen=True, slots=True)
class _Single:
    """One of the trees (`Grown`)."""

    tree: Tree
    known: Known | None = None

    def whole_move(self, node: int, token: int) -> list[int]:
        """Returns the move that begins with `token`: that is all of it."""
        return [token]


class Grove:
    """The searches at many roots of one world under way.

    Attributes:
        forest: their statistics.
    """

    def __init__(
        self, name: str, roots: Sequence[Root], num_simulations: int, discount: float, maximum: bool = False
    ) -> None:
        env = roots[0].env
        assert isinstance(env, Vectorized)
        check_players(name, env, maximum)
        self._env, self._roots = env, roots
        self.forest = Forest(len(roots), num_simulations + 1, env.most_legal, discount, maximum)
        first = env.gather([root.state for root in roots])
        self._inner = np.zeros((len(roots), num_simulations + 1, *first.shape[1:]), first.dtype)
        self._inner[:, 0] = first
        # The policy forgets what nobody holds.
        self._read: list[Sequence[Stream]] = []

    def plant(self, logits: NDArray[np.float32], values: NDArray[np.float32]) -> None:
        """Adds the roots. logits: `[B, V]`; values: `[B]`."""
        states = [root.state for root in self._roots]
        players = np.array([state.player for state in states], np.int32)
        legal = np.stack([state.legal for state in states])
        self.forest.expand(players, np.zeros(len(states), np.float32), legal, logits, values)

    def simulate(self) -> Generator[StepAll | PredictAll, Any, None]:
        """Tries the tokens at the forest's places and asks what they are worth."""
        forest = self.forest
        trees, nodes, tokens = forest.open()
        players: NDArray[np.int32] = forest.nodes["player"][trees, nodes]
        after: States = yield StepAll(self._env, trees, self._inner[trees, nodes], players, tokens)
        logits, values = yield from self._predict(trees, after)
        rewards = after.rewards[np.arange(len(trees)), players]
        added = forest.expand(after.players, rewards, after.legal, logits, values)
        self._inner[trees, added] = after.inner

    def grown(self, number: int) -> Grown:
        """Returns the tree of one root."""
        return _Single(self.forest.tree(number))

    def _predict(
        self, trees: NDArray[np.int32], after: States
    ) -> Generator[PredictAll, Any, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Returns `[L, V]` logits and `[L]` values, 0 where an episode ends."""
        going = np.flatnonzero(~after.terminal)
        if len(going) == 0:
            return np.zeros(after.legal.shape, np.float32), np.zeros(len(trees), np.float32)
        streams = [Stream(tokens) for tokens in after.tokens[going]]
        self._read.append(streams)
        prediction = yield PredictAll(trees[going], streams)
        if len(going) == len(trees):
            return prediction.logits, prediction.value
        logits, values = np.zeros(after.legal.shape, np.float32), np.zeros(len(trees), np.float32)
        logits[going], values[going] = prediction.logits, prediction.value
        return logits, values

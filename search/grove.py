"""Many trees grown over a vectorized world: what `growth.py` does for one, in arrays for all of them.

Shapes: `B` roots, `L` leaves that a simulation adds, `V` tokens.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ..agents.types import Prediction
from ..envs.types import States, Vectorized
from .asks import Glance, Root, StepAll
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
        first = env.gather([root.state for root in roots])
        self.forest = Forest(first, num_simulations + 1, env.most_legal, discount, maximum)

    def plant(self, logits: NDArray[np.float32], values: NDArray[np.float32]) -> None:
        """Adds the roots. logits: `[B, V]`; values: `[B]`."""
        states = [root.state for root in self._roots]
        players = np.array([state.player for state in states], np.int32)
        self.forest.plant(players, np.stack([state.legal for state in states]), logits, values)

    def simulate(self) -> Generator[StepAll | Glance, Any, None]:
        """Tries the tokens at the forest's places and asks what they are worth."""
        trees, before, players, tokens = self.forest.open()
        if len(trees) == 0:
            self.forest.back_up_ends()
            return
        after: States = yield StepAll(self._env, trees, before, players, tokens)
        prediction = yield from _going(trees, after)
        self.forest.expand(
            after.inner, after.players, after.rewards, after.legal, after.terminal, prediction.logits, prediction.value
        )

    def grown(self, number: int) -> Grown:
        """Returns the tree of one root."""
        return _Single(self.forest.tree(number))


def _going(trees: NDArray[np.int32], after: States) -> Generator[Glance, Any, Prediction]:
    """Returns what the policy thinks of those states at which an episode goes on."""
    going, tokens = np.empty_like(trees), np.empty_like(after.tokens)
    count = _keep_going(trees, after.tokens, after.terminal, going, tokens)
    if count == 0:
        return Prediction(np.zeros((0, after.legal.shape[1]), np.float32), np.zeros(0, np.float32))
    prediction: Prediction = yield Glance(going[:count], tokens[:count])
    return prediction


@numba.njit(cache=True, nogil=True)
def _keep_going(trees, tokens, over, going_trees, going_tokens):  # type: ignore[no-untyped-def]
    """Writes tree and observation of each state at which an episode is not `over`; returns how many there are."""
    row = 0
    for leaf in range(len(trees)):
        if not over[leaf]:
            going_trees[row] = trees[leaf]
            going_tokens[row] = tokens[leaf]
            row += 1
    return row

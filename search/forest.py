"""Many trees grown in step, a compiled call for all of them: for worlds and policies that are arrays themselves.

Each tree is what `tree.py` says, to the visit. A search that knows nothing of its neighbours is a plan (`puct.py`,
`gumbel.py`); this is for those who hold a whole batch of roots and answer for all of them at once.

Shapes: `B` trees, `N` nodes, `V` tokens.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernels, selection
from .tree import NODE, ROOT


class Forest:
    """The trees of as many decisions; each simulation is a `select_...` followed by an `expand`.

    Attributes:
        nodes: `[B, N]` of `NODE`.
        order: `[B, R]` float64, in which the `R` edges of the roots, those of legal tokens as they rise, are opened,
            the greatest first, and at least as many as a schedule considers; or `[B, 0]`: by prior.
        places: `[B, 2]` int32, the node and the edge where each walk ended; the edge is -1 at the end of an episode.

    Args:
        num_trees: how many decisions.
        num_nodes: the most one tree will hold.
        num_tokens: the most that are legal in one state.
        discount: of rewards one token later.
        maximum: True backs up the best return found, not the mean.
    """

    def __init__(
        self, num_trees: int, num_nodes: int, num_tokens: int, discount: float = 1.0, maximum: bool = False
    ) -> None:
        self._discount, self._maximum = discount, maximum
        self.nodes = np.zeros((num_trees, num_nodes), NODE)
        self.order = np.zeros((num_trees, 0), np.float64)
        self.places = np.full((num_trees, 2), ROOT, np.int32)
        self._tokens = np.zeros((num_trees, num_nodes * num_tokens), np.int32)
        self._priors = np.zeros((num_trees, num_nodes * num_tokens), np.float32)
        self._used = np.zeros((num_trees, 2), np.int32)
        self._rows = np.arange(num_trees)

    def select_puct(self, c1: float, c2: float) -> None:
        """Walks down every tree by PUCT."""
        selection.select_puct_all(self.nodes, self._priors, self.places, c1, c2)

    def select_gumbel(
        self, schedules: NDArray[np.int32], visit_offset: float, value_scale: float, rescale: bool
    ) -> None:
        """Walks down every tree as Gumbel does. schedules: `[B, N - 1]`, see `halving.due_visits`."""
        selection.select_gumbel_all(
            self.nodes, self._priors, self.order, schedules, self.places, visit_offset, value_scale, rescale
        )

    def tokens(self) -> NDArray[np.int32]:
        """Returns `[B]` int32, the token to try in each tree; of no meaning where an episode ended."""
        tokens: NDArray[np.int32] = self._tokens[self._rows, self.places[:, 1]]
        return tokens

    def expand(
        self,
        players: NDArray[np.int32],
        rewards: NDArray[np.float32],
        legal: NDArray[np.bool_],
        logits: NDArray[np.float32],
        values: NDArray[np.float32],
    ) -> None:
        """Adds a node to every tree, the root where there is none; backs up nothing more where an episode ended.

        Args:
            players: `[B]`, who picks there.
            rewards: `[B]`, earned by the *parent's* player on the way.
            legal: `[B, V]`, none where the episode is over.
            logits: `[B, V]`, of which the prior is the softmax over what is legal.
            values: `[B]`, the return expected from there, for that player.
        """
        kernels.expand_all(
            self.nodes, self._tokens, self._priors, self.order, self._used, self.places, players, rewards, legal,
            logits, values, self._discount, self._maximum,
        )  # fmt: skip

    def visits(self, num_tokens: int) -> NDArray[np.int32]:
        """Returns `[B, num_tokens]` int32, how often each token was taken at the roots."""
        visits = np.zeros((len(self.nodes), num_tokens), np.int32)
        below = (self.nodes["parent"] == 0) & (np.arange(self.nodes.shape[1]) < self._used[:, :1])
        trees, nodes = np.nonzero(below)
        found = self.nodes[trees, nodes]
        visits[trees, self._tokens[trees, found["edge"]]] = found["visits"]
        return visits

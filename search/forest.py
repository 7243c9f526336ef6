"""Many trees grown in step, a compiled call for all of them: for worlds and policies that are arrays themselves.

Each tree is what `tree.py` says, to the visit. `grove.py` searches with it.

Shapes: `B` trees, `N` nodes, `V` tokens; `M` walks down, one a tree or several, of which `L` end at an open edge.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernels, selection
from .tree import NODE, ROOT, Tree


class Forest:
    """The trees of as many decisions; each simulation is a `select_...` followed by an `expand`.

    Attributes:
        nodes: `[B, N]` of `NODE`.
        order: `[B, R]` float64, in which the edges of the roots, those of legal tokens as they rise, are opened, the
            greatest first; `R` edges or more. Or `[B, 0]`: by prior.
        trees: `[M]` int32, in which tree each walk went.
        places: `[M, 2]` int32, the node and the edge where each walk ended; the edge is -1 at the end of an episode.

    Args:
        num_trees: how many decisions.
        num_nodes: the most one tree will hold.
        most_legal: the most tokens that are legal in one state.
        discount: of rewards one token later.
        maximum: True backs up the best return found, not the mean.
    """

    def __init__(
        self, num_trees: int, num_nodes: int, most_legal: int, discount: float = 1.0, maximum: bool = False
    ) -> None:
        self._discount, self._maximum = discount, maximum
        self.nodes = np.zeros((num_trees, num_nodes), NODE)
        self.order = np.zeros((num_trees, 0), np.float64)
        self.trees = self._each = np.arange(num_trees, dtype=np.int32)
        self.places = self._one_each = np.full((num_trees, 2), ROOT, np.int32)
        self._tokens = np.zeros((num_trees, num_nodes * most_legal), np.int32)
        self._priors = np.zeros((num_trees, num_nodes * most_legal), np.float32)
        self._used = np.zeros((num_trees, 2), np.int32)

    def select_puct(self, c1: float, c2: float) -> None:
        """Walks down every tree by PUCT."""
        self.trees, self.places = self._each, self._one_each
        selection.select_puct_all(self.nodes, self._priors, self.places, c1, c2)

    def select_gumbel(
        self, schedules: NDArray[np.int32], visit_offset: float, value_scale: float, rescale: bool
    ) -> None:
        """Walks down every tree as Gumbel does. schedules: `[B, N - 1]`, see `halving.due_visits`."""
        self.trees, self.places = self._each, self._one_each
        selection.select_gumbel_all(
            self.nodes, self._priors, self.order, schedules, self.places, visit_offset, value_scale, rescale
        )

    def select_rounds(
        self,
        counts: NDArray[np.int32],
        due: NDArray[np.int32],
        visit_offset: float,
        value_scale: float,
        rescale: bool,
    ) -> None:
        """Walks down each tree from the best `counts` `[B]` edges of its root that were taken `due` `[B]` times."""
        most = int(counts.sum())
        trees, places = np.zeros(most, np.int32), np.zeros((most, 2), np.int32)
        found = selection.select_rounds_all(
            self.nodes, self._priors, self.order, counts, due, trees, places, visit_offset, value_scale, rescale
        )
        self.trees, self.places = trees[:found], places[:found]

    def open(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Returns `[L]` int32 each: the trees of the walks that ended at an open edge, their nodes, and the tokens."""
        trees, (nodes, edges) = self.trees, self.places.T
        if edges.min(initial=0) < 0:
            live = edges >= 0
            trees, nodes, edges = trees[live], nodes[live], edges[live]
        tokens: NDArray[np.int32] = self._tokens[trees, edges]
        return trees, nodes, tokens

    def expand(
        self,
        players: NDArray[np.int32],
        rewards: NDArray[np.float32],
        legal: NDArray[np.bool_],
        logits: NDArray[np.float32],
        values: NDArray[np.float32],
    ) -> NDArray[np.int32]:
        """Adds a node at every open edge, the root where there is none; returns `[L]` int32, their numbers.

        Elsewhere backs up that nothing more is earned. In a tree of several walks these come first, then nodes at which
        an episode ends, then the others, as `Growth` adds them.

        Args:
            players: `[L]`, who picks there.
            rewards: `[L]`, earned by the *parent's* player on the way.
            legal: `[L, V]`, none where the episode is over.
            logits: `[L, V]`, of which the prior is the softmax over what is legal.
            values: `[L]`, the return expected from there, for that player.
        """
        added = np.zeros(len(players), np.int32)
        kernels.expand_all(
            self.nodes, self._tokens, self._priors, self.order, self._used, self.trees, self.places, added, players,
            rewards, legal, logits, values, self._discount, self._maximum,
        )  # fmt: skip
        return added

    def tree(self, number: int) -> Tree:
        """Returns one of the trees, to be read."""
        nodes = self.nodes[number]
        order = self.order[number, : nodes["num_edges"][0]]
        return Tree.over(nodes, self._tokens[number], self._priors[number], order, self._used[number])

    def visits(self, num_tokens: int) -> NDArray[np.int32]:
        """Returns `[B, num_tokens]` int32, how often each token was taken at the roots."""
        visits = np.zeros((len(self.nodes), num_tokens), np.int32)
        below = (self.nodes["parent"] == 0) & (np.arange(self.nodes.shape[1]) < self._used[:, :1])
        trees, nodes = np.nonzero(below)
        found = self.nodes[trees, nodes]
        visits[trees, self._tokens[trees, found["edge"]]] = found["visits"]
        return visits

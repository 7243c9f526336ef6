"""Many trees grown in step, a compiled call for all of them: for worlds and policies that are arrays themselves.

Each tree is what `tree.py` says, to the visit. `grove.py` searches with it.

Shapes: `B` trees, `N` nodes, `V` tokens, `P` players, embeddings of `K` numbers; `M` walks down, one a tree or several;
`L` of them end at an open edge.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import kernels, selection
from .tree import NODE, ROOT, Tree


class Leaves(NamedTuple):
    """Places to be opened.

    Attributes:
        trees: `[L]` int32, in which tree.
        embeddings: `[L, K]`, of the node above.
        players: `[L]` int32, who picks there.
        tokens: `[L]` int32, which one.
    """

    trees: NDArray[np.int32]
    embeddings: NDArray[Any]
    players: NDArray[np.int32]
    tokens: NDArray[np.int32]


class Forest:
    """The trees of as many decisions; each simulation is a `select_...`, `open`, and an `expand`.

    Attributes:
        nodes: `[B, N]` of `NODE`.
        order: `[B, R]` float64, in which the edges of the roots, those of legal tokens as they rise, are opened, the
            greatest first; `R` is at least as many as any root has. Or `[B, 0]`: by prior.
        trees: `[M]` int32, in which tree each walk went.
        places: `[M, 2]` int32, the node and the edge where each walk ended; the edge is -1 at the end of an episode.

    Args:
        embeddings: `[B, K]`, what a world or a model remembers of the roots; all nodes have as much.
        num_nodes: the most one tree will hold.
        most_legal: the most tokens that are legal in one state.
        discount: of rewards one token later.
        maximum: True backs up the best return found, not the mean.
    """

    def __init__(
        self, embeddings: NDArray[Any], num_nodes: int, most_legal: int, discount: float = 1.0, maximum: bool = False
    ) -> None:
        num_trees, size = embeddings.shape
        self._most_legal = most_legal
        self._discount, self._maximum = discount, maximum
        self.nodes = np.zeros((num_trees, num_nodes), NODE)
        self.order = np.zeros((num_trees, 0), np.float64)
        self.trees = self._each = np.arange(num_trees, dtype=np.int32)
        self.places = self._one_each = np.full((num_trees, 2), ROOT, np.int32)
        self._tokens = np.zeros((num_trees, num_nodes * most_legal), np.int32)
        self._priors = np.zeros((num_trees, num_nodes * most_legal), np.float32)
        self._embeddings = np.empty((num_trees, num_nodes, size), embeddings.dtype)
        self._roots = embeddings
        self._used = np.zeros((num_trees, 2), np.int32)
        self._several = False

    def select_puct(self, c1: float, c2: float) -> None:
        """Walks down every tree by PUCT."""
        self.trees, self.places, self._several = self._each, self._one_each, False
        selection.select_puct_all(self.nodes, self._priors, self.places, c1, c2)

    def select_gumbel(
        self, schedules: NDArray[np.int32], visit_offset: float, value_scale: float, rescale: bool
    ) -> None:
        """Walks down every tree as Gumbel does. schedules: `[B, N - 1]`, see `halving.due_visits`."""
        self.trees, self.places, self._several = self._each, self._one_each, False
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
        self.trees, self.places, self._several = trees[:found], places[:found], bool(counts.max(initial=0) > 1)

    def open(self) -> Leaves:
        """Returns where the walks are that ended at an open edge."""
        count = len(self.trees)
        trees, players, tokens = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
        above = np.empty((count, self._embeddings.shape[2]), self._embeddings.dtype)
        found = kernels.open_all(
            self.nodes, self._tokens, self._embeddings, self.trees, self.places, trees, above, players, tokens
        )
        return Leaves(trees[:found], above[:found], players[:found], tokens[:found])

    def plant(
        self,
        players: NDArray[np.int32],
        legal: NDArray[np.bool_],
        logits: NDArray[np.float32],
        values: NDArray[np.float32],
    ) -> None:
        """Adds the roots; see `expand`."""
        rewards, over = np.zeros((len(players), 1), np.float32), np.zeros(len(players), np.bool_)
        self.expand(self._roots, players, rewards, legal, over, logits, values)

    def expand(
        self,
        embeddings: NDArray[Any],
        players: NDArray[np.int32],
        rewards: NDArray[np.float32],
        legal: NDArray[np.bool_],
        over: NDArray[np.bool_],
        logits: NDArray[np.float32],
        values: NDArray[np.float32],
    ) -> None:
        """Adds a node at every open edge; elsewhere backs up that nothing more is earned.

        Where a tree has several walks, those that ended with an episode come first, then nodes at which one ends, then
        the others, as `Growth` adds them.

        Args:
            embeddings: `[L, K]`, what is remembered there.
            players: `[L]`, who picks there.
            rewards: `[L, P]`, earned on the way.
            legal: `[L, V]`, none where the episode is over.
            over: `[L]`, whether it is.
            logits: `[G, V]`, of those that go on, in their order; the prior is the softmax over what is legal.
            values: `[G]`, the return expected from there, for that player.

        Raises:
            ValueError: if more tokens are legal than there is room for.
        """
        opened = kernels.expand_all(
            self.nodes, self._tokens, self._priors, self._embeddings, self.order, self._used, self.trees, self.places,
            self._several, self._most_legal, players, rewards, legal, over, embeddings, logits, values, self._discount,
            self._maximum,
        )  # fmt: skip
        if opened < 0:
            raise ValueError(f"{-opened} tokens are legal in one state, most_legal is {self._most_legal}: raise it")

    def back_up_ends(self) -> None:
        """Backs up that nothing more is earned where a walk ended with an episode: for when no edge is open."""
        kernels.backup_ends(self.nodes, self.trees, self.places, self._discount, self._maximum)

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

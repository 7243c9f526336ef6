"""A search tree as flat arrays; each simulation is a `select_...` followed by an `expand` or a `backup`.

Node 0 is the root. A node's edges lie side by side, one for each legal token, in the order of tokens; those that were
taken are listed a second time as the children of their node, so that a walk down reads only these and the best of the
others. Values of a node are its player's; one or two players, of which two play for opposite rewards.

Shapes: `N` nodes, `E` edges, `R` edges of the root, `V` tokens.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import kernels, selection

NODE = np.dtype(
    [
        ("q", np.float64),  # mean return of coming here, for the parent's player
        ("prior", np.float64),
        ("weight", np.float64),  # kernels' scratch
        ("visits", np.int32),  # backups through here, its own evaluation included
        ("sibling", np.int32),  # the parent's next child, -1 after the last
        ("edge", np.int32),  # the parent's edge that leads here
        ("child", np.int32),  # the child that was added last, -1 where there is none
        ("value", np.float64),  # mean return from here
        ("raw_value", np.float64),  # what the policy expected
        ("reward", np.float64),  # earned by the parent's player on the way
        ("rest", np.float64),  # prior of all edges together that nobody took
        ("best", np.int32),  # the edge to open next, -1 where all were taken
        ("parent", np.int32),
        ("first_edge", np.int32),
        ("num_edges", np.int32),
        ("player", np.int32),
    ],
    align=True,
)

Place = tuple[int, int]
"""A node, and the edge to open there; -1 where the episode ended."""


@dataclass(frozen=True, slots=True)
class Children:
    """What is known of the root's edges.

    Attributes:
        tokens: `[R]` int32, rising.
        prior: `[R]` float64.
        visits: `[R]` int32.
        q: `[R]` float64, for the root's player; 0 where not visited.
        nodes: `[R]` int32, -1 where not visited.
    """

    tokens: NDArray[np.int32]
    prior: NDArray[np.float64]
    visits: NDArray[np.int32]
    q: NDArray[np.float64]
    nodes: NDArray[np.int32]


class Tree:
    """The tree of one decision.

    Attributes:
        nodes: `[N]` of `NODE`.
        tokens: `[E]` int32.
        order: `[R]` float64, the order in which the root's edges are opened; without it by prior.

    Args:
        num_nodes: the most it will hold.
        discount: of rewards one token later.
        maximum: True backs up the best return found, not the mean; for one player in a world without chance.
    """

    def __init__(self, num_nodes: int, discount: float, maximum: bool = False) -> None:
        self._discount, self._maximum = discount, maximum
        self.nodes = np.zeros(num_nodes, NODE)
        self.tokens = np.zeros(num_nodes * 8, np.int32)
        self.order = np.zeros(0, np.float64)
        self._priors = np.zeros(num_nodes * 8, np.float32)
        self._used = np.zeros(2, np.int32)
        self._room = len(self.tokens)

    @classmethod
    def over(
        cls,
        nodes: NDArray[Any],
        tokens: NDArray[np.int32],
        priors: NDArray[np.float32],
        order: NDArray[np.float64],
        used: NDArray[np.int32],
    ) -> "Tree":
        """Returns the tree that arrays hold which somebody else grew (`forest.py`), to be read."""
        tree = cls.__new__(cls)
        tree.nodes, tree.tokens, tree.order, tree._priors, tree._used = nodes, tokens, order, priors, used
        return tree

    def expand(
        self,
        place: Place,
        player: int,
        reward: float,
        legal: NDArray[np.bool_],
        logits: NDArray[np.float32],
        value: float,
    ) -> None:
        """Adds the node that a place leads to and backs its value up.

        Args:
            place: from a `select_...`; `ROOT` for the root.
            player: who picks there.
            reward: earned by the *parent's* player on the way.
            legal: `[V]`, none where the episode is over.
            logits: `[V]`, of which the prior is the softmax over what is legal.
            value: the return expected from there, for `player`.
        """
        while len(legal) > self._room:
            self._grow()
        self._room -= kernels.expand(
            self.nodes, self.tokens, self._priors, self.order, self._used, *place, player, reward, legal, logits,
            value, self._discount, self._maximum,
        )  # fmt: skip

    def open(self, node: int, logits: NDArray[np.float32]) -> None:
        """Gives a node that was added with nothing legal edges, one for each of `logits [C]`; tokens number them."""
        while len(logits) > self._room:
            self._grow()
        legal = np.ones(len(logits), np.bool_)
        self._room -= kernels.open_node(self.nodes, self.tokens, self._priors, self._used, node, legal, logits)

    def backup(self, node: int, value: float) -> None:
        """Takes `value`, a return from `node` for its player, up to the root."""
        kernels.backup(self.nodes, node, value, self._discount, self._maximum)

    def select_puct(self, c1: float, c2: float) -> Place:
        """Walks down by PUCT to where a node is to be added, or to the end of an episode."""
        place: Place = selection.select_puct(self.nodes, self._priors, c1, c2)
        return place

    def select_p_ucb(self, c: float, c_base: float) -> Place:
        """Walks down by P-UCB, in which what nobody tried is worth 0; see `pgtd.py`."""
        place: Place = selection.select_p_ucb(self.nodes, self._priors, c, c_base)
        return place

    def select_gumbel(
        self, schedule: NDArray[np.int32], visit_offset: float, value_scale: float, rescale: bool
    ) -> Place:
        """Walks down as Gumbel does. schedule: see `halving.due_visits`; the rest: see `Gumbel`."""
        place: Place = selection.select_gumbel(
            self.nodes, self._priors, self.order, schedule, visit_offset, value_scale, rescale
        )
        return place

    def select_round(self, count: int, due: int, visit_offset: float, value_scale: float, rescale: bool) -> list[Place]:
        """Walks down from the best `count` edges of the root that were taken `due` times, the best first."""
        places = np.full((count, 2), -1, np.int32)
        found = selection.select_round(
            self.nodes, self._priors, self.order, places, due, visit_offset, value_scale, rescale
        )
        return [(node, edge) for node, edge in places[:found].tolist()]

    def scaled_q(self, visit_offset: float, value_scale: float, rescale: bool) -> NDArray[np.float64]:
        """Returns `[R]` what Gumbel adds to the root's logits: Q, completed where not visited, and scaled."""
        q = np.zeros(int(self.nodes["num_edges"][0]))
        selection.scaled_q(self.nodes, q, visit_offset, value_scale, rescale)
        return q

    def num_nodes(self) -> int:
        """Returns how many nodes are in use."""
        return int(self._used[0])

    def children(self, node: int = 0) -> Children:
        """Returns what is known of the edges of `node`, the root's unless told."""
        count = int(self.nodes["num_edges"][node])
        tokens, visits, nodes = np.empty((3, count), np.int32)
        prior, q = np.empty((2, count), np.float64)
        kernels.list_children(self.nodes, self.tokens, self._priors, node, tokens, prior, visits, q, nodes)
        return Children(tokens, prior, visits, q, nodes)

    def _grow(self) -> None:
        self.tokens = np.concatenate([self.tokens, np.zeros_like(self.tokens)])
        self._priors = np.concatenate([self._priors, np.zeros_like(self._priors)])
        self._room = len(self.tokens) - int(self._used[1])


ROOT: Place = (-1, -1)
"""Where the root is added."""

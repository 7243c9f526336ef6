"""A search tree as flat arrays: statistics, selection by PUCT and backup, compiled by numba.

Node 0 is the root; a node's edges lie side by side, one for each legal token. Values of a node are its player's.
The score follows mctx (DeepMind, https://github.com/google-deepmind/mctx): Q min-max normalised over the node's value
and its visited children, plus prior x sqrt(N) / (1 + n) x (c1 + log((N + c2 + 1) / c2)) of MuZero, appendix B.

Shapes: `N` nodes, `E` edges, `D` steps of a path.
"""

import numba
import numpy as np
from numpy.typing import NDArray

_MAX_DEPTH = 512


class Tree:
    """The tree of one decision; each simulation is a `select` followed by an `expand` or a `backup`.

    Attributes:
        visits: `[N]` int32, how often each node was backed up through; the root's counts its own evaluation.
        values: `[N]` float64, mean return from each node, for its player.
        token: `[E]` int32; prior: `[E]` float32; child: `[E]` int32, -1 where not expanded.
        first_edge, num_edges: `[N]` int32.
    """

    def __init__(self, num_nodes: int, discount: float, c1: float, c2: float) -> None:
        self._discount, self._c1, self._c2 = discount, c1, c2
        self.visits = np.zeros(num_nodes, np.int32)
        self.values = np.zeros(num_nodes, np.float64)
        self.rewards = np.zeros(num_nodes, np.float64)
        self.players = np.zeros(num_nodes, np.int32)
        self.first_edge = np.zeros(num_nodes, np.int32)
        self.num_edges = np.zeros(num_nodes, np.int32)
        self.token = np.zeros(num_nodes * 8, np.int32)
        self.prior = np.zeros(num_nodes * 8, np.float32)
        self.child = np.full(num_nodes * 8, -1, np.int32)
        self._path = np.zeros(_MAX_DEPTH, np.int32)
        self._at = np.array([0, -1, 0, 0], np.int32)
        """Steps of the path, the edge to expand, nodes and edges in use."""
        self._room = len(self.token)

    def select(self) -> tuple[int, int]:
        """Walks from the root to the first missing child, or to a node without edges.

        Returns:
            The node where the walk ended and the edge to expand, -1 at the end of an episode.
        """
        place: tuple[int, int] = _select(
            self.visits, self.values, self.rewards, self.players, self.first_edge, self.num_edges,
            self.prior, self.child, self._path, self._at, self._discount, self._c1, self._c2,
        )  # fmt: skip
        return place

    def expand(
        self, player: int, reward: float, legal: NDArray[np.bool_], logits: NDArray[np.float32], value: float
    ) -> None:
        """Adds a node where `select` ended, the root where there is none, and backs its value up.

        Args:
            player: who picks there.
            reward: earned by the *parent's* player on the way.
            legal: `[V]`, none where the episode is over.
            logits: `[V]`, of which the prior is the softmax over what is legal.
            value: the return expected from there, for `player`.
        """
        while len(legal) > self._room:
            self._grow()
        num_edges: int = _expand(
            self.visits, self.values, self.rewards, self.players, self.first_edge, self.num_edges, self.token,
            self.prior, self.child, self._path, self._at, player, reward, legal, logits, value, self._discount,
        )  # fmt: skip
        self._room -= num_edges

    def backup(self, value: float) -> None:
        """Averages `value`, the return from the path's last node for its player, into every node of the path."""
        _backup(self._path, self._at, self.visits, self.values, self.rewards, self.players, value, self._discount)

    def children(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """Returns the root's tokens, their visits and their Q for the root's player (0 where not visited)."""
        edges = slice(0, int(self.num_edges[0]))
        child = self.child[edges]
        visits = np.where(child >= 0, self.visits[child], 0).astype(np.int32)
        sign = np.where(self.players[child] == self.players[0], 1.0, -1.0)
        q = np.where(child >= 0, self.rewards[child] + self._discount * sign * self.values[child], 0.0)
        return self.token[edges], visits, q

    def _grow(self) -> None:
        self.token = np.concatenate([self.token, np.zeros_like(self.token)])
        self.prior = np.concatenate([self.prior, np.zeros_like(self.prior)])
        self.child = np.concatenate([self.child, np.full_like(self.child, -1)])
        self._room = len(self.token) - int(self._at[3])


@numba.njit(cache=True, nogil=True)
def _select(visits, values, rewards, players, first_edge, num_edges, prior, child, path, at, discount, c1, c2):  # type: ignore[no-untyped-def]
    node, depth = 0, 1
    path[0] = 0
    while True:
        if num_edges[node] == 0 or depth >= len(path):
            at[0], at[1] = depth, -1
            return node, -1
        best = _best_edge(node, visits, values, rewards, players, first_edge, num_edges, prior, child, discount, c1, c2)
        if child[best] < 0:
            at[0], at[1] = depth, best
            return node, best
        node = child[best]
        path[depth] = node
        depth += 1


@numba.njit(cache=True, nogil=True)
def _best_edge(node, visits, values, rewards, players, first_edge, num_edges, prior, child, discount, c1, c2):  # type: ignore[no-untyped-def]
    first, last = first_edge[node], first_edge[node] + num_edges[node]
    low = high = values[node]
    for e in range(first, last):
        c = child[e]
        if c >= 0:
            sign = 1.0 if players[c] == players[node] else -1.0
            q = rewards[c] + discount * sign * values[c]
            low, high = min(low, q), max(high, q)
    span = max(high - low, 1e-8)
    n = visits[node]
    explore = np.sqrt(n) * (c1 + np.log((n + c2 + 1.0) / c2))
    best, best_score = first, -np.inf
    for e in range(first, last):
        c = child[e]
        score, count = 0.0, 0
        if c >= 0:
            sign = 1.0 if players[c] == players[node] else -1.0
            score = (rewards[c] + discount * sign * values[c] - low) / span
            count = visits[c]
        score += prior[e] * explore / (1.0 + count)
        if score > best_score:
            best, best_score = e, score
    return best


@numba.njit(cache=True, nogil=True)
def _backup(path, at, visits, values, rewards, players, value, discount):  # type: ignore[no-untyped-def]
    for i in range(at[0] - 1, -1, -1):
        node = path[i]
        visits[node] += 1
        values[node] += (value - values[node]) / visits[node]
        if i > 0:
            sign = 1.0 if players[node] == players[path[i - 1]] else -1.0
            value = rewards[node] + discount * sign * value


@numba.njit(cache=True, nogil=True)
def _expand(  # type: ignore[no-untyped-def]
    visits, values, rewards, players, first_edge, num_edges, token, prior, child, path, at, player, reward, legal,
    logits, value, discount,
):  # fmt: skip
    depth, edge, node, first = at
    highest = -np.inf
    last = first
    for v in range(len(legal)):
        if legal[v]:
            token[last] = v
            highest = max(highest, logits[v])
            last += 1
    total = 0.0
    for e in range(first, last):
        prior[e] = np.exp(logits[token[e]] - highest)
        total += prior[e]
    for e in range(first, last):
        prior[e] /= total
    players[node], rewards[node], first_edge[node], num_edges[node] = player, reward, first, last - first
    if edge >= 0:
        child[edge] = node
    path[depth] = node
    at[0], at[1], at[2], at[3] = depth + 1, -1, node + 1, last
    _backup(path, at, visits, values, rewards, players, value, discount)
    return last - first

"""PUCT: Monte-Carlo tree search guided by the policy's prior and value.

Silver et al., Mastering the game of Go without human knowledge (2017) and A general reinforcement learning algorithm
(AlphaZero, 2018), https://doi.org/10.1126/science.aar6404; the exploration constants are those of MuZero (2020).
Each node is one token. One or two players; two are taken to play for opposite rewards.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..agents.stream import Stream
from ..envs.types import State, ends_move
from .asks import Ask, Decision, Plan, Root, advance, predict
from .budget import BudgetSpent
from .moves import ranked, unthinking
from .tree import Tree

Streams = Mapping[int, Stream]


@dataclass(frozen=True, slots=True)
class Puct:
    """Searches a tree of the model world.

    Attributes:
        num_simulations: leaves to try after the root; the budget may end it earlier.
        c1: weight of the prior (pb_c_init).
        c2: visits after which exploration grows (pb_c_base).
        discount: of rewards one token later.
        noise_fraction: share of Dirichlet noise in the root's prior; 0 for evaluation.
        noise_alpha: concentration of that noise.
    """

    num_simulations: int = 64
    c1: float = 1.25
    c2: float = 19652.0
    discount: float = 1.0
    noise_fraction: float = 0.0
    noise_alpha: float = 0.3

    def __post_init__(self) -> None:
        if self.num_simulations < 0 or self.noise_alpha <= 0 or not 0 <= self.noise_fraction <= 1:
            raise ValueError(
                "num_simulations >= 0, noise_alpha > 0 and noise_fraction in [0, 1] wanted, "
                f"got {self.num_simulations}, {self.noise_alpha} and {self.noise_fraction}"
            )

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that grows a tree and hands in moves by visits."""
        if root.env.num_players > 2:
            raise ValueError(
                f"puct plays with one or two players, {type(root.env).__name__} has {root.env.num_players}"
            )
        tree = Tree(self.num_simulations + 1, self.discount, self.c1, self.c2)
        try:
            prediction = yield from predict([root.stream])
        except BudgetSpent:
            return Decision(moves=(unthinking(root),))
        tree.expand(root.state.player, 0.0, root.state.legal, prediction.logits[0], float(prediction.value[0]))
        if self.noise_fraction:
            prior = tree.prior[: tree.num_edges[0]]
            prior += self.noise_fraction * (rng.dirichlet([self.noise_alpha] * len(prior)) - prior)
        nodes: list[tuple[State[Any], Streams]] = [(root.state, {root.state.player: root.stream})]
        try:
            for _ in range(self.num_simulations):
                yield from self._simulate(root, tree, nodes)
        except BudgetSpent:
            pass
        return _decide(root, tree, nodes)

    def _simulate(self, root: Root, tree: Tree, nodes: list[tuple[State[Any], Streams]]) -> Generator[Ask, Any, None]:
        parent, edge = tree.select()
        state, streams = nodes[parent]
        if edge < 0:
            # The episode ends here, or the path is as long as the tree can follow.
            tree.backup(0.0 if state.terminal else float(tree.values[parent]))
            return
        token = int(tree.token[edge])
        (after,) = yield from advance(root.env, [state], [(token,)])
        logits, value, following = _NO_LOGITS, 0.0, streams
        if not after.terminal:
            following = _read_on(state, streams, token, after)
            prediction = yield from predict([following[after.player]])
            logits, value = prediction.logits[0], float(prediction.value[0])
        tree.expand(after.player, float(after.rewards[state.player]), after.legal, logits, value)
        nodes.append((after, following))


# Nobody looks for a prior where nothing is legal.
_NO_LOGITS = np.zeros(0, np.float32)


def _read_on(state: State[Any], streams: Streams, token: int, after: State[Any]) -> Streams:
    """Returns each player's stream after `state.player` wrote `token` and `after.player` read what came."""
    following = {**streams, state.player: streams[state.player].then([token])}
    if after.restart:
        following[after.player] = Stream(after.tokens)
    elif after.player in following:
        following[after.player] = following[after.player].then(after.tokens)
    else:
        raise ValueError(
            f"puct cannot tell what player {after.player} has read: let its observations restart the stream "
            "(State.restart), or choose a search that plays no opponent"
        )
    return following


def _decide(root: Root, tree: Tree, nodes: list[tuple[State[Any], Streams]]) -> Decision:
    """Ranks the root's tokens by visits, then Q, and completes each to a whole move along the most visited path."""
    tokens, visits, q = tree.children()
    edges = np.lexsort((tokens, -tree.prior[: len(tokens)], -q, -visits))
    weights = np.zeros(len(root.state.legal), np.float32)
    weights[tokens] = visits / max(1, visits.sum())
    best = [e for e in edges.tolist() if visits[e]] or edges.tolist()[:1]
    return Decision(
        moves=ranked(root, (_whole_move(root, tree, nodes, e) for e in best)),
        weights=weights,
        value=float(tree.values[0]),
        trace={
            "simulations": int(tree.visits[0]) - 1,
            "tokens": tokens.tolist(),
            "visits": visits.tolist(),
            "q": [round(x, 4) for x in q.tolist()],
            "prior": [round(x, 4) for x in tree.prior[: len(tokens)].tolist()],
        },
    )


def _whole_move(root: Root, tree: Tree, nodes: list[tuple[State[Any], Streams]], edge: int) -> list[int]:
    """Returns the move that begins with `edge`: the most visited token while the tree lasts, then the lowest legal."""
    state, move = root.state, []
    while True:
        token = int(tree.token[edge]) if edge >= 0 else int(np.argmax(state.legal))
        node = int(tree.child[edge]) if edge >= 0 else -1
        before = state
        state = nodes[node][0] if node >= 0 else root.env.step(state, token)
        move.append(token)
        if ends_move(before, state):
            return move
        edge = _most_visited(tree, node) if node >= 0 else -1


def _most_visited(tree: Tree, node: int) -> int:
    first = int(tree.first_edge[node])
    edges = range(first, first + int(tree.num_edges[node]))
    return max(edges, key=lambda e: (tree.visits[tree.child[e]] if tree.child[e] >= 0 else 0, tree.prior[e]))

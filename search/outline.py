"""What is left of a tree for people to look at: its most visited part, as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .tree import Children, Tree

Moves = Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Outline:
    """How much of a tree to keep.

    Attributes:
        depth: tokens below the root.
        width: children of a node, the most visited.
    """

    depth: int = 8
    width: int = 8

    def __post_init__(self) -> None:
        if min(self.depth, self.width) < 1:
            raise ValueError(f"depth and width of at least 1 wanted, got {self.depth} and {self.width}")

    def of(self, tree: Tree, moves: Moves = ()) -> list[dict[str, Any]]:
        """Returns the root's children, the most visited first, each with its own below it.

        A node is its `token`, `visits`, `q` for who picked it, `prior`, its `children`, and the number of visited ones
        among these that were left out, `more`. Where an edge is a whole move, its node says `move` in place of `token`.

        Args:
            tree: is left as it is.
            moves: what the edges of every node stand for where they are whole moves, numbered by their tokens.
        """
        return self._below(tree, moves, 0, self.depth)

    def _below(self, tree: Tree, moves: Moves, node: int, depth: int) -> list[dict[str, Any]]:
        children = tree.children(node)
        order = [e for e in np.lexsort((-children.prior, -children.visits)) if children.visits[e]]
        return [self._node(tree, moves, int(children.nodes[e]), depth) for e in order[: self.width]]

    def _node(self, tree: Tree, moves: Moves, node: int, depth: int) -> dict[str, Any]:
        found, below = tree.nodes[node], int(np.count_nonzero(tree.nodes["parent"][1 : tree.num_nodes()] == node))
        children = self._below(tree, moves, node, depth - 1) if depth > 1 else []
        token = int(tree.tokens[found["edge"]])
        return {
            **({"move": list(moves[found["parent"]][token])} if moves else {"token": token}),
            "visits": int(found["visits"]),
            "q": round(float(found["q"]), 4),
            "prior": round(float(found["prior"]), 4),
            "children": children,
            "more": below - len(children),
        }


def shown(tree: Tree, children: Children, outline: Outline | None) -> dict[str, Any]:
    """Returns what a trace says of a tree: its simulations, the root's `children`, and its outline where wanted."""
    return {
        "simulations": int(tree.nodes["visits"][0]) - 1,
        "tokens": children.tokens.tolist(),
        "visits": children.visits.tolist(),
        "q": children.q.round(4).tolist(),
        "prior": children.prior.round(4).tolist(),
        **({"tree": outline.of(tree)} if outline else {}),
    }

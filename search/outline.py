"""What is left of a tree for people to look at: its most visited part, as JSON."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .tree import Tree


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

    def of(self, tree: Tree) -> list[dict[str, Any]]:
        """Returns the root's children, the most visited first, each with its own below it.

        A node is its `token`, `visits`, `q` for who picked it, `prior`, its `children`, and the number of visited ones
        among these that were left out, `more`.
        """
        return self._below(tree, 0, self.depth)

    def _below(self, tree: Tree, node: int, depth: int) -> list[dict[str, Any]]:
        children = tree.children(node)
        order = [e for e in np.lexsort((-children.prior, -children.visits)) if children.visits[e]]
        return [self._node(tree, int(children.nodes[e]), depth) for e in order[: self.width]]

    def _node(self, tree: Tree, node: int, depth: int) -> dict[str, Any]:
        found, below = tree.nodes[node], int(np.count_nonzero(tree.nodes["parent"][1 : tree.num_nodes()] == node))
        children = self._below(tree, node, depth - 1) if depth > 1 else []
        return {
            "token": int(tree.tokens[found["edge"]]),
            "visits": int(found["visits"]),
            "q": round(float(found["q"]), 4),
            "prior": round(float(found["prior"]), 4),
            "children": children,
            "more": below - len(children),
        }


def shown(tree: Tree, outline: Outline | None) -> dict[str, Any]:
    """Returns what a trace says of a tree: its simulations, the root's tokens, and its outline where wanted."""
    children = tree.children()
    return {
        "simulations": int(tree.nodes["visits"][0]) - 1,
        "tokens": children.tokens.tolist(),
        "visits": children.visits.tolist(),
        "q": children.q.round(4).tolist(),
        "prior": children.prior.round(4).tolist(),
        **({"tree": outline.of(tree)} if outline else {}),
    }

"""The compiled tree against the formula, written down a second time as plainly as can be."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.search.halving import due_visits
from alphakata.search.tree import ROOT, Place, Tree

C1, C2, DISCOUNT, CHOICES, DEPTH = 1.25, 19652.0, 0.9, 3, 4


@dataclass
class Node:
    """A node of the plain tree; `value` is the mean of what was backed up through it."""

    player: int
    reward: float
    prior: list[float]
    visits: int = 0
    value: float = 0.0
    children: dict[int, "Node"] = field(default_factory=dict)

    def q(self, choice: int) -> float:
        child = self.children[choice]
        return child.reward + DISCOUNT * child.value * (1 if child.player == self.player else -1)

    def score(self, choice: int) -> float:
        known = [self.q(c) for c in self.children]
        low, high = min([self.value, *known]), max([self.value, *known])
        q = (self.q(choice) - low) / max(high - low, 1e-8) if choice in self.children else 0.0
        visits = self.children[choice].visits if choice in self.children else 0
        weight = C1 + math.log((self.visits + C2 + 1) / C2)
        return q + self.prior[choice] * math.sqrt(self.visits) * weight / (1 + visits)


def world(seed: int, path: tuple[int, ...]) -> tuple[int, float, list[float], float]:
    """Returns player, reward, prior and value at the end of `path`; nothing can be picked at the deepest nodes."""
    rng = np.random.default_rng([seed, *(choice + 1 for choice in path)])
    prior = rng.dirichlet(np.ones(CHOICES)).astype(np.float32)
    ended = len(path) == DEPTH
    return int(rng.integers(2)), float(rng.normal()), [] if ended else prior.tolist(), 0.0 if ended else rng.normal()


def plain(seed: int, simulations: int) -> list[int]:
    player, _, prior, value = world(seed, ())
    root = Node(player, 0.0, prior, visits=1, value=value)
    for _ in range(simulations):
        path: tuple[int, ...] = ()
        node, trail = root, [root]
        while node.prior:
            choice = int(np.argmax([node.score(c) for c in range(CHOICES)]))
            path = (*path, choice)
            new = choice not in node.children
            if new:
                player, reward, prior, value = world(seed, path)
                node.children[choice] = Node(player, reward, prior)
            node = node.children[choice]
            trail.append(node)
            if new:
                break
        backed_up = world(seed, path)[3]
        for i in range(len(trail) - 1, -1, -1):
            here = trail[i]
            here.visits += 1
            here.value += (backed_up - here.value) / here.visits
            if i:
                backed_up = here.reward + DISCOUNT * backed_up * (1 if here.player == trail[i - 1].player else -1)
    return [root.children[c].visits if c in root.children else 0 for c in range(CHOICES)]


def spoken(prior: list[float]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Returns what is legal and logits whose softmax is `prior`."""
    return np.ones(len(prior), np.bool_), np.log(np.array(prior, np.float32))


def compiled(seed: int, simulations: int, select: Callable[[Tree], Place], order: Sequence[float] = ()) -> Tree:
    player, _, prior, value = world(seed, ())
    tree = Tree(simulations + 1, DISCOUNT)
    tree.order = np.array(order, np.float64)
    tree.expand(ROOT, player, 0.0, *spoken(prior), value)
    paths: list[tuple[int, ...]] = [()]
    for _ in range(simulations):
        parent, edge = select(tree)
        if edge < 0:
            tree.backup(parent, 0.0)
            continue
        paths.append((*paths[parent], int(tree.tokens[edge])))
        player, reward, prior, value = world(seed, paths[-1])
        tree.expand((parent, edge), player, reward, *spoken(prior), value)
    return tree


def by_puct(tree: Tree) -> Place:
    return tree.select_puct(C1, C2)


@pytest.mark.parametrize("seed", range(20))
def test_visits_are_those_of_the_plain_tree(seed: int) -> None:
    visits = compiled(seed, 60, by_puct).children().visits.tolist()
    assert visits == plain(seed, 60)
    assert sum(visits) == 60


def test_the_root_value_is_the_mean_of_what_came_back() -> None:
    tree = Tree(3, discount=1.0)
    tree.expand(ROOT, 0, 0.0, *spoken([1.0]), 0.5)
    assert tree.select_puct(C1, C2) == (0, 0)
    tree.expand((0, 0), 1, 1.0, *spoken([]), 0.0)
    assert tree.nodes["value"][0] == pytest.approx((0.5 + 1.0) / 2)


def test_a_maximum_is_the_best_return_found_below() -> None:
    tree = Tree(4, discount=1.0, maximum=True)
    tree.expand(ROOT, 0, 0.0, *spoken([0.5, 0.5]), 0.1)
    tree.expand((0, 0), 0, 0.25, *spoken([1.0]), 0.5)
    tree.expand((0, 1), 0, 0.0, *spoken([]), -1.0)
    assert tree.nodes["value"][0] == pytest.approx(0.75)
    assert tree.children().q.tolist() == pytest.approx([0.75, -1.0])


def test_of_equal_edges_the_lowest_token_is_opened_first() -> None:
    tree = Tree(4, discount=1.0)
    tree.expand(ROOT, 0, 0.0, *spoken([1 / 3] * 3), 0.0)
    assert [opened(tree) for _ in range(3)] == [0, 1, 2]


def opened(tree: Tree) -> int:
    place = tree.select_puct(C1, C2)
    tree.expand(place, 0, 0.0, *spoken([]), 0.0)
    return int(tree.tokens[place[1]])


def test_more_edges_than_were_foreseen_find_room() -> None:
    tree = Tree(2, discount=1.0)
    tree.expand(ROOT, 0, 0.0, np.ones(500, np.bool_), np.zeros(500, np.float32), 0.0)
    tree.expand((0, 499), 0, 0.0, np.ones(700, np.bool_), np.zeros(700, np.float32), 0.0)
    assert tree.children(1).tokens.tolist() == list(range(700))


def test_a_node_is_given_its_edges_when_its_moves_are_drawn() -> None:
    tree = Tree(3, discount=1.0)
    tree.expand(ROOT, 0, 0.0, *spoken([]), 0.5)
    assert tree.select_puct(C1, C2) == (0, -1)
    tree.open(0, np.log(np.array([1, 3] + [1] * 60, np.float32)))
    assert tree.children().tokens.tolist() == list(range(62))
    assert tree.children().prior[:3].tolist() == pytest.approx([1 / 64, 3 / 64, 1 / 64])
    node, edge = tree.select_puct(C1, C2)
    assert (node, int(tree.tokens[edge])) == (0, 1)
    tree.expand((node, edge), 0, 1.0, *spoken([]), 0.0)
    assert tree.children().visits.tolist() == [0, 1] + [0] * 60


@pytest.mark.parametrize("logits", [[0.0, -np.inf, 3.0], [-200.0, 0.0, 1.0]])
def test_priors_are_the_softmax(logits: list[float]) -> None:
    tree = Tree(1, discount=1.0)
    tree.expand(ROOT, 0, 0.0, np.ones(3, np.bool_), np.array(logits, np.float32), 0.0)
    wanted = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(tree.children().prior, wanted, atol=1e-7)


def drawn(tree: Tree, node: int = 0, indent: str = "") -> str:
    """Returns the tree as text: token, visits and value of each node, tokens in order."""
    children = tree.children(node)
    lines = ""
    for token, below, visits in zip(children.tokens, children.nodes, children.visits, strict=True):
        if below >= 0:
            lines += f"{indent}{token} {visits} {tree.nodes['value'][below]:+.3f}\n"
            lines += drawn(tree, int(below), indent + "  ")
    return lines


PUCT_TREE = """
0 1 +0.048
1 11 +0.585
  1 7 +0.609
    0 5 -0.364
      0 4 +0.000
    2 1 +0.196
  2 3 +0.533
    0 1 +0.402
    2 1 -0.484
"""

GUMBEL_TREE = """
0 5 +1.601
  0 4 +0.715
    0 3 +0.365
      0 1 +0.000
      1 1 +0.000
1 5 +0.465
  1 3 +0.661
    0 1 -0.477
    2 1 +0.196
  2 1 +1.454
2 2 -0.219
  0 1 +1.055
"""


def test_the_golden_tree_of_puct() -> None:
    assert drawn(compiled(7, 12, by_puct)) == PUCT_TREE.lstrip()


def test_the_golden_tree_of_gumbel() -> None:
    order = np.log(world(7, ())[2]).tolist()
    tree = compiled(7, 12, lambda t: t.select_gumbel(due_visits(3, 12), 50.0, 0.1, True), order)
    assert drawn(tree) == GUMBEL_TREE.lstrip()

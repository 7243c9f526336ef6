"""The compiled tree against the formula, written down a second time as plainly as can be."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.search.tree import Tree

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


def compiled(seed: int, simulations: int) -> list[int]:
    player, _, prior, value = world(seed, ())
    tree = Tree(simulations + 1, DISCOUNT, C1, C2)
    tree.expand(player, 0.0, *spoken(prior), value)
    paths: list[tuple[int, ...]] = [()]
    for _ in range(simulations):
        parent, edge = tree.select()
        if edge < 0:
            tree.backup(0.0)
            continue
        paths.append((*paths[parent], int(tree.token[edge])))
        player, reward, prior, value = world(seed, paths[-1])
        tree.expand(player, reward, *spoken(prior), value)
    _, visits, _ = tree.children()
    return [int(count) for count in visits]


@pytest.mark.parametrize("seed", range(20))
def test_visits_are_those_of_the_plain_tree(seed: int) -> None:
    visits = compiled(seed, 60)
    assert visits == plain(seed, 60)
    assert sum(visits) == 60


def test_the_root_value_is_the_mean_of_what_came_back() -> None:
    tree = Tree(3, 1.0, C1, C2)
    tree.expand(0, 0.0, *spoken([1.0]), 0.5)
    assert tree.select() == (0, 0)
    tree.expand(1, 1.0, *spoken([]), 0.0)
    assert tree.values[0] == pytest.approx((0.5 + 1.0) / 2)

"""What is left of a tree for the viewer."""

from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.envs.board import ConnectFour
from alphakata.search import Decision, Gumbel, Player, Puct, Root, Scheduler, Search
from alphakata.search.outline import Outline


def decide(search: Search) -> Decision:
    world = ConnectFour()
    root = Root(world, world.init(0), Stream(world.init(0).tokens), seed=0)
    player = Player("it", search, UniformPolicy(world.codec.size))
    (decided,) = Scheduler().decide(player, [root], [np.random.default_rng(0)])
    return decided.decision


def nodes(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [found for node in tree for found in (node, *nodes(node["children"]))]


def depth(tree: list[dict[str, Any]]) -> int:
    return 1 + max(depth(node["children"]) for node in tree) if tree else 0


WHOLE = Outline(depth=100, width=100)


@pytest.mark.parametrize("search", [Puct(60, outline=WHOLE), Gumbel(60, outline=WHOLE)], ids=["puct", "gumbel"])
def test_a_whole_tree_says_of_the_root_s_children_what_the_trace_does(search: Search) -> None:
    trace = decide(search).trace
    children = {node["token"]: node for node in trace["tree"]}

    assert len(nodes(trace["tree"])) == trace["simulations"] == 60
    for name in ("visits", "q", "prior"):
        visited = {t: f for t, f, v in zip(trace["tokens"], trace[name], trace["visits"], strict=True) if v}
        assert {token: node[name] for token, node in children.items()} == visited


def test_a_node_s_visits_are_its_own_and_those_of_its_children() -> None:
    for node in nodes(decide(Puct(100, outline=WHOLE)).trace["tree"]):
        assert node["visits"] == 1 + sum(child["visits"] for child in node["children"])
        assert node["more"] == 0


def test_the_most_visited_come_first_and_the_rest_is_counted() -> None:
    tree = decide(Puct(200, outline=Outline(depth=2, width=3))).trace["tree"]

    assert depth(tree) == 2
    assert [len(tree), *(len(node["children"]) for node in tree)] == [3] * 4
    assert [node["more"] for node in tree] == [4] * 3
    for siblings in (tree, *(node["children"] for node in tree)):
        visits = [node["visits"] for node in siblings]
        assert visits == sorted(visits, reverse=True)


def test_a_tree_is_left_only_where_it_was_asked_for_and_changes_no_decision() -> None:
    silent, telling = decide(Puct(50)), decide(Puct(50, outline=Outline()))

    assert "tree" not in silent.trace
    assert telling.moves == silent.moves
    assert telling.value == silent.value


def test_an_outline_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 wanted, got 0 and 8"):
        Outline(depth=0)

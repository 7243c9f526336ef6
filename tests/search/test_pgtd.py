"""Planning-guided decoding: P-UCB as published, the best below a node as its worth, nothing paid for twice."""

from collections.abc import Sequence
from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Prediction
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.code import CodeContest, Problem
from alphakata.envs.code.judge import Case
from alphakata.envs.types import SequentialEnv
from alphakata.search import Limits, PlanningGuided, Player, Root, Scheduler, check_search
from alphakata.search.outline import Outline
from alphakata.search.task import Decided

# A stream opens with `a`, after which `b` is likeliest, and after `b` the end, a little before `c`.
POLICY = NGramPolicy(2, 4).fit([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 3], [0, 0, 1, 3], [0, 0, 3]])
WHOLE = Outline(depth=9, width=9)


def decided(
    search: PlanningGuided, env: SequentialEnv[Any], policy: Any = POLICY, limits: Limits | None = None
) -> Decided:
    model, state = env.model(env.init(0), 0)
    root = Root(model, state, Stream(state.tokens), seed=0)
    player = Player("pgtd", search, policy, limits or Limits())
    return Scheduler().decide(player, [root], [np.random.default_rng(0)])[0]


def shape(tree: Sequence[Any]) -> dict[str, Any]:
    """Returns the tree as words to visits, Q and what is below."""
    return {"abc."[n["token"]]: (n["visits"], n["q"], shape(n["children"])) for n in tree}


def test_it_keeps_the_contract_of_a_search(spelling: SequentialEnv[Any]) -> None:
    limits = (Limits(), Limits(policy_tokens=20), Limits(env_steps=9, samples=3), Limits(predictions=0))
    check_search(PlanningGuided(30), spelling, POLICY, limits)


def test_a_golden_tree(spelling: SequentialEnv[Any]) -> None:
    # Words that begin with `a` earn 1; the policy alone would write `b.`.
    trace = decided(PlanningGuided(9, width=2, outline=WHOLE), spelling).decision.trace
    assert shape(trace["tree"]) == {
        "a": (6, 1.0, {"b": (3, 1.0, {".": (2, 1.0, {})}), "a": (2, 1.0, {"b": (1, 1.0, {})})}),
        "b": (3, 0.0, {".": (1, 0.0, {}), "c": (1, 0.0, {})}),
    }


@pytest.mark.parametrize("simulations", [1, 5, 40])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_tree_is_that_of_the_published_algorithm(
    simulations: int, width: int, spelling: SequentialEnv[Any]
) -> None:
    trace = decided(PlanningGuided(simulations, width, outline=WHOLE), spelling).decision.trace
    assert shape(trace["tree"]) == reference(simulations, width)


class Node:
    """A prefix in the plain form of the algorithm."""

    def __init__(self, word: str, width: int) -> None:
        self.word, self.visits, self.children = word, 0, dict[str, tuple[float, "Node | None"]]()
        if not word.endswith("."):
            logits = POLICY.log_probabilities([0, *map("abc.".index, word)])
            legal = np.array([3] if len(word) == 3 else [0, 1, 2, 3])
            best = legal[np.argsort(-logits[legal], kind="stable")[:width]]
            odds = np.exp(logits[best]) / np.exp(logits[best]).sum()
            self.children = {"abc."[t]: (float(p), None) for t, p in zip(best, odds, strict=True)}


def finish(word: str) -> str:
    while not word.endswith("."):
        logits = POLICY.log_probabilities([0, *map("abc.".index, word)])
        word += "abc."[int(np.argmax(logits))] if len(word) < 3 else "."
    return word


def reference(simulations: int, width: int) -> dict[str, Any]:
    """Returns what P-UCB, beams of one and the maximum make of the spelling world, written down plainly."""
    root = Node("", width)
    root.visits = 1
    returns: dict[str, list[float]] = {}
    for _ in range(simulations):
        path = [root]
        while (node := path[-1]).children:
            beta = log((node.visits + 10 + 1) / 10) + 4
            scores = {}
            for letter, (prior, _) in node.children.items():
                found = returns.get(node.word + letter, [])
                explore = beta * prior * sqrt(log(node.visits)) / (1 + len(found))
                scores[letter] = max(found, default=0.0) + explore
            letter = max(scores, key=lambda one: scores[one])
            prior, below = node.children[letter]
            fresh = below is None
            below = below or Node(node.word + letter, width)
            node.children[letter] = (prior, below)
            path.append(below)
            if fresh:
                break
        earned = float(finish(path[-1].word).startswith("a"))
        for node in path:
            node.visits += 1
            returns.setdefault(node.word, []).append(earned)
    return drawn(root, returns)


def drawn(node: Node, returns: dict[str, list[float]]) -> dict[str, Any]:
    return {
        letter: (below.visits, max(returns[below.word]), drawn(below, returns))
        for letter, (_, below) in node.children.items()
        if below
    }


def test_what_earned_most_is_handed_in_first_and_is_what_the_root_is_worth(spelling: SequentialEnv[Any]) -> None:
    decision = decided(PlanningGuided(12), spelling).decision
    assert spelling.codec.decode(decision.moves[0]).startswith("a")
    assert decision.value == 1.0
    earned = decision.trace["candidates"]["earned"]
    assert earned == sorted(earned, reverse=True)
    # The policy's own word is tried first of all, and is no good.
    assert spelling.codec.decode(decided(PlanningGuided(0), spelling).decision.moves[0]) == "b ."


class Counting(NGramPolicy):
    """Counts what it was asked to finish."""

    completions = 0

    def complete(self, *arguments: Any, **options: Any) -> Sequence[Completion]:
        self.completions += 1
        return super().complete(*arguments, **options)

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        assert len(streams) == 1
        return super().predict(streams)


def test_a_prefix_of_a_completion_is_not_completed_again(spelling: SequentialEnv[Any]) -> None:
    # With one edge a node the tree is the greedy word, which the root has finished.
    policy = Counting(2, 4)
    policy.fit([[0, 1, 2, 3]])
    cost = decided(PlanningGuided(3, width=1), spelling, policy).cost
    assert policy.completions == 1
    assert cost.predictions == 3


DOUBLE = Problem("", "Double it.", (Case("2", "4"), Case("3", "6")))
FEW = (Limits(programs=3), Limits(policy_tokens=60), Limits(env_steps=4))


def test_programs_are_billed_once_each_and_prefixes_not_at_all() -> None:
    contest = CodeContest((DOUBLE,), max_tokens=6)
    found = decided(PlanningGuided(40), contest, UniformPolicy(contest.codec.size))
    assert found.cost.programs == found.decision.trace["programs"] < found.cost.env_steps
    check_search(PlanningGuided(20), contest, UniformPolicy(contest.codec.size), FEW, seeds=[0])


def test_several_players_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="one player, TicTacToe has 2"):
        decided(PlanningGuided(), TicTacToe(), UniformPolicy(12))


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"width >= 1 .* got 256, 0 and 10"):
        PlanningGuided(width=0)

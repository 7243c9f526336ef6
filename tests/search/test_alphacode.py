from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from alphakata.agents.baselines import NGramPolicy
from alphakata.agents.stream import Stream
from alphakata.search import AlphaCode, Decision, Limits, Player, Root, Scheduler, rollout
from alphakata.search.budget import UNLIMITED
from alphakata.search.task import Decided

HABITS: Sequence[Sequence[int]] = [[0, 0, 1, 3], [0, 0, 2, 3], [0, 0, 2, 3], [0, 1, 1, 3]]


def decide(spelling: Any, search: AlphaCode, limits: Limits = UNLIMITED) -> Decided:
    player = Player("alphacode", search, NGramPolicy(2, 4).fit(HABITS), limits)
    model, state = spelling.model(spelling.init(0), 0)
    return Scheduler().decide(player, [Root(model, state, Stream(state.tokens), 0)], [np.random.default_rng(1)])[0]


def first_letters(decision: Decision) -> set[int]:
    return {move[0] for move in decision.moves}


def test_only_candidates_that_pass_the_example_are_handed_in(spelling: Any) -> None:
    assert first_letters(decide(spelling, AlphaCode(80)).decision) == {0}


def test_the_first_moves_come_from_different_clusters_the_largest_first(spelling: Any) -> None:
    decision = decide(spelling, AlphaCode(200)).decision
    sizes = decision.trace["clusters"]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 2
    behaviours = [tuple(sorted(set(move))) for move in decision.moves[: len(sizes)]]
    assert len(set(behaviours)) == len(sizes)


def test_without_clusters_the_most_drawn_candidate_comes_first(spelling: Any) -> None:
    decision = decide(spelling, AlphaCode(200, cluster=False)).decision
    draws = {tuple(move): count for move, count in decision.trace["passed"]}
    assert draws[decision.moves[0]] == max(draws.values())


def test_where_nothing_passes_the_best_value_is_handed_in(spelling: Any) -> None:
    player = Player("alphacode", AlphaCode(5), NGramPolicy(2, 4).fit([[0, 1, 1, 3]] * 50))
    state = spelling.init(0)
    impossible = type(spelling)(secret="c c c")
    root = Root(impossible, state, Stream(state.tokens), 0)
    decision = Scheduler().decide(player, [root], [np.random.default_rng(0)])[0].decision
    assert decision.trace["passing"] == 0
    assert len(decision.moves) >= 1


def test_a_bill_is_spent_to_the_last_token(spelling: Any) -> None:
    assert decide(spelling, AlphaCode(10_000, chunk=32), Limits(policy_tokens=500)).cost.policy_tokens == 500


def test_programs_are_not_asked_for_twice(spelling: Any) -> None:
    decided = decide(spelling, AlphaCode(300))
    assert decided.cost.env_steps == decided.decision.trace["distinct"] < decided.cost.samples == 300


def test_an_episode_hands_in_ranked_moves_until_one_is_right(spelling: Any) -> None:
    player = Player("alphacode", AlphaCode(200), NGramPolicy(2, 4).fit(HABITS))
    (episode,) = Scheduler().run([rollout(replace(spelling, attempts=40), 0, [player])])
    (turn,) = episode.turns
    assert episode.returns == (1.0,)
    right = [i for i, move in enumerate(turn.decision.moves) if move[:3] == (0, 1, 3)]
    assert turn.attempts == right[0] + 1

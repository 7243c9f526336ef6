from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction, Sampling
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.search import Cost, Decision, Limits, Plan, Player, Puct, Root, Sample, Scheduler
from alphakata.search.asks import advance, behave, complete, predict
from alphakata.search.budget import BudgetSpent

ENV = TicTacToe()


def root() -> Root:
    state = ENV.init(0)
    return Root(ENV, state, Stream(state.tokens), 0)


def bill(plan: Any, limits: Limits = Limits(), policy: NGramPolicy | None = None) -> Cost:  # noqa: B008
    player = Player("test", plan, policy or UniformPolicy(12), limits)
    return Scheduler().decide(player, [root()], [np.random.default_rng(0)])[0].cost


def move(root: Root) -> Decision:
    return Decision(moves=((int(np.argmax(root.state.legal)),),))


def test_a_stream_is_paid_for_once_and_its_branch_for_what_is_new() -> None:
    def plan(root: Root, rng: np.random.Generator) -> Plan:
        yield from predict([root.stream])
        branch = root.stream.then([3])
        yield from predict([branch, root.stream])
        yield from predict([branch])
        return move(root)

    # Nine cells and the token that opens a stream, then one token more.
    cost = bill(plan)
    assert (cost.policy_tokens, cost.predictions) == (11, 4)


def test_an_ask_is_answered_as_far_as_the_budget_reaches_and_then_refused() -> None:
    answers: list[int] = []

    def plan(root: Root, rng: np.random.Generator) -> Plan:
        prediction = yield from predict([root.stream.then([token]) for token in (3, 4, 5)])
        states = yield from advance(root.env, [root.state] * 3, [(3,), (4,), (5,)])
        marks = yield from behave(root.env, states, 0)
        answers.extend([len(prediction.value), len(states), len(marks)])
        with pytest.raises(BudgetSpent):
            yield from predict([root.stream])
        return move(root)

    bill(plan, Limits(predictions=2, env_steps=1))
    assert answers == [2, 1, 1]


def test_sampled_moves_share_what_they_share_and_cost_what_was_read() -> None:
    def plan(root: Root, rng: np.random.Generator) -> Plan:
        samples = yield from complete(root, 40, Sampling(), rng)
        assert len(samples) == 40
        return move(root)

    # The prompt once and each of nine moves once, whoever drew it.
    cost = bill(plan)
    assert (cost.samples, cost.policy_tokens, cost.predictions, cost.env_steps) == (40, 10 + 9, 1 + 9, 9)


def test_seconds_are_billed_and_end_a_plan_at_its_next_ask() -> None:
    cost = bill(Puct(10_000), Limits(seconds=0.0))
    assert cost.predictions == 0
    assert cost.seconds > 0


def test_the_policy_is_asked_once_for_all_who_wait() -> None:
    class Counting(UniformPolicy):
        asked = 0

        def predict(self, streams: Sequence[Stream]) -> Prediction:
            self.asked += 1
            return super().predict(streams)

    policy = Counting(12)
    player = Player("puct", Puct(10), policy)
    Scheduler().decide(player, [root() for _ in range(30)], [np.random.default_rng(i) for i in range(30)])
    assert policy.asked == 11


def test_a_search_that_lets_the_end_of_its_budget_pass_is_named() -> None:
    def careless(root: Root, rng: np.random.Generator) -> Plan:
        yield from predict([root.stream])
        return move(root)

    player = Player("careless", careless, UniformPolicy(12), Limits(predictions=0))
    with pytest.raises(ValueError, match="careless let BudgetSpent pass"):
        Scheduler().decide(player, [root()], [np.random.default_rng(0)])


def test_an_unlimited_sample_costs_the_prompt_and_its_move() -> None:
    assert bill(Sample()).policy_tokens == 10 + 1

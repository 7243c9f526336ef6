"""Deciding together comes to what plans come to, at the same bill, and is left to plans where it may not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.types import SequentialEnv, State
from alphakata.search import Gumbel, Limits, Player, Puct, Root, Scheduler, Search, together
from alphakata.search.task import Decide, Decided
from alphakata.search.together import FEWEST, joins

WORLDS: list[SequentialEnv[Any]] = [ConnectFour(), TicTacToe()]
SEARCHES = [
    Puct(40),
    Puct(40, noise_fraction=0.25, drawing_turns=None),
    Puct(0),
    Gumbel(40),
    Gumbel(40, by_rounds=True),
    Gumbel(33, max_considered=4, gumbel_scale=0.0, rescale=False, by_rounds=True),
    Gumbel(1, by_rounds=True),
    Gumbel(0),
]


class Hashing:
    """A policy whose opinion of a stream is drawn from its tokens; notes how many streams it was asked about."""

    flops_per_token = 7

    def __init__(self, size: int) -> None:
        self.size, self.asked = size, list[int]()

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        self.asked.append(len(streams))
        draws = [np.random.default_rng(stream.all_tokens().tolist()) for stream in streams]
        logits = np.stack([2 * rng.normal(size=self.size) for rng in draws]).astype(np.float32)
        return Prediction(logits, np.array([rng.uniform(-1, 1) for rng in draws], np.float32))

    def complete(self, *_: Any) -> Any:
        raise NotImplementedError


def some(world: SequentialEnv[Any], moves: int, count: int = 20) -> list[State[Any]]:
    """States of games that go on after a few random moves; late ones are searched to their ends."""
    rng, states = np.random.default_rng(moves), [world.init(seed) for seed in range(count)]
    for _ in range(moves):
        states = [
            state if state.terminal else world.step(state, int(rng.choice(np.flatnonzero(state.legal))))
            for state in states
        ]
    return [state for state in states if not state.terminal]


def decided(world: SequentialEnv[Any], states: Sequence[State[Any]], search: Search, policy: Any) -> list[Decided]:
    roots = [Root(world, state, Stream(state.tokens), 0) for state in states]
    rngs = [np.random.default_rng(seed) for seed in range(len(roots))]
    return Scheduler().decide(Player("searcher", search, policy), roots, rngs)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: type(world).__name__)
@pytest.mark.parametrize("search", SEARCHES, ids=str)
@pytest.mark.parametrize("moves", [0, 3, 6])
def test_deciding_together_is_deciding_by_plans(
    world: SequentialEnv[Any], search: Search, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, size = some(world, moves), world.codec.size
    found = decided(world, states, search, Hashing(size))
    monkeypatch.setattr(together, "FEWEST", len(states) + 1)
    wanted = decided(world, states, search, Hashing(size))

    assert len(states) >= FEWEST
    for one, other in zip(found, wanted, strict=True):
        assert (one.decision.moves, one.decision.value) == (other.decision.moves, other.decision.value)
        assert one.decision.trace == other.decision.trace
        np.testing.assert_array_equal(one.decision.weights, other.decision.weights)
        assert replace(one.cost, seconds=0) == replace(other.cost, seconds=0)
        assert one.cost.seconds > 0


def test_the_policy_is_asked_about_all_trees_at_once() -> None:
    policy = Hashing(WORLDS[0].codec.size)
    decided(WORLDS[0], some(WORLDS[0], 0), Puct(10), policy)
    assert policy.asked == [20] * 11


@pytest.mark.parametrize(
    ("search", "limits", "expected"),
    [
        (Puct(10), Limits(), True),
        (Puct(10), Limits(predictions=11, env_steps=10, policy_tokens=88, flops=616), True),
        (Puct(10), Limits(predictions=10), False),
        (Puct(10), Limits(policy_tokens=87), False),
        (Puct(10), Limits(seconds=100.0), False),
        (Puct(10, reuse=True), Limits(), False),
    ],
)
def test_what_a_budget_may_end_or_what_is_known_changes_is_left_to_plans(
    search: Search, limits: Limits, expected: bool
) -> None:
    world = WORLDS[0]
    state = world.init(0)
    root = Root(world, state, Stream(state.tokens), 0)
    player = Player("searcher", search, Hashing(world.codec.size), limits)
    decides = [Decide(player, root, np.random.default_rng(seed), object()) for seed in range(FEWEST)]
    assert joins(decides) is expected
    assert not joins(decides[1:])

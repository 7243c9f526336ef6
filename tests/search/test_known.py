"""What was found out for one decision is not asked again for the next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.board.connect_four import Board, ConnectFour
from alphakata.envs.types import SequentialEnv, State, play
from alphakata.search import Episode, Gumbel, Limits, Player, Puct, Root, Scheduler, Search, rollout
from alphakata.search.known import Known

ENV = ConnectFour()


class Opinionated:
    """A policy that thinks of every stream something of its own, the same every time."""

    flops_per_token = 1

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        thoughts = [np.random.default_rng(stream.all_tokens()).normal(size=ENV.codec.size + 1) for stream in streams]
        return Prediction(np.array(thoughts, np.float32)[:, 1:], np.tanh(np.array(thoughts, np.float32)[:, 0]))

    def complete(self, *arguments: Any, **options: Any) -> list[Any]:
        raise AssertionError("a tree search samples no moves")


class Veiled(ConnectFour):
    """Hands every search a copy of itself, as a world does that has something to hide."""

    def model(self, state: State[Board], seed: int) -> tuple[ConnectFour, State[Board]]:
        return ConnectFour(), state


def played(search: Search, limits: Limits = Limits(), env: SequentialEnv[Any] = ENV) -> Episode:  # noqa: B008
    player = Player("searcher", search, Opinionated(), limits)
    return Scheduler().run([rollout(env, 0, [player, player], max_turns=12)])[0]


SEARCHES = [Puct(60), Puct(60, noise_fraction=0.25), Gumbel(60), Gumbel(60, by_rounds=True)]


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_a_search_that_reuses_decides_as_one_that_does_not_for_a_smaller_bill(search: Any) -> None:
    fresh, reusing = played(search), played(replace(search, reuse=True))

    for one, other in zip(fresh.turns, reusing.turns, strict=True):
        assert one.decision.moves == other.decision.moves
        assert one.decision.trace["visits"] == other.decision.trace["visits"]
    for player in (0, 1):
        assert reusing.bill(player).predictions < fresh.bill(player).predictions
        assert reusing.bill(player).env_steps < fresh.bill(player).env_steps


def test_for_the_same_bill_it_sees_what_a_fresh_search_sees_for_the_sum() -> None:
    first, second, third, *_ = played(Puct(1000, reuse=True), Limits(predictions=50)).turns
    simulations = third.decision.trace["simulations"]
    state = play(ENV, ENV.init(0), [*first.decision.moves[0], *second.decision.moves[0]])

    player = Player("fresh", Puct(simulations), Opinionated())
    root = Root(ENV, state, Stream(state.tokens), seed=0)
    (fresh,) = Scheduler().decide(player, [root], [np.random.default_rng(0)])

    assert (third.cost.predictions, first.decision.trace["simulations"]) == (50, 49)
    assert simulations > 60
    assert third.decision.trace["visits"] == fresh.decision.trace["visits"]


def test_what_was_drawn_behind_a_veil_is_not_reused() -> None:
    bills = [played(search, env=Veiled()).bill(0) for search in (Gumbel(40), Gumbel(40, reuse=True))]
    assert bills[0].predictions == bills[1].predictions


def test_the_record_of_an_episode_holds_no_trees() -> None:
    assert all(turn.decision.known is None for turn in played(Gumbel(20, reuse=True)).turns)


def test_where_nobody_looked_nothing_is_known() -> None:
    state = ENV.init(0)
    root = Known(state, Stream(state.tokens), np.zeros(0, np.float32), 0.0)
    root.children[127] = Known(state, Stream(state.tokens), np.zeros(0, np.float32), 0.0)
    assert root.after([]) is root
    assert root.after([127]) is root.children[127]
    assert root.after([127, 128]) is None
    assert root.after([130, 127]) is None

from typing import Any

import numpy as np

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Policy
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.search import Beam, Decision, Limits, Player, Root, Scheduler


def decide(env: Any, policy: Policy, limits: Limits, search: Beam) -> Decision:
    state = env.init(0)
    model, seen = env.model(state, 0)
    root = Root(model, seen, Stream(state.tokens), 0)
    return Scheduler().decide(Player("beam", search, policy, limits), [root], [np.random.default_rng(0)])[0].decision


def test_the_likeliest_word_comes_first_without_being_drawn(spelling: Any) -> None:
    policy = NGramPolicy(3, 4).fit([[0, 2, 1, 3]] * 9 + [[0, 1, 3]])
    assert decide(spelling, policy, Limits(), Beam(4, 8)).moves[0] == (2, 1, 3)


def test_a_wider_pass_finds_all_that_a_narrow_one_does(spelling: Any) -> None:
    policy = NGramPolicy(2, 4).fit([[0, 2, 1, 3], [0, 0, 3]])
    narrow, wide = (decide(spelling, policy, Limits(), Beam(width, width)) for width in (2, 16))
    assert set(narrow.moves) < set(wide.moves)


def test_it_stops_once_every_move_is_found() -> None:
    decision = decide(TicTacToe(), UniformPolicy(12), Limits(), Beam(4, 1024))
    assert len(decision.moves) == decision.trace["finished"] == 9


def test_what_was_finished_before_the_budget_ended_is_handed_in(spelling: Any) -> None:
    policy = NGramPolicy(2, 4).fit([[0, 3]] * 5)
    assert decide(spelling, policy, Limits(predictions=3), Beam(2, 64)).moves[0] == (3,)

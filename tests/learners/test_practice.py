"""Practice: what is kept of an episode, and who wins a match."""

from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.experts import PerfectTicTacToe
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.code import CodeContest, Problem, Solution
from alphakata.envs.code.judge import Case
from alphakata.learners.practice import filtered_moves, match, practise
from alphakata.search import AlphaCode, Gumbel, Sample, Scripted

ENV = TicTacToe()
UNIFORM = UniformPolicy(ENV.codec.size)


def test_every_action_of_self_play_carries_what_the_search_made_of_it() -> None:
    trajectories = practise(ENV, Gumbel(16), UNIFORM, range(3))
    assert len(trajectories) == 6
    for trajectory in trajectories:
        assert trajectory.weights is not None
        assert trajectory.legal is not None
        assert np.allclose(trajectory.weights.sum(axis=1), 1)
        assert not trajectory.weights[~trajectory.legal].any()


def test_who_does_not_search_leaves_no_weights() -> None:
    assert all(trajectory.weights is None for trajectory in practise(ENV, Sample(), UNIFORM, range(2)))


def test_a_reflected_game_is_the_game_of_reflected_moves() -> None:
    world = ConnectFour()
    for trajectory in practise(world, Gumbel(8), UniformPolicy(world.codec.size), range(2)):
        (mirrored,) = world.reflected(trajectory)
        words, told = (world.codec.decode(t.tokens.tolist()).split() for t in (trajectory, mirrored))
        for place in range(0, len(words), 8):
            assert told[place : place + 7] == words[place : place + 7][::-1]
            assert int(told[place + 7]) == 8 - int(words[place + 7])
        assert mirrored.weights is not None
        assert trajectory.weights is not None
        assert (mirrored.weights[:, 127:] == trajectory.weights[:, :126:-1]).all()
        assert (world.reflected(mirrored)[0].tokens == trajectory.tokens).all()


def test_in_a_match_the_same_policy_is_worth_a_half_and_every_seat_is_taken() -> None:
    assert match(ENV, Scripted(PerfectTicTacToe()), UNIFORM, UNIFORM, range(4)) == [0.5] * 4


def test_who_sees_more_wins_the_match() -> None:
    class Seeing(UniformPolicy):
        """Knows that the middle is best."""

        def predict(self, streams: Any) -> Any:
            prediction = super().predict(streams)
            prediction.logits[:, ENV.codec.encode("5")[0]] = 9
            return prediction

    scores = match(ENV, Gumbel(0), Seeing(ENV.codec.size), UNIFORM, range(100))
    assert np.mean(scores) > 0.6


DOUBLE = Problem(
    name="double",
    statement="Print twice the number.",
    examples=(Case("2", "4"),),
    hidden=(Case("3", "6"),),
    solutions=(Solution("python3", "print(2 * int(input()))"),),
)
# Right; wrong, though the example is passed; wrong at once.
PROGRAMS = ["print(int(input())*2)", "print(int(input())**2)", "print("]


def test_of_code_what_passed_the_filter_is_learnt_and_what_it_earned() -> None:
    world = CodeContest((DOUBLE,), attempts=1)
    programs = [[*world.codec.encode(program).tolist(), world.end] for program in PROGRAMS]
    prompt = world.init(0).tokens.tolist()
    policy = NGramPolicy(10, world.codec.size).fit([prompt + program for program in programs * 20])

    trajectories = practise(world, AlphaCode(200), policy, [0], filtered_moves)

    earned = {tuple(t.tokens[t.is_action].tolist()): t.returns for t in trajectories}
    assert earned[tuple(programs[0])] == 1
    assert earned[tuple(programs[1])] == 0
    assert tuple(programs[2]) not in earned


def test_who_does_not_filter_cannot_harvest_what_passed() -> None:
    world = CodeContest((DOUBLE,), attempts=1)
    with pytest.raises(ValueError, match="filtered_moves wants a search that filters"):
        practise(world, Sample(), UniformPolicy(world.codec.size), [0], filtered_moves)


def test_beginnings_that_are_drawn_are_not_learnt() -> None:
    problem = Problem("one", "Print 1.", (Case("", "1"),), rating=800)
    env = CodeContest((problem,), headings="drawn")
    with pytest.raises(ValueError, match=r"drawn at random.*headings=own"):
        practise(env, AlphaCode(2), UniformPolicy(env.codec.size), [0], filtered_moves)

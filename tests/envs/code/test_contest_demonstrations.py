"""Demonstrations of the contest: right programs to copy, wrong ones for the value."""

import pytest

from alphakata.envs.board import TicTacToe
from alphakata.envs.code import CodeContest, ContestDemonstrator, GeneratedProblems
from alphakata.envs.demonstrations import Demonstrator
from alphakata.envs.trajectory import replay

ENV = CodeContest(GeneratedProblems("test"), training=GeneratedProblems("train"), max_tokens=400)
DEMONSTRATE: Demonstrator = ContestDemonstrator()


def test_a_right_and_a_wrong_program_are_shown_of_a_training_problem() -> None:
    right, wrong = DEMONSTRATE(ENV, 3)
    assert (right.copy_weight, right.returns, right.metadata["correct"]) == (1.0, 1.0, True)
    assert (wrong.copy_weight, wrong.returns, wrong.metadata["correct"]) == (0.0, 0.0, False)
    problem = ENV.training[3]
    assert (right.metadata["name"], right.metadata["rating"]) == (problem.name, problem.rating)
    assert ENV.codec.decode(right.tokens.tolist()) == problem.prompt + problem.solutions[0].source
    assert ENV.codec.decode(wrong.tokens.tolist()) == problem.prompt + problem.incorrect_solutions[0].source


def test_a_demonstration_is_what_playing_it_would_have_recorded() -> None:
    env = CodeContest(GeneratedProblems("train"), attempts=1, max_tokens=400)
    for shown in DEMONSTRATE(env, 5):
        move = shown.tokens[shown.is_action].tolist()
        (played,) = replay(env, 5, [move])
        assert played.tokens.tolist() == shown.tokens.tolist()
        assert played.is_action.tolist() == shown.is_action.tolist()
        assert (played.rewards.tolist(), played.legal) == (shown.rewards.tolist(), shown.legal)


def test_with_headings_a_program_begins_with_its_problems_rating_and_tags() -> None:
    env = CodeContest(GeneratedProblems("train"), headings="own", max_tokens=400)
    problem = env.training[3]
    line = f"# {problem.rating} {', '.join(problem.tags)}\n"
    assert [env.codec.decode(shown.tokens[shown.is_action].tolist()) for shown in DEMONSTRATE(env, 3)] == [
        line + problem.solutions[0].source,
        line + problem.incorrect_solutions[0].source,
    ]
    assert line in env.texts(4)[3]


def test_programs_too_long_for_the_contest_are_left_out() -> None:
    assert DEMONSTRATE(CodeContest(GeneratedProblems("train"), max_tokens=10), 3) == []


def test_other_worlds_are_refused() -> None:
    with pytest.raises(ValueError, match="demonstrated in a CodeContest, not in TicTacToe"):
        DEMONSTRATE(TicTacToe(), 0)

"""A person plays in the terminal, against whoever takes the other seats."""

import io

import pytest

from alphakata.experiments.build import build
from alphakata.experiments.configure import ConfigError, compose
from alphakata.experiments.play import PlayConfig, play
from alphakata.search.rollout import Episode


def sit_down(overrides: list[str], typed: str) -> tuple[Episode, str]:
    screen = io.StringIO()
    episode = play(build(compose(overrides, "play"), PlayConfig), io.StringIO(typed), screen)
    return episode, screen.getvalue()


def test_two_people_play_tictactoe() -> None:
    episode, seen = sit_down(["env=tictactoe", "seats=[person,person]"], "1\n4\n2\n5\n3\n")

    assert episode.returns == (1, -1)
    assert "X X X\nO O .\n. . ." in seen
    assert seen.endswith("person +1, person -1\n")


def test_a_move_that_is_not_legal_is_asked_for_again() -> None:
    episode, seen = sit_down(["env=tictactoe", "seats=[person,person]"], "1\n1\nten\n4\n2\n5\n3\n")

    assert "'1' is no legal move" in seen
    assert "'ten' is no legal move" in seen
    assert episode.returns == (1, -1)


def test_searches_play_each_other() -> None:
    episode, seen = sit_down(["env=tictactoe", "seats=[puct,sample]", "searches.puct.num_simulations=8"], "")

    assert seen.startswith("puct: ")
    assert len(episode.turns) >= 5


def test_a_program_is_typed_as_text_and_an_empty_line_hands_it_in() -> None:
    episode, seen = sit_down(["env=code", "envs.code.world.attempts=1", "searches={}"], "print(1)\nprint(2)\n\n")

    assert episode.turns[0].decision.moves[0][-1] == 256
    assert "person: print(1)\nprint(2)" in seen


def test_a_keyboard_that_falls_silent_ends_the_game() -> None:
    with pytest.raises(ValueError, match="the keyboard fell silent"):
        sit_down(["env=tictactoe"], "1\n")


def test_nobody_unknown_sits_down() -> None:
    with pytest.raises(ConfigError, match=r"nobody is called 'putc' .*; did you mean 'puct'\?"):
        sit_down(["env=tictactoe", "seats=[person,putc]"], "")


def test_one_world_is_played_at_a_time() -> None:
    with pytest.raises(ConfigError, match="play wants one world, found tictactoe, connect_four"):
        sit_down(["env=[tictactoe,connect_four]"], "")

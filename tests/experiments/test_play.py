"""A person plays in the terminal, against whoever takes the other seats."""

import io

import pytest

from alphakata.envs.rts.bots import BOTS
from alphakata.envs.rts.env import Skirmish
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


def test_a_whole_move_fits_on_a_line_and_what_follows_a_wrong_word_is_forgotten() -> None:
    short = ["env=rts", "seats=[person,opponent]", "envs.rts.world.map.limit=5"]

    episode, seen = sit_down(short, "fly end\nu0 worker south u1 wait end\n")

    assert Skirmish().codec.decode(episode.turns[0].decision.moves[0]) == "u0 worker south u1 wait end"
    assert "'fly' is no legal move" in seen
    assert seen.count("player 0 [") == 2


def test_as_many_seats_are_wanted_as_there_are_players() -> None:
    with pytest.raises(ConfigError, match=r"seats: found 1 \(opponent\), wanted 2, .* seats=\[person,person\]"):
        sit_down(["env=tictactoe", "seats=[opponent]"], "")


@pytest.mark.parametrize(("seats", "is_warned"), [("[sample,opponent]", True), ("[opponent,opponent]", False)])
def test_a_policy_that_learnt_nothing_is_told_of(seats: str, is_warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING")
    sit_down(["env=tictactoe", "search=sample", f"seats={seats}"], "")
    assert ("the policy knows nothing" in caplog.text) == is_warned


@pytest.mark.parametrize("seats", ["[opponent,puct]", "[sample,gumbel]", "[best_of_n,opponent]"])
def test_bots_policies_and_searches_play_the_strategy_game_on_either_side(seats: str) -> None:
    small = ["searches.puct.num_simulations=4", "searches.gumbel.num_simulations=4", "searches.best_of_n.num_samples=4"]
    chosen = ["env=rts", "search=[sample,best_of_n,puct,gumbel]", "envs.rts.world.map.limit=40", f"seats={seats}"]

    episode, _ = sit_down([*chosen, *small], "")

    assert {turn.player for turn in episode.turns} == {0, 1}
    assert episode.final.terminal


@pytest.mark.parametrize("bot", BOTS)
def test_every_bot_of_the_strategy_game_sits_down_by_its_name_on_either_side(bot: str) -> None:
    for seat, seats in enumerate((f"[{bot},opponent]", f"[opponent,{bot}]")):
        episode, seen = sit_down(["env=rts", "envs.rts.world.map.limit=30", f"seats={seats}"], "")

        assert f"{bot}: " in seen
        assert episode.trajectories[seat].source == bot


def test_a_bot_is_made_weaker_by_its_skill() -> None:
    short = ["env=rts", "envs.rts.world.map.limit=60", "seats=[economy,opponent]"]
    (strong, _), (weak, _) = sit_down(short, ""), sit_down([*short, "envs.rts.bots.economy.skill=0"], "")

    assert [turn.decision.moves for turn in strong.turns] != [turn.decision.moves for turn in weak.turns]


def test_a_search_that_could_sit_down_is_told_how() -> None:
    with pytest.raises(ConfigError, match=r"nobody is called 'greedy' .*; choose it too, with search=\[greedy\]"):
        sit_down(["env=tictactoe", "seats=[person,greedy]"], "")


def test_a_replay_that_has_no_folder_is_refused_before_anybody_plays() -> None:
    with pytest.raises(ConfigError, match=r"record: the folder of nowhere/game\.parquet does not exist"):
        sit_down(["env=tictactoe", "record=nowhere/game.parquet"], "")


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

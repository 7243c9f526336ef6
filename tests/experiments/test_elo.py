"""Ratings say what scores to expect, and end where one side always wins."""

import pytest

from alphakata.experiments.elo import elo


def games(player: str, opponent: str, wins: int, losses: int) -> list[tuple[str, str, float]]:
    return [(player, opponent, 1.0)] * wins + [(player, opponent, 0.0)] * losses


def test_four_hundred_points_are_ten_wins_to_one() -> None:
    ratings = elo(games("sample", "bot", 1000, 100))
    assert ratings["bot"] == 0
    assert ratings["sample"] == pytest.approx(400, abs=1)


def test_all_stand_on_one_scale_and_the_opponents_around_nought() -> None:
    ratings = elo(games("puct", "weak", 30, 10) + games("puct", "strong", 10, 30) + games("sample", "weak", 20, 20))
    assert ratings["puct"] == pytest.approx(0, abs=1e-6)
    assert ratings["weak"] == pytest.approx(-ratings["strong"])
    assert ratings["sample"] == pytest.approx(ratings["weak"])


def test_who_won_all_games_is_rated_too() -> None:
    assert 300 < elo(games("puct", "bot", 10, 0))["puct"] < 600

"""The bots: what they build, what they know, who beats whom."""

import numpy as np
import pytest

from alphakata.envs.rts import MIDDLE, SMALL, Games, MapSettings, Unit, from_drawing, new_games, with_units
from alphakata.envs.rts.bots import BOTS, bots
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.rules import BARRACKS, BASE, BEAT, HEAVY, KINDS, LIGHT, RANGED, SLOTS, UNITS
from alphakata.envs.rts.steering import command, steer


def played(first: str, second: str, settings: MapSettings = SMALL, skill: int = 100, num_games: int = 60) -> Games:
    """Returns finished games of two bots, on as many maps."""
    games, orders = new_games(settings, range(num_games)), np.zeros((num_games, UNITS), np.int16)
    scripts = np.tile([BOTS.index(first), BOTS.index(second)], (num_games, 1))
    skills, draws = np.tile([100, skill], (num_games, 1)), np.arange(num_games, dtype=np.uint64)
    while not games["over"].all():
        bots(games, scripts, skills, draws, orders)
        steer(games, orders, orders)
        step(games, orders, BEAT)
    return games


def score(games: Games) -> float:
    """Returns the first side's part of the points."""
    return float((games["winner"] == 0).mean() + (games["winner"] == -1).mean() / 2)


def commanded(game: Games, script: str) -> list[int]:
    """Returns the first side's commands."""
    commands = np.zeros((1, UNITS), np.int16)
    bots(game, np.array([[BOTS.index(script), -1]]), np.full((1, 2), 100), np.zeros(1, np.uint64), commands)
    return [int(given) for given in commands[0, :SLOTS]]


@pytest.mark.parametrize("bot", [bot for bot in BOTS if bot != "random"])
def test_every_script_beats_random_play(bot: str) -> None:
    assert score(played(bot, "random")) > 0.85


def test_light_beats_ranged_beats_heavy_beats_light() -> None:
    assert score(played("light_rush", "ranged_rush", MIDDLE)) > 0.65
    assert score(played("ranged_rush", "heavy_rush", MIDDLE)) > 0.65
    assert score(played("heavy_rush", "light_rush", MIDDLE)) > 0.65


def test_neither_side_of_a_map_is_favoured() -> None:
    scores = [score(played(first, second)) for first in BOTS[:6] for second in BOTS[:6]]
    assert abs(np.mean(scores) - 0.5) < 0.02


def test_a_bot_plays_worse_with_less_skill() -> None:
    scores = [score(played("light_rush", "light_rush", skill=skill)) for skill in (90, 50, 0)]
    assert 0.5 < scores[0] < scores[1] < scores[2]


@pytest.mark.parametrize("kind", [LIGHT, HEAVY, RANGED])
def test_a_rush_makes_its_own_kind(kind: int) -> None:
    made = played(f"{KINDS[kind]}_rush", "turtle")["made"].sum(0)[0]
    assert made[BARRACKS] >= 60
    assert made[[LIGHT, HEAVY, RANGED]].argmax() + LIGHT == kind
    assert np.count_nonzero(made[[LIGHT, HEAVY, RANGED]]) == 1


def test_strategies_can_be_told_from_what_was_made() -> None:
    openings = {bot: played(bot, "turtle")["made"][:, 0].mean(0) for bot in BOTS[:6]}
    gaps = [np.abs(openings[a] - openings[b]).max() for a in openings for b in openings if a < b]
    assert min(gaps) > 1


def test_the_same_seed_plays_the_same_game() -> None:
    assert played("economy", "turtle", skill=70).tobytes() == played("economy", "turtle", skill=70).tobytes()


def test_a_worker_with_a_load_hands_it_in() -> None:
    game = from_drawing("1 W B . . b")
    game["load"][0, 0] = 1
    assert commanded(game, "economy")[0] == command("gather", 2)


@pytest.mark.parametrize("bot", [bot for bot in BOTS if bot != "random"])
def test_a_bot_knows_nothing_of_what_fog_hides(bot: str) -> None:
    game = from_drawing("B . . W 5 . L . . . . . . . . b\n" + ". . . . . . . . . . . . . . . .", stock=(3, 3))
    hidden = [Unit(1, RANGED, 14), Unit(1, HEAVY, 30)]
    units = [Unit(0, BASE, 0), Unit(0, 3, 3), Unit(0, LIGHT, 6), Unit(1, BASE, 15)]
    alone, guarded = with_units(game, units, [3, 3]), with_units(game, units + hidden, [3, 0])
    assert commanded(alone, bot) == commanded(guarded, bot)

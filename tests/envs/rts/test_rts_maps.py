"""Maps, drawings and the record."""

import numpy as np
import pytest

from alphakata.envs.rts import GAME, LARGE, MIDDLE, SMALL, MapSettings, Unit, draw, from_drawing, new_game, with_units
from alphakata.envs.rts.invariants import check_games
from alphakata.envs.rts.rules import BASE, LIGHT, PATCHES
from alphakata.envs.rts.state import words

MAPS = pytest.mark.parametrize("settings", [SMALL, MIDDLE, LARGE], ids=["8x8", "12x12", "16x16"])


@MAPS
@pytest.mark.parametrize("seed", range(10))
def test_a_map_is_its_own_mirror_image_with_the_sides_changed(settings: MapSettings, seed: int) -> None:
    rows = [line.split() for line in draw(new_game(settings, seed)).swapcase().splitlines()]
    images = {tuple(tuple(row[::-1]) for row in half) for half in (rows, rows[::-1])}
    assert tuple(tuple(row) for row in (line.split() for line in draw(new_game(settings, seed)).splitlines())) in images


@MAPS
def test_a_game_is_the_same_for_the_same_seed_and_valid(settings: MapSettings) -> None:
    assert new_game(settings, 5).tobytes() == new_game(settings, 5).tobytes()
    assert len({new_game(settings, seed).tobytes() for seed in range(20)}) == 20
    check_games(new_game(settings, 5))


def test_most_patches_there_can_be_fit_the_record() -> None:
    game = new_game(MapSettings(16, near=3, far=4), 0)
    assert (game[0]["patch_loads"] > 0).sum() == 14 <= PATCHES


@pytest.mark.parametrize("wrong", [{"size": 7}, {"size": 17}, {"near": 0}, {"far": 5}, {"loads": 0}, {"loads": 42}])
def test_settings_that_fit_no_record_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="not"):
        MapSettings(**wrong)


def test_a_drawing_is_drawn_back() -> None:
    text = "B . 3 #\nW K L .\n. # h b"
    assert draw(from_drawing(text)) == text


@pytest.mark.parametrize("drawing", ["B ? b", "B . L", "B b\n."])
def test_a_drawing_without_meaning_is_refused(drawing: str) -> None:
    with pytest.raises(ValueError, match=r"no sign|no base|as many signs"):
        from_drawing(drawing)


def test_units_are_dealt_anew_on_the_same_ground() -> None:
    game = from_drawing("B W . 4 b r", stock=(3, 9))
    dealt = with_units(game, [Unit(0, BASE, 0), Unit(1, BASE, 4), Unit(1, LIGHT, 2, slot=9, health=1)], [3, 1])
    assert draw(dealt) == "B . l 4 b ."
    assert (dealt[0]["stock"].tolist(), int(dealt[0]["total"])) == ([3, 1], 8)
    check_games(dealt)


def test_two_units_in_a_cell_or_a_slot_are_refused() -> None:
    game = from_drawing("B . b")
    with pytest.raises(ValueError, match="row 0, column 0 is not free"):
        with_units(game, [Unit(0, BASE, 0), Unit(0, LIGHT, 0)], [0, 0])
    with pytest.raises(ValueError, match="slot 0 of side 0 is taken"):
        with_units(game, [Unit(0, BASE, 0), Unit(0, LIGHT, 1, slot=0)], [0, 0])


def test_a_record_is_768_bytes_and_copied_as_words() -> None:
    game, copy = new_game(SMALL, 0), np.zeros(1, GAME)
    words(copy)[:] = words(game)
    assert (GAME.itemsize, copy.tobytes()) == (768, game.tobytes())


@pytest.mark.parametrize(
    ("field", "value", "broken"),
    [("stock", 1, "no load appears"), ("health", 0, "has health"), ("cell", 5, "where the board says")],
)
def test_the_checker_finds_what_is_broken(field: str, value: int, broken: str) -> None:
    game = from_drawing("B . . b")
    game[field][0, 0] = value
    with pytest.raises(ValueError, match=broken):
        check_games(game)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"wall_share": 0.9}, "wall_share 0.9"),
        ({"limit": 0}, "limit"),
        ({"limit": 70_000}, "limit"),
        ({"stock": -1}, "stock"),
    ],
)
def test_settings_that_no_map_can_have_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MapSettings(**settings)  # type: ignore[arg-type]

"""Worlds that draw themselves give SVG that is well formed and says what their text says."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from alphakata.envs.board import ConnectFour, TicTacToe
from alphakata.envs.demonstrations import UniformExpert
from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.memory import MEMORY, remember
from alphakata.envs.rts.picture import picture
from alphakata.envs.rts.players import Bot
from alphakata.envs.types import play

WORLDS = [TicTacToe(), ConnectFour(), Skirmish()]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: type(world).__name__)
def test_every_picture_of_a_game_is_one_well_formed_element(world: Any) -> None:
    state, rng = world.init(0), np.random.default_rng(0)
    expert: Any = Bot() if isinstance(world, Skirmish) else UniformExpert()
    for _ in range(20):
        for player in (None, 0, 1):
            assert ElementTree.fromstring(world.draw(state, player)).tag == "{http://www.w3.org/2000/svg}svg"
        if not state.terminal:
            state = play(world, state, expert(world, state, rng))


@pytest.mark.parametrize(("world", "moves"), [(TicTacToe(), "1 5 9"), (ConnectFour(), "1 1 4")])
def test_each_player_s_stones_are_drawn_in_its_colour(world: Any, moves: str) -> None:
    picture = world.draw(play(world, world.init(0), world.codec.encode(moves).tolist()), None)
    groups = re.findall(r'"var\(--player-(\d), [^>]*>(.*?)</g>', picture)

    assert [(player, len(re.findall("<(?:path|circle)", stones))) for player, stones in groups] == [("0", 2), ("1", 1)]


FOGGY = """
    B W . . . . . . .
    . . . . . . l w b
"""
NEAR = """
    B W . . . . . . .
    . . . l . . . w b
"""


def side(picture: str, number: int) -> list[str]:
    """Returns the letters and numbers of a side's units."""
    found = re.search(rf'class="side-{number}">(.*?)</g></g>', picture)
    return ["".join(pair) for pair in re.findall(r">(\w)<tspan[^>]*>(\d+)", found[1])] if found else []


def test_a_side_sees_its_own_units_and_the_others_within_sight() -> None:
    world = Skirmish()
    state = world.begin(from_drawing(FOGGY), ("turtle", "turtle"))
    pictures = [world.draw(state, player) for player in (None, 0, 1)]

    assert [side(picture, 0) for picture in pictures] == [["B0", "W1"], ["B0", "W1"], []]
    assert [side(picture, 1) for picture in pictures] == [["L0", "W1", "B2"], [], ["L0", "W1", "B2"]]
    assert [("?" in picture, 'class="fog"' in picture) for picture in pictures] == [
        (False,) * 2,
        (True,) * 2,
        (True,) * 2,
    ]


def test_an_enemy_gone_from_sight_stays_as_a_dashed_memory() -> None:
    memories, near, far = np.zeros(1, MEMORY), from_drawing(NEAR), from_drawing(FOGGY)
    remember(near, memories, True)
    before = picture(near, memories, 0, fog=True)
    far["tick"] = 5
    remember(far, memories, True)
    after = picture(far, memories, 0, fog=True)

    assert [side(before, 1), side(after, 1)] == [["L0"], ["L0"]]
    assert ["dasharray" in drawn for drawn in (before, after)] == [False, True]


def test_rows_and_columns_bear_the_names_that_a_side_reads() -> None:
    state = Skirmish().begin(from_drawing(FOGGY), ("turtle", "turtle"))
    names = [
        "".join(re.findall(r">([a-i1-2])</text>", Skirmish().draw(state, player))[-11:]) for player in (None, 0, 1)
    ]

    assert names == ["abcdefghi12", "abcdefghi12", "ihgfedcba21"]

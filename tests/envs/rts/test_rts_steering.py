"""Commands become orders: the next step on the way, what stands at its end, and no two that wait for ever."""

import numpy as np
import pytest

from alphakata.envs.rts import Games, draw, from_drawing, order
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.rules import BEAT, SLOTS, UNITS
from alphakata.envs.rts.steering import command, steer


def steered(game: Games, commands: dict[int, int]) -> list[int]:
    """Returns the orders of the units that have these commands."""
    given, orders = np.zeros((1, UNITS), np.int16), np.zeros((1, UNITS), np.int16)
    given[0, list(commands)] = list(commands.values())
    steer(game, given, orders)
    return [int(orders[0, unit]) for unit in commands]


def after(game: Games, commands: dict[int, int], beats: int) -> Games:
    """Returns `game` after so many beats under the same commands."""
    game, given = game.copy(), np.zeros((1, UNITS), np.int16)
    given[0, list(commands)] = list(commands.values())
    for _ in range(beats):
        orders = np.zeros((1, UNITS), np.int16)
        steer(game, given, orders)
        step(game, orders, 1)
        step(game, np.zeros_like(orders), BEAT - 1)
    return game


def test_a_unit_walks_to_the_cell_it_is_sent_to() -> None:
    game = after(from_drawing("B . . . b\n. . . . .\nL . . . ."), {1: command("move", 19)}, beats=9)
    assert draw(game).splitlines()[1] == ". . . L ."


def test_a_worker_walks_to_a_patch_and_takes_a_load() -> None:
    game = after(from_drawing("B W . . 3 . b"), {1: command("gather", 4)}, beats=6)
    assert (draw(game), int(game["load"][0, 1])) == ("B . . W 2 . b", 1)


def test_a_worker_beside_its_goal_gathers_and_does_not_walk() -> None:
    assert steered(from_drawing("B W 3 . b"), {1: command("gather", 2)}) == [order("gather", "east")]


@pytest.mark.parametrize(("verb", "argument"), [("attack", 3), ("worker", 1), ("barracks", 2)])
def test_every_other_verb_means_what_it_means_in_an_order(verb: str, argument: int) -> None:
    assert steered(from_drawing("B W . b"), {1: command(verb, argument)}) == [order(verb, argument)]


def test_a_unit_at_its_goal_waits_and_so_does_a_busy_one() -> None:
    game = from_drawing("B W . . W b")
    game["ready"][0, 2] = 5
    assert steered(game, {1: command("move", 1), 2: command("move", 2)}) == [0, 0]


def test_two_who_want_the_same_cell_do_not_wait_for_ever() -> None:
    both = {1: command("move", 3), SLOTS: command("move", 1)}
    assert any(after(from_drawing("B L . l b"), both, beats)["grid"][0, 2] for beats in range(1, 20))


def test_a_unit_in_front_of_a_wall_finds_a_way_round() -> None:
    game = after(from_drawing("B . . . . b\n. L # . . .\n. . . . . ."), {1: command("move", 20)}, beats=30)
    assert int(game["cell"][0, 1]) == 20

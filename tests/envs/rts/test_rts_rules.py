"""The rules, sentence by sentence, on boards of a few cells."""

import numpy as np
import pytest

from alphakata.envs.rts import Games, draw, from_drawing, order
from alphakata.envs.rts.invariants import check_games
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.rules import DAMAGE, HEALTH, LIGHT, RANGED, SLOTS, WORKER


def after(game: Games, orders: dict[tuple[int, int], int], ticks: int = 1) -> Games:
    """Returns `game` after standing `orders` by side and slot."""
    row = np.zeros((1, 2 * SLOTS), np.int16)
    for (side, slot), given in orders.items():
        row[0, SLOTS * side + slot] = given
    game = game.copy()
    step(game, row, ticks)
    check_games(game)
    return game


def board(game: Games) -> str:
    return draw(game).replace("\n", "/").replace(" ", "")


def test_a_unit_moves_and_is_busy() -> None:
    game = after(from_drawing("B . L . . . b"), {(0, 1): order("move", "east")}, ticks=5)
    assert board(game) == "B..L..b"
    assert board(after(game, {(0, 1): order("move", "east")})) == "B...L.b"


def test_a_cell_claimed_twice_goes_to_nobody() -> None:
    game = from_drawing("B L . l b")
    assert board(after(game, {(0, 1): order("move", "east"), (1, 0): order("move", "west")})) == "BL.lb"
    assert board(after(game, {(0, 1): order("move", "east")})) == "B.Llb"


def test_a_cell_left_in_this_tick_is_not_free_yet() -> None:
    game = from_drawing("B H L . . b")
    assert board(after(game, {(0, 1): order("move", "east"), (0, 2): order("move", "east")})) == "BH.L.b"


def test_a_claim_between_a_make_and_a_move_fails_for_both() -> None:
    game = after(
        from_drawing("B . w b", stock=(1, 0)), {(0, 0): order("worker", "east"), (1, 0): order("move", "west")}
    )
    assert board(game) == "B.wb"
    assert game["stock"].tolist() == [[1, 0]]


def test_the_cell_of_the_dead_is_free_in_the_same_tick() -> None:
    game = after(from_drawing("B H w . b"), {(0, 1): order("attack", 0)})
    assert board(game) == "BH..b"
    game = from_drawing("B W w H b\n. . L . .")
    game = after(game, {(0, 2): order("attack", 0), (0, 1): order("move", "east"), (1, 0): order("attack", 1)})
    assert board(game) == "B.WHb/..L.."
    assert game["health"][0, 1] == HEALTH[WORKER] - DAMAGE[WORKER, WORKER]


def test_who_dies_still_strikes_in_that_tick() -> None:
    weak = from_drawing("B W w b")
    weak["health"][0, [1, SLOTS]] = 1
    assert board(after(weak, {(0, 1): order("attack", 0), (1, 0): order("attack", 1)})) == "B..b"


def test_an_attack_reaches_as_far_as_its_range() -> None:
    far, near = from_drawing("B R . . . l b"), from_drawing("B R . . l b")
    assert after(far, {(0, 1): order("attack", 0)})["health"][0, SLOTS] == HEALTH[LIGHT]
    assert after(near, {(0, 1): order("attack", 0)})["health"][0, SLOTS] == HEALTH[LIGHT] - DAMAGE[RANGED, LIGHT]


def test_a_worker_takes_a_load_and_hands_it_in() -> None:
    game = after(from_drawing("2 W B . b"), {(0, 0): order("gather", "west")}, ticks=10)
    assert (board(game), int(game["load"][0, 0])) == ("1WB.b", 1)
    game = after(game, {(0, 0): order("gather", "east")})
    assert (game["stock"].tolist(), int(game["load"][0, 0])) == ([[1, 0]], 0)


def test_an_emptied_patch_leaves_the_board_and_frees_its_cell_at_once() -> None:
    game = from_drawing(". W . .\nW 1 . B\n. . . b")
    assert board(after(game, {(0, 0): order("gather", "south"), (0, 1): order("move", "east")})) == ".W../.W.B/...b"


def test_the_last_load_goes_to_the_lower_slot_and_to_nobody_between_sides() -> None:
    ours = after(from_drawing("W 1 W\nB . b"), {(0, 0): order("gather", "east"), (0, 1): order("gather", "west")})
    assert ours["load"][0, :2].tolist() == [1, 0]
    both = after(from_drawing("W 1 w\nB . b"), {(0, 0): order("gather", "east"), (1, 0): order("gather", "west")})
    assert (board(both), int(both["load"].sum())) == ("W1w/B.b", 0)
    enough = after(from_drawing("W 2 w\nB . b"), {(0, 0): order("gather", "east"), (1, 0): order("gather", "west")})
    assert (board(enough), int(enough["load"].sum())) == ("W.w/B.b", 2)


def test_makes_are_paid_in_the_order_of_slots_as_long_as_the_stock_lasts() -> None:
    game = from_drawing("B . . B\n. . . b", stock=(1, 0))
    game = after(game, {(0, 0): order("worker", "south"), (0, 1): order("worker", "south")})
    assert (board(game), game["stock"].tolist()) == ("B..B/W..b", [[0, 0]])


@pytest.mark.parametrize(("maker", "wanted"), [("B", "light"), ("K", "worker"), ("W", "heavy"), ("L", "base")])
def test_a_unit_makes_only_what_its_kind_can(maker: str, wanted: str) -> None:
    game = from_drawing(f"{maker} . . B b", stock=(20, 0))
    assert board(after(game, {(0, 0): order(wanted, "east")})) == f"{maker}..Bb"


def test_a_new_unit_and_its_maker_are_busy_until_it_is_made() -> None:
    game = after(from_drawing("B . . b", stock=(9, 0)), {(0, 0): order("worker", "east")})
    assert game["ready"][0, :2].tolist() == [20, 20]
    assert board(after(game, {(0, 1): order("move", "east")}, ticks=19)) == "BW.b"
    assert board(after(game, {(0, 1): order("move", "east")}, ticks=20)) == "B.Wb"


def test_what_was_made_is_written_down_in_its_order() -> None:
    game = after(from_drawing(". W B . . b", stock=(9, 0)), {(0, 0): order("barracks", "west")})
    game = after(game, {(0, 1): order("worker", "east")})
    assert game["opening"][0, 0, :3].tolist() == [2, 3, 0]
    assert game["made"][0, 0].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_no_side_has_more_than_its_slots() -> None:
    crowd = "\n".join(["B . . . . . . b"] + ["W W W W W W W W"] * 3 + ["W W W W W W . ."])
    full = after(from_drawing(crowd, stock=(5, 0)), {(0, 0): order("worker", "east")})
    assert (int((full["kind"][0, :SLOTS] > 0).sum()), full["stock"].tolist()) == (SLOTS, [[4, 0]])
    assert board(after(full, {(0, 0): order("worker", "east")}, ticks=30)) == board(full)


def test_a_side_without_buildings_has_lost() -> None:
    game = from_drawing("B R . b l")
    game["health"][0, SLOTS] = 1
    game = after(game, {(0, 1): order("attack", 0)})
    assert (int(game["over"][0]), int(game["winner"][0])) == (1, 0)


def test_it_is_a_draw_if_both_lose_their_last_building_at_once() -> None:
    game = from_drawing("B R r b")
    game["health"][0, [0, SLOTS + 1]] = 1
    game = after(game, {(0, 1): order("attack", 1), (1, 0): order("attack", 0)})
    assert (int(game["over"][0]), int(game["winner"][0])) == (1, -1)


@pytest.mark.parametrize(("drawing", "winner"), [("B L . b w", 0), ("B W . b l", 1), ("B L . b l", -1)])
def test_at_the_time_limit_who_has_the_dearer_units_wins(drawing: str, winner: int) -> None:
    game = after(from_drawing(drawing, limit=7), {}, ticks=7)
    assert (int(game["over"][0]), int(game["winner"][0])) == (1, winner)


def test_a_finished_game_stays_as_it_is() -> None:
    game = after(from_drawing("B L . b", limit=3), {}, ticks=3)
    assert after(game, {(0, 1): order("move", "east")}).tobytes() == game.tobytes()

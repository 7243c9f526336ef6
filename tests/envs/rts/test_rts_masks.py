"""What may be ordered, and what a side sees."""

import numpy as np
import pytest

from alphakata.envs.rts import LARGE, SMALL, Games, MapSettings, Unit, from_drawing, new_games, order, with_units
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.masks import masks, random_legal
from alphakata.envs.rts.observe import COLUMNS, ENEMY, OWN, ROWS, observe
from alphakata.envs.rts.rules import BASE, CELLS, DIRECTIONS, LIGHT, SLOTS, SPAN, UNITS, VERBS, WORKER
from alphakata.envs.rts.state import PATCH


def legal(game: Games, unit: int) -> set[str]:
    """Returns what a unit may be ordered, in words."""
    words = np.zeros((1, UNITS), np.uint64)
    masks(game, words)
    bits = [bit for bit in range(64) if int(words[0, unit]) >> bit & 1]
    return {
        f"attack {bit}" if bit < SLOTS else f"{VERBS[2 + (bit - 32) // 4]} {DIRECTIONS[(bit - 32) % 4]}" for bit in bits
    }


def seen(game: Games, side: int) -> list[dict[str, int]]:
    """Returns the rows that `side` sees."""
    rows, counts = np.zeros((1, ROWS, len(COLUMNS)), np.uint8), np.zeros(1, np.int64)
    observe(game, side, rows, counts)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[0, : counts[0]].tolist()]


def test_a_worker_may_move_gather_build_and_fight() -> None:
    game = from_drawing(". . .\n1 W w\n. . .\nB . b", stock=(5, 0))
    ways = {f"{verb} {where}" for verb in ("move", "barracks") for where in ("north", "south")}
    assert legal(game, 0) == ways | {"gather west", "attack 0"}


def test_a_loaded_worker_may_hand_in_to_its_own_base_only() -> None:
    game = from_drawing("1 . .\nW B .\nb . .")
    game["load"][0, 0] = 1
    assert legal(game, 0) == {"gather east", "attack 0"}


def test_who_is_busy_may_only_wait() -> None:
    game = from_drawing("B W . b")
    game["ready"][0, 1] = 1
    assert legal(game, 1) == set()


def test_a_base_makes_workers_and_barracks_the_army_if_there_is_stock() -> None:
    assert legal(from_drawing("B . b", stock=(1, 0)), 0) == {"worker east"}
    assert legal(from_drawing("K . b", stock=(2, 0)), 0) == {"light east", "ranged east"}
    assert legal(from_drawing("K . b"), 0) == set()


@pytest.mark.parametrize("settings", [SMALL, LARGE], ids=["8x8", "16x16"])
def test_a_legal_order_given_alone_is_carried_out(settings: MapSettings) -> None:
    games = new_games(settings, range(40))
    words, orders = np.zeros((40, UNITS), np.uint64), np.zeros((40, UNITS), np.int16)
    draws = np.arange(40, dtype=np.uint64)
    for tick in range(300):
        masks(games, words)
        random_legal(words, draws, orders)
        alone = np.where(np.arange(UNITS) == tick % UNITS, orders, 0).astype(np.int16)
        before = games.copy()
        step(games, alone)
        acted = (games["ready"] > before["tick"][:, None]) & (before["ready"] <= before["tick"][:, None])
        assert (acted[:, tick % UNITS] == (alone[:, tick % UNITS] != 0)).all()
        games = before
        step(games, orders)


def test_random_orders_are_drawn_evenly_among_the_legal_and_waiting() -> None:
    words = np.full((3000, UNITS), (1 << 3) + (1 << 33) + (1 << 63), np.uint64)
    orders = np.zeros((3000, UNITS), np.int16)
    random_legal(words, np.arange(3000, dtype=np.uint64), orders)
    found, counts = np.unique(orders, return_counts=True)
    assert found.tolist() == [0, order("attack", 3), order("move", "east"), order("ranged", "west")]
    assert np.abs(counts / counts.sum() - 0.25).max() < 0.01


def test_a_side_sees_its_units_the_enemies_in_sight_and_the_patches() -> None:
    game = from_drawing("B . . w . . l . 3 b")
    assert [(row["owner"], row["kind"], row["column"]) for row in seen(game, 0)] == [(1, 1, 0), (2, 3, 3), (3, 0, 8)]
    assert [row["column"] for row in seen(game, 1) if row["owner"] == OWN] == [3, 6, 9]


def test_a_row_says_all_of_a_unit() -> None:
    game = from_drawing(". . .\n. B .\n. W b")
    game["ready"][0, 1], game["tick"][0], game["load"][0, 1] = 15, 4, 1
    assert list(seen(game, 0)[1].values()) == [OWN, 1, WORKER, 2, 1, 2, 1, 11]


@pytest.mark.parametrize("seed", range(30))
def test_a_hidden_unit_changes_nothing_that_a_side_sees_or_may_do(seed: int) -> None:
    rng, ground = np.random.default_rng(seed), new_games(LARGE, [seed])
    bases = [Unit(side, BASE, int(cell), slot=31) for side, cell in enumerate(ground[0]["home"])]
    free = np.flatnonzero((ground[0]["grid"] < PATCH) & ~np.isin(np.arange(CELLS), ground[0]["home"]))
    army = [Unit(1, LIGHT, int(cell), slot) for slot, cell in enumerate(rng.choice(free, 12, replace=False))]
    dealt = with_units(ground, [*bases, *army], stock=[3, 7])
    shown = {SPAN * row["row"] + row["column"] for row in seen(dealt, 0) if row["owner"] == ENEMY}
    unseen_gone = with_units(ground, [*bases, *(unit for unit in army if unit.cell in shown)], stock=[3, 0])
    assert seen(dealt, 0) == seen(unseen_gone, 0)
    assert legal(dealt, SLOTS - 1) == legal(unseen_gone, SLOTS - 1)

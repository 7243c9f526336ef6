"""PUCT and Gumbel against mctx, to the visit: `mctx_golden.py` says how the yardstick was made."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.types import Codec, State
from alphakata.search import Decision, Gumbel, Player, Puct, Root, Scheduler, Search
from alphakata.search.forest import Forest
from alphakata.search.halving import due_visits

GOLDEN = Path(__file__).with_name("mctx_golden.npz")
MCTX: dict[str, NDArray[Any]] = dict(np.load(GOLDEN))
STATES, TOKENS = MCTX["logits"].shape
RUNS = [(players, simulations) for players in (1, 2) for simulations in (32, 64, 128)]
DISCOUNT = {1: 0.9, 2: 1.0}


def follow(state: Any, token: Any) -> Any:
    return (7 * state + 11 * token + 5) % STATES


@dataclass
class Table:
    """The world of the yardstick; an observation is the number of the state, after the tokens that can be picked."""

    num_players: int
    codec: Codec = None  # type: ignore[assignment]

    def at(self, row: int, player: int, reward: float = 0.0) -> State[int]:
        rewards = np.array([reward, -reward] if player else [-reward, reward], np.float32)
        legal = np.arange(TOKENS + STATES) < TOKENS
        rewards = rewards if self.num_players == 2 else np.array([reward], np.float32)
        return State(row, np.array([TOKENS + row], np.int32), True, legal, player, rewards, False)

    def init(self, seed: int) -> State[int]:
        return self.at(seed, 0)

    def step(self, state: State[int], token: int) -> State[int]:
        row = follow(state.inner, token)
        return self.at(row, (state.player + 1) % self.num_players, float(MCTX["rewards"][row]))

    def model(self, state: State[int], seed: int) -> tuple["Table", State[int]]:
        return self, state


class TablePolicy:
    flops_per_token = 0

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        rows = [int(stream.tokens[-1]) - TOKENS for stream in streams]
        logits = np.zeros((len(rows), TOKENS + STATES), np.float32)
        logits[:, :TOKENS] = MCTX["logits"][rows]
        return Prediction(logits, MCTX["values"][rows])

    def complete(self, *arguments: Any, **options: Any) -> list[Any]:
        raise AssertionError("a tree search samples no moves")


class Drawn(np.random.Generator):
    """Hands out Gumbel draws that are given."""

    def __init__(self, draws: NDArray[np.float32]) -> None:
        super().__init__(np.random.PCG64(0))
        self.draws = draws

    def gumbel(self, *arguments: Any, **options: Any) -> Any:
        return self.draws


def decisions(name: str, search: Search, players: int) -> list[Decision]:
    world = Table(players)
    states = [world.init(int(row)) for row in MCTX[f"{name}_roots"]]
    roots = [Root(world, state, Stream(state.tokens), seed=0) for state in states]
    rngs = [Drawn(draws) for draws in MCTX[f"{name}_draws"]]
    decided = Scheduler().decide(Player(name, search, TablePolicy()), roots, rngs)
    return [d.decision for d in decided]


@pytest.mark.parametrize(("players", "simulations"), RUNS)
def test_puct_visits_chooses_and_values_as_mctx_does(players: int, simulations: int) -> None:
    name = f"puct_{players}_{simulations}"
    found = decisions(name, Puct(simulations, discount=DISCOUNT[players]), players)

    np.testing.assert_array_equal([d.trace["visits"] for d in found], MCTX[f"{name}_visits"])
    np.testing.assert_allclose(np.array([d.value for d in found], float), MCTX[f"{name}_value"], atol=1e-6)
    # Where several tokens have the most visits, mctx draws one of them.
    for visits, token, decision in zip(MCTX[f"{name}_visits"], MCTX[f"{name}_token"], found, strict=True):
        assert visits[decision.moves[0][0]] == visits[token] == visits.max()


@pytest.mark.parametrize(("players", "simulations"), RUNS)
def test_gumbel_visits_chooses_values_and_teaches_as_mctx_does(players: int, simulations: int) -> None:
    name = f"gumbel_{players}_{simulations}"
    found = decisions(name, Gumbel(simulations, discount=DISCOUNT[players]), players)

    np.testing.assert_array_equal([d.trace["visits"] for d in found], MCTX[f"{name}_visits"])
    np.testing.assert_array_equal([d.moves[0][0] for d in found], MCTX[f"{name}_token"])
    np.testing.assert_allclose(np.array([d.value for d in found], float), MCTX[f"{name}_value"], atol=1e-6)
    weights = np.array([d.weights for d in found])[:, :TOKENS]
    np.testing.assert_allclose(weights, MCTX[f"{name}_weights"], atol=1e-5)


@pytest.mark.parametrize("rule", ["puct", "gumbel"])
@pytest.mark.parametrize(("players", "simulations"), RUNS)
def test_a_forest_grows_the_same_trees(rule: str, players: int, simulations: int) -> None:
    name = f"{rule}_{players}_{simulations}"
    forest = grown(name, rule, players, simulations)

    np.testing.assert_array_equal(forest.visits(TOKENS), MCTX[f"{name}_visits"])
    np.testing.assert_allclose(forest.nodes["value"][:, 0], MCTX[f"{name}_value"], atol=1e-6)


def grown(name: str, rule: str, players: int, simulations: int) -> Forest:
    rows = MCTX[f"{name}_roots"].astype(np.int64)
    number = len(rows)
    # Where each node is, and how deep.
    forest = Forest(np.stack([rows, np.zeros_like(rows)], 1), simulations + 1, TOKENS, DISCOUNT[players])
    if rule == "gumbel":
        forest.order = (MCTX["logits"][rows] + MCTX[f"{name}_draws"]).astype(np.float64)
    schedules = np.tile(due_visits(16, simulations), (number, 1))
    legal, over = np.ones((number, TOKENS), np.bool_), np.zeros(number, np.bool_)
    forest.plant(np.zeros(number, np.int32), legal, MCTX["logits"][rows], MCTX["values"][rows])
    for _ in range(simulations):
        if rule == "puct":
            forest.select_puct(1.25, 19652.0)
        else:
            forest.select_gumbel(schedules, 50.0, 0.1, True)
        _, (above, depth), _, tokens = (part.T for part in forest.open())
        rows, depth = follow(above, tokens), depth + 1
        rewards = np.repeat(MCTX["rewards"][rows, None], players, axis=1)
        turn = (depth % players).astype(np.int32)
        after = np.stack([rows, depth], 1)
        forest.expand(after, turn, rewards, legal, over, MCTX["logits"][rows], MCTX["values"][rows])
    return forest


def test_rounds_ask_for_many_leaves_at_once_and_visit_nearly_the_same() -> None:
    name = "gumbel_2_128"
    found = decisions(name, Gumbel(128, by_rounds=True), players=2)
    shares = np.array([d.trace["visits"] for d in found]) / 128
    assert np.abs(shares - MCTX[f"{name}_visits"] / 128).sum(axis=1).mean() / 2 <= 0.03


@pytest.mark.slow
def test_mctx_still_says_what_is_written_down(tmp_path: Path) -> None:
    made = tmp_path / "made.npz"
    subprocess.run([sys.executable, GOLDEN.with_name("mctx_golden.py"), made], check=True)
    fresh = dict(np.load(made))
    assert fresh.keys() == MCTX.keys()
    for key, array in fresh.items():
        np.testing.assert_allclose(array, MCTX[key], atol=1e-5, err_msg=key)

"""Playouts judge moves by how scripted games end, the same worlds for each, at a foreseen price."""

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.rts import MapSettings, from_drawing
from alphakata.envs.rts.battle import Battle
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.strategy import STRATEGIES
from alphakata.envs.rts.words import NUM_WORDS
from alphakata.envs.types import State
from alphakata.search import Limits, Playouts, Root, check_search
from alphakata.search.scheduler import Scheduler
from alphakata.search.task import Decided, Player

ENV, POLICY = Skirmish(MapSettings(limit=60)), UniformPolicy(NUM_WORDS)


def decided(search: Playouts, state: State[Battle], limits: Limits | None = None) -> Decided:
    player = Player("playouts", search, POLICY, limits or Limits())
    root = Root(ENV, state, Stream(state.tokens), 0)
    return Scheduler().decide(player, [root], [np.random.default_rng(0)])[0]


def test_it_keeps_the_contract_of_a_search() -> None:
    limits = [Limits(env_steps=70), Limits(predictions=20), Limits(predictions=0), Limits(samples=2)]
    check_search(Playouts(3, num_rounds=2, horizon=8), ENV, POLICY, limits, seeds=[0, 1])


def test_the_one_move_that_does_not_lose_is_ranked_first() -> None:
    game = from_drawing("h B . H b")
    game["health"][0, [0, 33]] = 1
    decision = decided(Playouts(40, num_rounds=2), ENV.begin(game, ("turtle", "turtle"))).decision

    # Both bases fall in the same tick, or the own one alone.
    assert "u1 attack weakest" in ENV.codec.decode(decision.moves[0])
    assert decision.value == 0
    assert decision.trace["candidates"]["moves"][0] == list(decision.moves[0])
    assert decision.trace["candidates"]["value"][-1] == -1


def test_every_playout_costs_its_horizon() -> None:
    short, long = (decided(Playouts(5, num_rounds=3, horizon=horizon), ENV.init(0)) for horizon in (10, 20))
    assert long.cost.env_steps - short.cost.env_steps == 3 * len(long.decision.moves) * 10


def test_a_round_that_the_budget_cuts_short_does_not_count() -> None:
    found = decided(Playouts(5, num_rounds=3, horizon=20), ENV.init(0), Limits(env_steps=150))
    assert found.decision.trace["rounds"] == 1
    assert found.cost.env_steps <= 150


def test_a_world_without_scripted_players_is_refused() -> None:
    env = TicTacToe()
    state = env.init(0)
    player = Player("playouts", Playouts(), UniformPolicy(env.codec.size))
    with pytest.raises(ValueError, match="TicTacToe offers no playouts"):
        Scheduler().decide(player, [Root(env, state, Stream(state.tokens), 0)], [np.random.default_rng(0)])


@pytest.mark.parametrize("setting", ["num_candidates", "num_rounds", "horizon"])
def test_settings_below_one_are_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Playouts(**{setting: 0})  # type: ignore[arg-type]


def test_guided_it_keeps_the_contract_too() -> None:
    limits = [Limits(env_steps=200), Limits(predictions=20), Limits(predictions=0), Limits(samples=2)]
    check_search(Playouts(6, num_rounds=1, horizon=4, guided=True), ENV, POLICY, limits, seeds=[0])


def test_guided_the_policy_proposes_in_every_way_and_each_move_is_played_on_in_its_own() -> None:
    found = decided(Playouts(6, num_rounds=2, horizon=8, guided=True), ENV.init(0)).decision.trace["candidates"]
    assert sorted(found["way"]) == sorted(STRATEGIES)
    assert found["value"] == sorted(found["value"], reverse=True)


def test_guided_it_is_refused_where_the_world_knows_no_ways() -> None:
    class Unguided:
        """A world that plays on, and does nothing else."""

        playouts = ENV.playouts

    state = ENV.init(0)
    root = Root(Unguided(), state, Stream(state.tokens), 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Unguided knows no ways to play"):
        next(Playouts(guided=True)(root, np.random.default_rng(0)))


def test_guided_what_the_ways_cost_is_billed_and_who_cannot_pay_proposes_as_it_is() -> None:
    search = Playouts(6, num_rounds=1, horizon=4, guided=True)
    assert decided(search, ENV.init(0)).cost.env_steps >= ENV.guise_steps
    poor = decided(search, ENV.init(0), Limits(env_steps=ENV.guise_steps - 1))
    assert poor.cost.samples == 6
    assert set(poor.decision.trace["candidates"]["way"]) == {""}

"""OpenSpiel's games as worlds: chess and Go, chance from the seed, and nothing hidden in a model."""

import pickle
from typing import Any

import numpy as np
import pyspiel
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.envs.openspiel import FIRST_MOVE, MonteCarlo, OpenSpiel
from alphakata.envs.testing import check_env
from alphakata.envs.types import State
from alphakata.search import Gumbel, Limits, Puct, check_search

ALL = sorted(set(pyspiel.registered_names()))


def named(world: OpenSpiel, state: State[Any], name: str) -> int:
    """Returns the token of the move that OpenSpiel calls `name`."""
    for token in np.flatnonzero(state.legal).tolist():
        if state.inner.spiel.action_to_string(state.player, token - FIRST_MOVE) == name:
            return int(token)
    raise KeyError(name)


@pytest.mark.parametrize(
    "game", ["chess", "go(board_size=5)", "backgammon", "2048", "leduc_poker", "bridge", "oh_hell"]
)
def test_games_hold_the_contract_of_worlds(game: str) -> None:
    check_env(OpenSpiel(game), seeds=range(2), max_moves=6)


@pytest.mark.slow
@pytest.mark.parametrize("game", ALL)
def test_every_game_holds_the_contract_or_is_refused_with_its_reason(game: str) -> None:
    try:
        world = OpenSpiel(game)
    except ValueError as reason:
        pytest.skip(str(reason))
    check_env(world, seeds=range(2), max_moves=12)


def test_more_than_fifty_games_are_worlds() -> None:
    def loads(game: str) -> bool:
        try:
            OpenSpiel(game)
        except ValueError:
            return False
        return True

    assert sum(map(loads, ALL)) >= 50


def test_the_fool_s_mate_is_won_by_black() -> None:
    world = OpenSpiel("chess")
    state = world.init(0)
    white = state.player
    assert world.codec.decode(state.tokens.tolist()).startswith("r n b q k b n r / p")
    for move in ("f3", "e5", "g4", "Qh4#"):
        state = world.step(state, named(world, state, move))
    assert state.terminal
    assert state.rewards[[white, 1 - white]].tolist() == [-1.0, 1.0]


def test_chance_comes_from_the_seed_and_a_model_draws_its_own() -> None:
    world = OpenSpiel("pig")

    def rolls(state: State[Any]) -> str:
        for _ in range(12):
            state = world.step(state, int(np.flatnonzero(state.legal)[0]))
        return str(state.inner.spiel)

    assert rolls(world.init(3)) == rolls(world.init(3))
    assert len({rolls(world.init(seed)) for seed in range(5)}) > 1
    assert len({rolls(world.model(world.init(3), seed)[1]) for seed in range(5)}) > 1


def test_a_model_deals_what_is_hidden_anew_and_keeps_what_is_known() -> None:
    world = OpenSpiel("leduc_poker")
    state = world.init(0)
    dealt = [world.model(state, seed)[1].inner.spiel for seed in range(30)]
    own, others = (
        {d.information_state_string(state.player) for d in dealt},
        {d.information_state_string(1 - state.player) for d in dealt},
    )
    assert own == {state.inner.spiel.information_state_string(state.player)}
    assert len(others) > 2


@pytest.mark.parametrize(
    ("game", "told"),
    [
        ("ches", "did you mean chess"),
        ("goofspiel", r"move at once; in turn_based_simultaneous_game\(game=goofspiel\)"),
        ("dark_hex", "dark_hex hides something, and OpenSpiel cannot deal it anew"),
        ("hanabi", "does not say all that a player knows"),
        ("tarok", "a generator of its own"),
        ("mfg_garnet", "a crowd"),
        ("chat_game", "numbers beyond"),
    ],
)
def test_what_cannot_be_a_world_is_refused_by_name(game: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        OpenSpiel(game)


def test_a_person_is_shown_the_own_cards_alone() -> None:
    world = OpenSpiel("leduc_poker")
    dealt = {world.render(world.model(world.init(0), seed)[1]) for seed in range(20)}
    assert len(dealt) == 1
    assert "player 0: m1 Call" in dealt.pop()


def test_an_illegal_move_names_those_that_are_legal() -> None:
    world = OpenSpiel("tic_tac_toe")
    state = world.step(world.init(0), FIRST_MOVE)
    with pytest.raises(ValueError, match=r"token 256 is no legal move, \['m1', 'm2'"):
        world.step(state, FIRST_MOVE)


@pytest.mark.parametrize("search", [Puct(12), Gumbel(12)], ids=["puct", "gumbel"])
@pytest.mark.parametrize("game", ["chess", "kuhn_poker"])
def test_searches_keep_their_contract_in_its_games(search: Any, game: str) -> None:
    world = OpenSpiel(game)
    limits = (Limits(predictions=9), Limits(env_steps=3))
    check_search(search, world, UniformPolicy(world.codec.size), limits, seeds=[0])


def test_a_world_goes_to_another_process_by_its_name() -> None:
    world = pickle.loads(pickle.dumps(OpenSpiel("nim")))
    assert world.codec.fingerprint() == OpenSpiel("nim").codec.fingerprint()


def test_its_own_tree_search_takes_the_win() -> None:
    # x x .
    # o o .   x to move: 2 wins.
    # . . .
    world = OpenSpiel("tic_tac_toe")
    state = world.init(0)
    for cell in (0, 3, 1, 4):
        state = world.step(state, FIRST_MOVE + cell)
    moves = {MonteCarlo(200)(world, state, np.random.default_rng(seed))[0] for seed in range(3)}
    assert moves == {FIRST_MOVE + 2}

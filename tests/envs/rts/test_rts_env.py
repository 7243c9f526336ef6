"""The token world holds the contract, reads alike from both sides, and goes on as the rules say."""

import pickle
from collections.abc import Callable

import gymnasium.utils.env_checker
import numpy as np
import pytest

from alphakata.envs.dm import DmEnv
from alphakata.envs.gym import GymEnv
from alphakata.envs.rts import MIDDLE, MapSettings, from_drawing
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.players import Bot, commanded
from alphakata.envs.rts.strategy import STRATEGIES
from alphakata.envs.testing import check_env
from alphakata.envs.types import Advancing, Behaving, Described, Rendering, play

ENV = Skirmish()
Written = Callable[..., list[int]]


@pytest.mark.parametrize(
    "env",
    [
        ENV,
        Skirmish(fog=False, strategies=["turtle"]),
        Skirmish(MIDDLE, ticks_per_decision=10, told="dealt"),
        Skirmish(MapSettings(limit=40), told="economy", num_maps=2),
    ],
    ids=["plain", "no_fog", "middle", "short"],
)
def test_it_holds_the_contract(env: Skirmish) -> None:
    check_env(env, max_moves=40)


def test_it_can_advance_show_describe_and_fingerprint() -> None:
    for ability in (Advancing, Behaving, Described, Rendering):
        assert isinstance(ENV, ability)


def test_gymnasium_s_check_and_dm_env_s_seats_take_it() -> None:
    gymnasium.utils.env_checker.check_env(GymEnv(Skirmish(), length=128), skip_render_check=True)
    step = DmEnv(Skirmish(), opponents=[Bot()]).reset()
    assert step.first()


def test_a_bot_in_the_world_commands_what_it_commands_without_it() -> None:
    state = ENV.init(0)
    for turn in range(60):
        name = state.inner.dealt[state.player]
        wanted = commanded(state.inner, state.player, name, 100, np.random.default_rng(turn))
        (after,) = ENV.advance((state,), (Bot()(ENV, state, np.random.default_rng(turn)),))
        written = {} if state.player else dict(after.inner.commands)
        assert state.player or written == {slot: given for slot, given in enumerate(wanted.tolist()) if given}
        state = after


def test_both_sides_read_the_same_board_from_their_own_corner(written: Written) -> None:
    for seed in range(20):
        first = ENV.init(seed)
        second = ENV.advance([first], [written(first)])[0]
        assert (first.player, second.player) == (0, 1)
        one, other = (ENV.codec.decode(state.tokens.tolist()).partition("patch")[0] for state in (first, second))
        assert one == other
        assert one.startswith("stock.4 clock.0 g")
        assert " base.10 b" in one


def test_a_unit_is_told_what_lies_near_it_near_its_home_and_whom_it_may_attack() -> None:
    board = "B . . . . . . .\n. W 5 . . . . .\n. . . L l . . .\n. . . w . . r b"
    state = ENV.begin(from_drawing(board), ("turtle", "turtle"))
    read = ENV.codec.decode(state.tokens.tolist())
    assert " worker.2.gather b2 nth.1 far.2 x0 near.4 c2 u1 " in read
    assert " light.6.attack d3 nth.1 far.5 x0 near.1 x1 foe.worker.2 x0 foe.light.6 u2 " in read
    assert " own.worker.1 own.light.1 army.1 " in read
    assert " foe.light.6 e3 far.6 x0 foe.worker.2 d4 far.6 x1 foe.ranged.3 g4 far.9 x2 " in read

    board = "B . . . . . . .\n. . R . . . . .\n. . . l h l . .\n. l l w . . r b"
    state = ENV.begin(from_drawing(board), ("turtle", "turtle"))
    read = ENV.codec.decode(state.tokens.tolist())
    # Two steps to x0, farther from home than four; three to x3, the nearest at home. Of five in reach four are told,
    # first who loses most, half of its health.
    told = "x5 foe.worker.2 x0 foe.light.6 x1 foe.heavy.10 x3 foe.light.6"
    assert f" ranged.3.attack c2 nth.1 far.3 x0 near.2 x3 in.3 {told} u1 " in read


def test_no_side_reads_the_other_s_move(written: Written) -> None:
    first = ENV.init(0)
    moves = [written(first), Bot()(ENV, first, np.random.default_rng(0))]
    states = ENV.advance([first] * 2, moves)
    assert states[0].tokens.tolist() == states[1].tokens.tolist()
    assert ENV.behaviour(states, 0)[0] != ENV.behaviour(states, 0)[1]


def test_many_games_together_go_on_as_each_alone() -> None:
    states, rng = [ENV.init(seed) for seed in range(6)], np.random.default_rng(0)
    for _ in range(30):
        moves = [Bot(skill=50)(ENV, state, rng) for state in states]
        after = ENV.advance(states, moves)
        alone = [play(ENV, state, move) for state, move in zip(states, moves, strict=True)]
        assert [s.inner.games.tobytes() for s in after] == [s.inner.games.tobytes() for s in alone]
        states = after


def test_a_side_whose_units_are_all_busy_is_not_asked(written: Written) -> None:
    state = ENV.begin(from_drawing("B . . . . . . .\n. . . . . . w b", stock=(1, 0)), ("turtle", "turtle"))
    state = ENV.advance([state], [written(state, "u0 worker east")])[0]
    assert state.player == 1

    state = ENV.advance([state], [written(state)])[0]

    # Worker and base of the first side are busy for four beats, so the second is asked again.
    assert (state.player, state.inner.games["tick"][0]) == (1, 5)


def test_a_won_game_ends_and_pays(written: Written) -> None:
    state = ENV.begin(from_drawing("B H b . . H . .", stock=(0, 0)), ("turtle", "turtle"))
    while not state.terminal:
        is_ready = state.player == 0 and state.inner.games["ready"][0, 1] <= state.inner.games["tick"][0]
        (state,) = ENV.advance([state], [written(state, "u1 attack weakest" if is_ready else "")])
    assert state.rewards.tolist() == [1, -1]


def test_every_pair_of_strategies_comes_up_in_every_seat() -> None:
    dealt = {(seed % 2, ENV.init(seed).inner.dealt) for seed in range(72)}
    assert len(dealt) == 2 * len(STRATEGIES) ** 2


def test_the_frame_shows_what_its_side_sees() -> None:
    state = ENV.begin(from_drawing("B W . . . . 3 . # b"), ("turtle", "turtle"))
    assert ENV.render(state).splitlines()[0] == " 1 B W . . . ~ 3 ~ # ~"


def test_a_world_goes_to_another_process_and_is_the_same_there() -> None:
    twin = pickle.loads(pickle.dumps(ENV))
    assert twin.init(5).tokens.tolist() == ENV.init(5).tokens.tolist()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ticks_per_decision": 7}, "7 is no multiple of a beat, 5 ticks"),
        ({"strategies": []}, "strategies: found none"),
        ({"strategies": ["zerg"]}, "no strategy is called 'zerg'; there are worker_rush"),
        ({"told": "zerg"}, "no strategy is called 'zerg'"),
    ],
)
def test_senseless_settings_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Skirmish(**settings)  # type: ignore[arg-type]

"""`check_env` lets a good world pass and names what a bad one breaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.codec import BpeCodec, WordCodec
from alphakata.envs.requirements import ContractError
from alphakata.envs.testing import check_env
from alphakata.envs.types import Codec, Phrase, State, States

TAKE, LEAVE = 4, 5


@dataclass
class Purse:
    """What `Coins` remembers; not frozen, so that a test can break the promise to leave it alone."""

    left: int


class Coins:
    """Three coins, one player: `take` the next one or `leave` the rest."""

    codec: Codec = WordCodec("coins", ["0", "1", "2", "3", "take", "leave"])
    num_players: int = 1

    def init(self, seed: int) -> State[Purse]:
        return self.state(Purse(3), 0)

    def step(self, state: State[Purse], token: int) -> State[Purse]:
        if token not in np.flatnonzero(state.legal):
            raise ValueError(f"{token} is not legal")
        return self.state(Purse(state.inner.left - 1), 1) if token == TAKE else self.state(Purse(0), 0)

    def model(self, state: State[Purse], seed: int) -> "tuple[Coins, State[Purse]]":
        return self, state

    def state(self, purse: Purse, reward: float) -> State[Purse]:
        legal = np.isin(np.arange(6), [TAKE, LEAVE]) & (purse.left > 0)
        tokens, rewards = np.array([purse.left], dtype=np.int32), np.array([reward], dtype=np.float32)
        return State(purse, tokens, True, legal, 0, rewards, purse.left == 0)


class Letters:
    """One player writes up to three letters and closes with the codec's end; paid by the letter."""

    codec: Codec = BpeCodec.bytes("letters")
    num_players: int = 1

    def init(self, seed: int) -> State[int]:
        return self.state(0, self.codec.encode("write:"))

    def step(self, state: State[int], token: int) -> State[int]:
        if token not in np.flatnonzero(state.legal):
            raise ValueError(f"{token} is not legal")
        return self.state(state.inner + 1 if token != 256 else -state.inner - 1, np.zeros(0, dtype=np.int32))

    def state(self, count: int, tokens: Any) -> State[int]:
        legal = np.arange(257) >= (0 if count < 3 else 256)
        rewards = np.array([max(0, -count - 1)], dtype=np.float32)
        return State(count, tokens, False, legal & (count >= 0), 0, rewards, count < 0)

    def model(self, state: State[int], seed: int) -> "tuple[Letters, State[int]]":
        return self, state

    def phrase(self, state: State[int]) -> Phrase:
        return Phrase(np.ones(257, dtype=np.bool_), end=256, max_tokens=4)

    def advance(self, states: Sequence[State[int]], moves: Sequence[Sequence[int]]) -> Sequence[State[int]]:
        return [self.state(-len(move), np.zeros(0, dtype=np.int32)) for move in moves]

    def behaviour(self, states: Sequence[State[int]], seed: int) -> Sequence[bytes]:
        return [b"%d" % state.inner for state in states]

    def render(self, state: State[int]) -> str:
        return str(state.inner)

    def meter(self) -> tuple[int, float]:
        return 0, 0.0

    attempts = 1

    def describe(self, state: State[int]) -> dict[str, Any]:
        return {"letters": state.inner, "tags": ["a"]}

    def texts(self, count: int) -> Sequence[str]:
        return ["write:"] * count

    def with_codec(self, codec: Codec) -> "Letters":
        return self


def broken(world: type, **methods: object) -> Any:
    """A world with some of its methods replaced."""
    return type("Broken", (world,), methods)()


@pytest.mark.parametrize("world", [Coins, Letters])
def test_a_good_world_passes(world: Callable[[], Any]) -> None:
    check_env(world())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": np.array([1])}, r"state.tokens: found \(1,\) int64, wanted \(any length,\) int32"),
        ({"tokens": np.array([9], np.int32)}, r"state.tokens: found \[9\], wanted tokens from 0 to 5"),
        ({"tokens": np.array([], np.int32)}, r"state.tokens: found none, wanted some at a restart"),
        ({"legal": np.ones(7, np.bool_)}, r"state.legal: found \(7,\) bool, wanted \(6,\) bool"),
        ({"legal": [True] * 6}, r"state.legal: found list, wanted \(6,\) bool"),
        ({"legal": np.zeros(6, np.bool_)}, r"state.legal: found 0 legal tokens where terminal is False, wanted none"),
        ({"rewards": np.zeros(2, np.float32)}, r"state.rewards: found \(2,\) float32, wanted \(1,\) float32"),
        ({"rewards": np.array([np.nan], np.float32)}, r"state.rewards: found \[nan\], wanted finite numbers"),
        ({"player": 1}, r"state.player: found 1, wanted 0 to 0"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found_and_wanted(change: dict[str, Any], message: str) -> None:
    def state(self: Coins, purse: Purse, reward: float) -> State[Purse]:
        return replace(Coins.state(self, purse, reward), **change)

    with pytest.raises(ContractError, match="^Broken: " + message):
        check_env(broken(Coins, state=state))


def a_step_that_never_leaves(env: Coins, state: State[Purse], token: int) -> State[Purse]:
    if token == LEAVE:
        raise ValueError("nobody leaves")
    return Coins.step(env, state, token)


def a_step_without_a_look_at_legal(env: Coins, state: State[Purse], token: int) -> State[Purse]:
    return env.state(Purse(max(0, state.inner.left - 1)), 0)


def a_step_that_ends_twice(env: Coins, state: State[Purse], token: int) -> State[Purse]:
    return state if state.terminal else Coins.step(env, state, token)


def a_step_on_the_state_itself(env: Coins, state: State[Purse], token: int) -> State[Purse]:
    after = Coins.step(env, state, token)
    state.inner.left = 1
    return after


def a_step_that_counts_its_calls(env: Any, state: State[Purse], token: int) -> State[Purse]:
    env.calls = getattr(env, "calls", 0) + 1
    return replace(Coins.step(env, state, token), rewards=np.array([env.calls], dtype=np.float32))


def a_start_of_its_own_each_time(env: Any, seed: int) -> State[Purse]:
    env.starts = getattr(env, "starts", 0) + 1
    return env.state(Purse(1 + env.starts % 2), 0)  # type: ignore[no-any-return]


def a_model_of_something_else(env: Coins, state: State[Purse], seed: int) -> tuple[Coins, State[Purse]]:
    return env, env.state(Purse(2), 0)


def a_model_that_forgets_its_seed(env: Any, state: State[Purse], seed: int) -> tuple[Coins, State[Purse]]:
    env.paid = getattr(env, "paid", 0) + 1
    return broken(
        Coins,
        step=lambda self, state, token: replace(
            Coins.step(self, state, token), rewards=np.array([env.paid], np.float32)
        ),
    ), state


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (
            {"step": a_step_that_never_leaves},
            r"step of token 5, which state.legal allows: found ValueError\(nobody lea",
        ),
        (
            {"step": a_step_without_a_look_at_legal},
            r"step of token -1 which is not legal there: found a state, wanted V",
        ),
        ({"step": a_step_that_ends_twice}, r"step of token \d on a terminal state: found a state, wanted ValueError"),
        ({"step": a_step_on_the_state_itself}, r"step changed state.inner in place: found Purse\(left=1\), wanted"),
        ({"step": a_step_that_counts_its_calls}, r"token \d played twice: state.rewards: found \["),
        ({"init": a_start_of_its_own_each_time}, r"episode 0 replayed: state.tokens: found \[1\], wanted \[2\]"),
        ({"model": a_model_of_something_else}, r"model\(state, 1\): state.tokens: found \[2\], wanted \[3\]"),
        ({"model": a_model_that_forgets_its_seed}, r"model\(state, 1\) drawn again from the same seed: state.rewards"),
    ],
)
def test_a_broken_promise_is_named(methods: dict[str, object], message: str) -> None:
    with pytest.raises(ContractError, match="^Broken: " + message):
        check_env(broken(Coins, **methods))


def a_phrase_too_short(env: Letters, state: State[int]) -> Phrase:
    return Phrase(np.ones(257, dtype=np.bool_), end=256, max_tokens=1)


def a_phrase_of_fewer_letters(env: Letters, state: State[int]) -> Phrase:
    return Phrase(np.arange(257) > 99, end=256, max_tokens=4)


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"phrase": a_phrase_too_short}, r"a move of a phrased world: found \d tokens"),
        ({"phrase": a_phrase_of_fewer_letters}, r"state.legal at place 0 of a move: found \[  0"),
        ({"advance": lambda env, states, moves: states}, r"advance: state"),
        (
            {"behaviour": lambda env, states, seed: ["x"] * len(states)},
            r"behaviour of 1 states: found \['x'\], wanted by",
        ),
        ({"behaviour": lambda env, states, seed: [bytes(np.random.default_rng().bytes(9))]}, "behaviour asked twice"),
        ({"render": lambda env, state: None}, r"render: found NoneType, wanted str"),
        (
            {"describe": lambda env, state: {"letters": np.int64(3)}},
            r"describe: found \{'letters': .*, wanted a dict",
        ),
        ({"describe": lambda env, state: {"tags": ("a",)}}, r"describe: found \{'tags': .*, wanted a dict of JSON"),
        (
            {"describe": lambda env, state: {"board": np.arange(3)}},
            r"describe: found \{'board': .*, wanted a dict of JSON",
        ),
        ({"describe": lambda env, state: {(1, 2): 3}}, r"describe: found \{\(1, 2\): 3\}, wanted a dict of JSON"),
        ({"describe": lambda env, state: ["letters"]}, r"describe: found \['letters'\], wanted a dict of JSON"),
        ({"attempts": 0}, r"attempts: found 0, wanted at least 1"),
        ({"texts": lambda env, count: []}, r"texts\(2\): found \[\], wanted two texts"),
        ({"with_codec": lambda env, codec: Coins()}, r"with_codec: found a world that speaks another codec"),
    ],
)
def test_an_ability_that_is_none_is_named(methods: dict[str, object], message: str) -> None:
    with pytest.raises(ContractError, match="^Broken: " + message):
        check_env(broken(Letters, **methods))


def test_a_codec_that_decodes_anything_is_named() -> None:
    codec = WordCodec("coins", Coins.codec.decode(range(6)).split())
    codec.decode = lambda tokens: ""  # type: ignore[method-assign]
    with pytest.raises(ContractError, match=r"codec 'coins' decoding -1: found '', wanted ValueError"):
        check_env(broken(Coins, codec=codec))


def test_an_episode_without_a_move_is_named() -> None:
    over = broken(Coins, init=lambda env, seed: env.state(Purse(0), 0))
    with pytest.raises(ContractError, match="episode 0: found no move, wanted at least one"):
        check_env(over)


def test_what_a_state_holds_deep_inside_is_watched_too() -> None:
    def init(env: Coins, seed: int) -> State[Any]:
        state: State[Any] = Coins.init(env, seed)
        return replace(state, inner={"left": [3]})

    def step(env: Coins, state: State[Any], token: int) -> State[Any]:
        after: State[Any] = Coins.step(env, replace(state, inner=Purse(state.inner["left"][0])), token)
        state.inner["left"][0] = 0 if meddles else state.inner["left"][0]
        return replace(after, inner={"left": [after.inner.left]})

    meddles = False
    check_env(broken(Coins, init=init, step=step))
    meddles = True
    with pytest.raises(ContractError, match=r"step changed state.inner in place: found \{'left': \[0\]\}, wanted"):
        check_env(broken(Coins, init=init, step=step))


class Slipping(ConnectFour):
    """Connect Four that steps in arrays as a test has it."""

    def __init__(self, change: Callable[[States], States]) -> None:
        super().__init__()
        self.change = change

    def step_all(self, inner: Any, players: Any, tokens: Any) -> States:
        return self.change(super().step_all(inner, players, tokens))


class Trusting(ConnectFour):
    """Connect Four that in arrays takes any token for the first column."""

    def step_all(self, inner: Any, players: Any, tokens: Any) -> States:
        return super().step_all(inner, players, np.where(tokens < 127, 127, tokens).astype(np.int32))


class Meddling(ConnectFour):
    """Connect Four that in arrays changes what it is given."""

    def step_all(self, inner: Any, players: Any, tokens: Any) -> States:
        states = super().step_all(inner, players, tokens)
        players[:] = 0
        return states


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (Slipping(lambda s: replace(s, players=1 - s.players)), r"state\.player: found 0, wanted 1"),
        (Slipping(lambda s: replace(s, players=s.players.astype(np.int64))), "players and terminal: found .*int64"),
        (Slipping(lambda s: replace(s, inner=s.inner + np.uint64(1))), "inner: found"),
        (Trusting(), "of illegal tokens: found states, wanted ValueError"),
        (Meddling(), "found what it was given changed"),
    ],
)
def test_steps_in_arrays_are_held_to_steps_one_by_one(world: ConnectFour, message: str) -> None:
    with pytest.raises(ContractError, match="step_all.*" + message):
        check_env(world)


def test_a_world_that_says_too_few_tokens_are_legal_is_told_how_many() -> None:
    world = ConnectFour()
    world.most_legal = 6
    with pytest.raises(ContractError, match="most_legal: found 6, wanted at least 7"):
        check_env(world)

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.types import Codec, SequentialEnv, State, play
from alphakata.search import Decision, Gumbel, Limits, Player, Root, Scheduler
from alphakata.search.halving import due_visits, rounds


@dataclass(eq=False)
class Branching:
    """A random tree of one player: `width` tokens at each of `depth` steps, then a reward; depth 1 is a bandit."""

    seed: int
    width: int
    depth: int
    num_players: int = 1
    codec: Codec = None  # type: ignore[assignment]

    def init(self, seed: int) -> State[tuple[int, ...]]:
        return self.at(())

    def at(self, path: tuple[int, ...]) -> State[tuple[int, ...]]:
        ended = len(path) == self.depth
        reward = self.draw(path, 1).uniform(-1, 1) if ended else 0.0
        tokens, legal = np.array([*path, self.width], np.int32), np.arange(self.width + 1) < self.width * (not ended)
        return State(path, tokens, True, legal, 0, np.array([reward], np.float32), ended)

    def step(self, state: State[tuple[int, ...]], token: int) -> State[tuple[int, ...]]:
        return self.at((*state.inner, token))

    def model(self, state: State[Any], seed: int) -> tuple["Branching", State[Any]]:
        return self, state

    def draw(self, path: tuple[int, ...], what: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, what, *(token + 1 for token in path)])

    @cache  # noqa: B019
    def prior(self, path: tuple[int, ...]) -> NDArray[np.float64]:
        return self.draw(path, 2).dirichlet(np.ones(self.width))

    def value(self, path: tuple[int, ...], act: Any) -> float:
        """Returns what acting by `act` at every node below `path` is worth."""
        if len(path) == self.depth:
            return float(self.at(path).rewards[0])
        return float(sum(p * self.value((*path, token), act) for token, p in enumerate(act(path))))


class Exact:
    """The prior of a `Branching`, and its exact value."""

    flops_per_token = 0

    def __init__(self, world: Branching) -> None:
        self.world = world

    def predict(self, streams: Any) -> Prediction:
        paths = [tuple(stream.tokens[:-1].tolist()) for stream in streams]
        logits = np.log([[*self.world.prior(path), 1.0] for path in paths]).astype(np.float32)
        values = [self.world.value(path, self.world.prior) for path in paths]
        return Prediction(logits, np.array(values, np.float32))

    def complete(self, *arguments: Any, **options: Any) -> list[Any]:
        raise AssertionError("a tree search samples no moves")


def improved(world: Branching, search: Gumbel, path: tuple[int, ...], seed: int) -> Decision:
    state = world.at(path)
    player = Player("gumbel", search, Exact(world))
    root = Root(world, state, Stream(state.tokens), seed)
    return Scheduler().decide(player, [root], [np.random.default_rng(seed)])[0].decision


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), width=st.integers(2, 12), by_rounds=st.booleans(), rescale=st.booleans())
def test_on_bandits_the_improved_policy_is_worth_no_less_than_the_prior(
    seed: int, width: int, by_rounds: bool, rescale: bool
) -> None:
    world = Branching(seed, width, depth=1)
    search = Gumbel(width + 4, by_rounds=by_rounds, rescale=rescale)

    weights = improved(world, search, (), seed).weights

    assert weights is not None
    assert world.value((), lambda path: weights[:-1]) >= world.value((), world.prior) - 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), width=st.integers(2, 4), by_rounds=st.booleans())
def test_on_trees_the_improved_policy_is_worth_no_less_than_the_prior(seed: int, width: int, by_rounds: bool) -> None:
    world = Branching(seed, width, depth=3)
    search = Gumbel(48, by_rounds=by_rounds)

    def act(path: tuple[int, ...]) -> Any:
        weights = improved(world, search, path, seed).weights
        assert weights is not None
        return weights[:-1]

    assert world.value((), act) >= world.value((), world.prior) - 1e-6


@pytest.mark.parametrize("rescale", [False, True])
def test_on_bandits_with_fewer_simulations_than_tokens_the_improved_policy_is_worth_more_on_the_mean(
    rescale: bool,
) -> None:
    gains = []
    for seed in range(200):
        world = Branching(seed, width=12, depth=1)
        weights = improved(world, Gumbel(2 + seed % 8, rescale=rescale), (), seed).weights
        assert weights is not None
        gains.append(world.value((), lambda path, w=weights: w[:-1]) - world.value((), world.prior))
    assert np.mean(gains) > 4 * np.std(gains) / len(gains) ** 0.5
    assert np.quantile(gains, 0.05) > -0.05


def test_with_two_simulations_it_beats_the_prior_on_average() -> None:
    worlds = [Branching(seed, width=8, depth=1) for seed in range(200)]
    gains = []
    for world in worlds:
        (token,) = improved(world, Gumbel(2), (), seed=1).moves[0]
        gains.append(world.value((token,), None) - world.value((), world.prior))
    assert np.mean(gains) > 3 * np.std(gains) / np.sqrt(len(gains))


def decide(env: SequentialEnv[Any], words: str, search: Gumbel, limits: Limits = Limits()) -> Decision:  # noqa: B008
    state = play(env, env.init(0), env.codec.encode(words).tolist())
    root = Root(env, state, Stream(state.tokens), seed=0)
    player = Player("gumbel", search, UniformPolicy(env.codec.size), limits)
    return Scheduler().decide(player, [root], [np.random.default_rng(0)])[0].decision


@pytest.mark.parametrize("by_rounds", [False, True])
def test_it_takes_the_win(by_rounds: bool) -> None:
    # x x .
    # o o .   x to move: 3 wins at once.
    # . . .
    decision = decide(TicTacToe(), "1 4 2 5", Gumbel(40, by_rounds=by_rounds))
    assert TicTacToe().codec.decode(decision.moves[0]) == "3"


def test_without_a_simulation_it_takes_the_likeliest_of_what_it_drew() -> None:
    decision = decide(TicTacToe(), "", Gumbel(500), Limits(predictions=1))
    assert decision.trace["visits"] == [0] * 9
    assert decision.trace["tokens"][int(np.argmax(decision.trace["score"]))] == decision.moves[0][0]
    assert decision.weights is not None
    assert decision.weights.sum() == pytest.approx(1.0)


def test_the_halving_of_eight_in_24_simulations_gives_each_phase_a_third() -> None:
    # One visit for each of 8, two more for the best 4, four more for the best 2.
    assert rounds(due_visits(8, 24)) == [(8, 0), (4, 1), (4, 2), (2, 3), (2, 4), (2, 5), (2, 6)]


def test_a_lone_candidate_gets_every_visit() -> None:
    assert due_visits(1, 4).tolist() == [0, 1, 2, 3]


def test_rounds_ask_a_tenth_as_often() -> None:
    assert len(rounds(due_visits(16, 32))) <= 4
    assert len(rounds(due_visits(16, 128))) <= 32


@pytest.mark.parametrize("by_rounds", [False, True])
def test_where_only_one_token_is_legal_it_walks_on_whatever_the_policy_hoped(by_rounds: bool) -> None:
    world = Branching(seed=3, width=1, depth=4)
    root = Root(world, world.at(()), Stream([1]), seed=0)
    player = Player("gumbel", Gumbel(20, by_rounds=by_rounds), UniformPolicy(2, value=1.0))

    (decided,) = Scheduler().decide(player, [root], [np.random.default_rng(0)])

    assert decided.decision.trace["visits"] == [20]


def test_after_the_turns_of_drawing_chance_has_no_say() -> None:
    search, env = Gumbel(16, drawing_turns=3), TicTacToe()
    state = env.init(0)
    player = Player("gumbel", search, UniformPolicy(env.codec.size))

    def scores(turn: int) -> list[list[float]]:
        roots = [Root(env, state, Stream(state.tokens), seed=0, turn=turn) for _ in range(2)]
        decided = Scheduler().decide(player, roots, [np.random.default_rng(seed) for seed in range(2)])
        return [one.decision.trace["score"] for one in decided]

    assert scores(turn=2)[0] != scores(turn=2)[1]
    assert scores(turn=3)[0] == scores(turn=3)[1]

"""Deciding together comes to what plans come to, at the same bill, and is left to plans where it may not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.codec import WordCodec
from alphakata.envs.testing import check_env
from alphakata.envs.types import Codec, SequentialEnv, State, States
from alphakata.search import Gumbel, Limits, Player, Puct, Root, Scheduler, Search, rollout, together
from alphakata.search.outline import Outline
from alphakata.search.task import Decide, Decided
from alphakata.search.together import FEWEST, joins

WORLDS: list[SequentialEnv[Any]] = [ConnectFour(), TicTacToe()]
SEARCHES = [
    Puct(40),
    Puct(40, noise_fraction=0.25, drawing_turns=None),
    Puct(0),
    Gumbel(40),
    Gumbel(40, by_rounds=True),
    Gumbel(33, max_considered=4, gumbel_scale=0.0, rescale=False, by_rounds=True),
    Gumbel(1, by_rounds=True),
    Gumbel(0),
]


class Hashing:
    """A policy whose opinion of a stream is drawn from its tokens; notes how many streams it was asked about."""

    flops_per_token = 7

    def __init__(self, size: int) -> None:
        self.size, self.asked = size, list[int]()

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        self.asked.append(len(streams))
        draws = [np.random.default_rng(stream.all_tokens().tolist()) for stream in streams]
        logits = np.stack([2 * rng.normal(size=self.size) for rng in draws]).astype(np.float32)
        return Prediction(logits, np.array([rng.uniform(-1, 1) for rng in draws], np.float32))

    def complete(self, *_: Any) -> Any:
        raise NotImplementedError


class Race:
    """One or two players step to ten by one, two or three, and are paid on the way; who takes two goes on."""

    codec: Codec = WordCodec("race", [*map(str, range(13)), "one", "two", "three"])
    most_legal = 3

    def __init__(self, num_players: int) -> None:
        self.num_players = num_players

    def init(self, seed: int) -> State[int]:
        return self._state(seed % 3, 0, np.zeros(self.num_players, np.float32))

    def step(self, state: State[int], token: int) -> State[int]:
        if not 0 <= token < self.codec.size or not state.legal[token]:
            raise ValueError(f"{token} is not legal")
        player = state.player if token == 14 else (state.player + 1) % self.num_players
        rewards = np.full(self.num_players, -0.1 * (token - 12), np.float32)
        rewards[state.player] *= -1
        return self._state(state.inner + token - 12, player, rewards)

    def model(self, state: State[int], seed: int) -> "tuple[Race, State[int]]":
        return self, state

    def gather(self, states: Sequence[State[int]]) -> NDArray[np.int64]:
        return np.array([[state.inner] for state in states], np.int64).reshape(-1, 1)

    def step_all(self, inner: NDArray[np.int64], players: NDArray[np.int32], tokens: NDArray[np.int32]) -> States:
        rows = zip(inner[:, 0].tolist(), players.tolist(), tokens.tolist(), strict=True)
        nothing = np.zeros(self.num_players, np.float32)
        after = [self.step(self._state(place, player, nothing), token) for place, player, token in rows]
        return States(
            self.gather(after),
            np.stack([state.tokens for state in after]),
            np.stack([state.legal for state in after]),
            np.array([state.player for state in after], np.int32),
            np.stack([state.rewards for state in after]),
            np.array([state.terminal for state in after]),
        )

    def _state(self, place: int, player: int, rewards: NDArray[np.float32]) -> State[int]:
        legal = (np.arange(self.codec.size) >= 13) & (place < 10)
        return State(place, np.array([place], np.int32), True, legal, player, rewards, place >= 10)


def some(world: SequentialEnv[Any], moves: int, count: int = 20) -> list[State[Any]]:
    """States of games that go on after a few random moves; late ones are searched to their ends."""
    rng, states = np.random.default_rng(moves), [world.init(seed) for seed in range(count)]
    for _ in range(moves):
        states = [
            state if state.terminal else world.step(state, int(rng.choice(np.flatnonzero(state.legal))))
            for state in states
        ]
    return [state for state in states if not state.terminal]


def decided(world: SequentialEnv[Any], states: Sequence[State[Any]], search: Search, policy: Any) -> list[Decided]:
    roots = [Root(world, state, Stream(state.tokens), 0) for state in states]
    rngs = [np.random.default_rng(seed) for seed in range(len(roots))]
    return Scheduler().decide(Player("searcher", search, policy), roots, rngs)


def hold(world: SequentialEnv[Any], search: Search, moves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds what is decided together to what plans decide, and to what these cost."""
    states, size = some(world, moves), world.codec.size
    found = decided(world, states, search, Hashing(size))
    monkeypatch.setattr(together, "FEWEST", len(states) + 1)
    wanted = decided(world, states, search, Hashing(size))

    assert len(states) >= FEWEST
    for one, other in zip(found, wanted, strict=True):
        assert (one.decision.moves, one.decision.value) == (other.decision.moves, other.decision.value)
        assert one.decision.trace == other.decision.trace
        np.testing.assert_array_equal(one.decision.weights, other.decision.weights)
        assert replace(one.cost, seconds=0) == replace(other.cost, seconds=0)
        assert one.cost.seconds > 0


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: type(world).__name__)
@pytest.mark.parametrize("search", SEARCHES, ids=str)
@pytest.mark.parametrize("moves", [0, 3, 6])
def test_deciding_together_is_deciding_by_plans(
    world: SequentialEnv[Any], search: Search, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(world, search, moves, monkeypatch)


@pytest.mark.parametrize(
    ("num_players", "search"),
    [
        (1, Puct(30, discount=0.9)),
        (1, Puct(30, backup="maximum", outline=Outline())),
        (1, Gumbel(30, discount=0.9, by_rounds=True)),
        (2, Puct(30, discount=0.9)),
        (2, Gumbel(30)),
        (2, Gumbel(30, by_rounds=True)),
    ],
    ids=str,
)
def test_so_it_is_with_one_player_rewards_on_the_way_and_turns_that_stay(
    num_players: int, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_env(Race(num_players))
    hold(Race(num_players), search, 1, monkeypatch)


def test_a_world_in_which_more_is_legal_than_it_says_is_refused() -> None:
    world = Race(1)
    world.most_legal = 2
    with pytest.raises(ValueError, match="3 tokens are legal in one state, most_legal is 2"):
        decided(world, some(world, 0), Puct(4), Hashing(world.codec.size))


def test_no_batch_is_larger_than_the_scheduler_allows() -> None:
    world = WORLDS[0]
    policy, states = Hashing(world.codec.size), some(world, 0)
    roots = [Root(world, state, Stream(state.tokens), 0) for state in states]
    rngs = [np.random.default_rng(seed) for seed in range(len(roots))]
    Scheduler(batch_rows=10).decide(Player("searcher", Gumbel(32, by_rounds=True), policy), roots, rngs)
    assert max(policy.asked) == 10
    assert sum(policy.asked) == 20 * 33


def test_some_decide_together_while_others_wait_for_the_policy() -> None:
    """Eight games decide by trees, one by a plan of its own; all come to what they come to alone."""
    world = WORLDS[1]
    policy = Hashing(world.codec.size)
    trees, lone = Player("trees", Puct(8), policy), Player("lone", Puct(9, reuse=True), policy)

    def played(players: Sequence[Player]) -> list[Any]:
        episodes = (rollout(world, seed, [player, player]) for seed, player in enumerate(players))
        return [[turn.decision.moves for turn in episode.turns] for episode in Scheduler().run(episodes)]

    together, alone = played([trees] * 8 + [lone]), [played([trees] * (seed + 1))[seed] for seed in range(8)]
    assert together[:8] == alone
    assert len(together[8]) >= 5


def test_the_policy_is_asked_about_all_trees_at_once() -> None:
    policy = Hashing(WORLDS[0].codec.size)
    decided(WORLDS[0], some(WORLDS[0], 0), Puct(10), policy)
    assert policy.asked == [20] * 11


@pytest.mark.parametrize(
    ("search", "limits", "expected"),
    [
        (Puct(10), Limits(), True),
        (Puct(10), Limits(predictions=11, env_steps=10, policy_tokens=88, flops=616), True),
        (Puct(10), Limits(predictions=10), False),
        (Puct(10), Limits(policy_tokens=87), False),
        (Puct(10), Limits(seconds=100.0), False),
        (Puct(10), Limits(judge_cpu_seconds=1.0), False),
        (Puct(10, reuse=True), Limits(), False),
    ],
)
def test_what_a_budget_may_end_or_what_is_known_changes_is_left_to_plans(
    search: Search, limits: Limits, expected: bool
) -> None:
    world = WORLDS[0]
    state = world.init(0)
    root = Root(world, state, Stream(state.tokens), 0)
    player = Player("searcher", search, Hashing(world.codec.size), limits)
    decides = [Decide(player, root, np.random.default_rng(seed), object()) for seed in range(FEWEST)]
    assert joins(decides) is expected
    assert not joins(decides[1:])

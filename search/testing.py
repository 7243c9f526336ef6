"""The contract of a search as a test: call `check_search` from a test of your own search."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..agents.stream import Stream
from ..agents.types import Policy
from ..envs.types import Attempts, SequentialEnv, ends_move
from .asks import Decision, Root, Search
from .budget import Limits
from .scheduler import Scheduler
from .task import Decided, Player


def check_search(
    search: Search,
    env: SequentialEnv[Any],
    policy: Policy,
    limits: Sequence[Limits] = (Limits(), Limits(predictions=20), Limits(policy_tokens=150), Limits(predictions=0)),
    seeds: Sequence[int] = range(4),
) -> None:
    """Holds `search` to its contract at the first state of several episodes of `env`.

    Its moves are legal, the same under the same seed, the same alone and among a hundred others, and no bill passes its
    limit by one unit.

    Raises:
        AssertionError: naming the search, what was found and what was wanted.
    """
    name = type(search).__name__
    try:
        _check(name, search, env, policy, limits, seeds)
    except ValueError as error:
        # What the scheduler or the world refuses is a broken contract too.
        raise AssertionError(f"{name}: {error}") from error


def _check(
    name: str,
    search: Search,
    env: SequentialEnv[Any],
    policy: Policy,
    limits: Sequence[Limits],
    seeds: Sequence[int],
) -> None:
    for limit in limits:
        player = Player(name, search, policy, limit)
        alone = [_decide(player, env, [seed])[0] for seed in seeds]
        crowd = _decide(player, env, [seed for _ in range(-(-100 // len(seeds))) for seed in seeds])
        for seed, decided in zip(seeds, alone, strict=True):
            assert decided.decision.moves, f"{name} handed in no move at seed {seed} under {limit}"
            for move in decided.decision.moves:
                _check_legal(name, env, seed, move)
            assert limit.allow(decided.cost), f"{name} spent {decided.cost}, more than {limit}"
        for i, other in enumerate(crowd):
            mine = alone[i % len(seeds)]
            assert _same(mine.decision, other.decision), (
                f"{name} decided {mine.decision} alone and {other.decision} among others, under {limit}"
            )
            assert limit.allow(other.cost), f"{name} spent {other.cost} among others, more than {limit}"


def _decide(player: Player, env: SequentialEnv[Any], seeds: Sequence[int]) -> list[Decided]:
    roots = []
    for seed in seeds:
        state = env.init(seed)
        model, model_state = env.model(state, seed)
        attempts = env.attempts if isinstance(env, Attempts) else 1
        roots.append(Root(model, model_state, Stream(state.tokens), seed, attempts))
    return Scheduler().decide(player, roots, [np.random.default_rng(seed) for seed in seeds])


def _check_legal(name: str, env: SequentialEnv[Any], seed: int, move: Sequence[int]) -> None:
    state = env.init(seed)
    for i, token in enumerate(move):
        before, state = state, env.step(state, token)
        last = i == len(move) - 1
        assert ends_move(before, state) == last, (
            f"{name} handed in {list(move)}, which {'does not end' if last else 'ends too early'} at token {i}"
        )


def _same(left: Decision, right: Decision) -> bool:
    weights = (left.weights is None) == (right.weights is None) and (
        left.weights is None or np.array_equal(left.weights, right.weights)  # type: ignore[arg-type]
    )
    return left.moves == right.moves and weights and left.value == right.value

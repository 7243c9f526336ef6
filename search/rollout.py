"""Whole episodes as plans: at each turn a player decides, the world moves on, and everything is written down."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..envs.trajectory import Recorder, Trajectory
from ..envs.types import Attempts, SequentialEnv, State
from .asks import Advance, Decision, Root
from .budget import Cost
from .known import Known
from .task import Decide, Decided, Player


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision of an episode.

    Attributes:
        player: who decided.
        state: where, in the real world.
        decision: everything that was handed in, ranked.
        cost: its bill.
        attempts: how many of the ranked moves were played before one was accepted or none was left.
    """

    player: int
    state: State[Any]
    decision: Decision
    cost: Cost
    attempts: int


@dataclass(frozen=True, slots=True)
class Episode:
    """What happened.

    Attributes:
        seed: the world's.
        turns: in order.
        returns: the sum of rewards, one a player.
        trajectories: one a player.
        final: the last state of the real world.
    """

    seed: int
    turns: tuple[Turn, ...]
    returns: tuple[float, ...]
    trajectories: tuple[Trajectory, ...]
    final: State[Any]

    def bill(self, player: int) -> Cost:
        """Returns what all of `player`'s decisions cost together."""
        cost = Cost()
        for turn in self.turns:
            if turn.player == player:
                cost.add(turn.cost)
        return cost


class _Seat:
    """One player's side: what it has read, and what is written down of it."""

    def __init__(self, env: SequentialEnv[Any], index: int, player: Player) -> None:
        self.player = player
        self.stream = Stream()
        self.payer = object()
        self.recorder = Recorder(env, index, player.name)
        self.known: Known | None = None

    def read(self, state: State[Any]) -> Stream:
        self.stream = Stream(state.tokens) if state.restart else self.stream.then(state.tokens)
        return self.stream


def rollout(
    env: SequentialEnv[Any], seed: int, players: Sequence[Player], search_seed: int = 0, max_turns: int | None = None
) -> Generator[Decide | Advance, Any, Episode]:
    """Plays episode `seed` of `env` to its end; hand the generator to `Scheduler.run`.

    Where the world allows several attempts at one decision, the next ranked move is played without searching again.

    Args:
        env: the real world; searches see only its model.
        seed: which episode.
        players: one for each seat.
        search_seed: with `seed` and the turn's number, seeds every search and every model world.
        max_turns: ends the episode early; None lets it run.

    Raises:
        ValueError: if seats and players differ in number, or the world refuses a move.
    """
    if len(players) != env.num_players:
        raise ValueError(f"{type(env).__name__} seats {env.num_players} players, got {len(players)}")
    seats = [_Seat(env, i, player) for i, player in enumerate(players)]
    attempts_allowed = env.attempts if isinstance(env, Attempts) else 1
    state = env.init(seed)
    returns = np.zeros(env.num_players)
    turns: list[Turn] = []
    while not state.terminal and (max_turns is None or len(turns) < max_turns):
        seat = seats[state.player]
        seeds = [search_seed, seed, len(turns)]
        model, model_state = env.model(state, int(np.random.default_rng(seeds).integers(2**31)))
        # What is hidden is drawn anew in every model; what was found out in one holds in no other.
        known = seat.known if model is env and model_state is state else None
        # Not the episode's own seed, from which the world could be asked what it hides.
        shared = int(np.random.default_rng([search_seed, seed]).integers(2**31))
        root = Root(model, model_state, seat.read(state), shared, attempts_allowed, known, len(turns))
        decided: Decided = yield Decide(seat.player, root, np.random.default_rng([*seeds, 1]), seat.payer)
        before, moves = state, decided.decision.moves[:attempts_allowed]
        seat.known = decided.decision.known
        state, played = yield from _hand_in(env, seats, before, replace(decided.decision, moves=moves), returns)
        # The record of an episode holds no trees.
        decision = replace(decided.decision, known=None)
        turns.append(Turn(before.player, before, decision, decided.cost, played))
        if attempts_allowed > 1:
            break
    trajectories = tuple(seat.recorder.trajectory() for seat in seats)
    return Episode(seed, tuple(turns), tuple(returns.tolist()), trajectories, state)


def _hand_in(
    env: SequentialEnv[Any],
    seats: Sequence[_Seat],
    state: State[Any],
    decision: Decision,
    returns: NDArray[np.float64],
) -> Generator[Advance, Any, tuple[State[Any], int]]:
    """Plays the decision's moves until one ends the episode; returns where that led and how many were played.

    returns: `[P]`, what is earned is added here.
    """
    seat = seats[state.player]
    for played, move in enumerate(decision.moves, 1):
        before = state
        (state,) = yield Advance(env, [before], [move])
        returns += state.rewards
        # What the search made of the position is said of its first move.
        weights, value = (decision.weights, decision.value) if played == 1 else (None, None)
        _record(env, seats, before, move, state, weights, value)
        if state.terminal or played == len(decision.moves):
            break
        seat.read(state)
    seat.stream = seat.stream.then(move)
    return state, played


def _record(
    env: SequentialEnv[Any],
    seats: Sequence[_Seat],
    before: State[Any],
    move: Sequence[int],
    after: State[Any],
    weights: NDArray[np.float32] | None,
    value: float | None,
) -> None:
    """Writes a move down on every side; the states inside the move are stepped again, its end is not."""
    recorder = seats[before.player].recorder
    for token in move[:-1]:
        recorder.act(before, token, weights, value)
        before, weights, value = env.step(before, token), None, None
    recorder.act(before, move[-1], weights, value)
    for seat in seats:
        seat.recorder.see(after)
        seat.known = None if seat.known is None else seat.known.after(move)

"""Where examples to copy come from: experts that play, and demonstrators that write down what they did.

An expert also serves as an opponent: everything that picks a whole move for a state is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from .trajectory import Recorder, Trajectory
from .types import SequentialEnv, State, ends_move


class Expert(Protocol):
    """A player: a frozen dataclass of settings that, called, picks a move. Its `str` is its name in reports."""

    def __call__(self, env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> Sequence[int]:
        """Returns a whole legal move for `state.player`; all its randomness comes from `rng`."""
        ...


class Demonstrator(Protocol):
    """A source of examples: one game or one problem a seed."""

    def __call__(self, env: SequentialEnv[Any], seed: int) -> list[Trajectory]:
        """Returns what is to be learnt from episode `seed`, the same every time."""
        ...


@dataclass(frozen=True, slots=True)
class UniformExpert:
    """Picks every token of its move uniformly among the legal ones."""

    def __call__(self, env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> list[int]:
        """Returns a random move."""
        move: list[int] = []
        while True:
            legal = state.legal.nonzero()[0]
            move.append(int(legal[rng.integers(len(legal))]))
            after = env.step(state, move[-1])
            if ends_move(state, after):
                return move
            state = after


@dataclass(slots=True)
class _Turn:
    """One decision as it was made.

    Attributes:
        state: where it was due.
        advice: the expert's move.
        played: the move that was played, another than `advice` where noise struck.
        arrivals: the states from there to the same player's next decision.
    """

    state: State[Any]
    advice: Sequence[int]
    played: Sequence[int]
    arrivals: list[State[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ExpertGames:
    """A demonstrator: one game a seed between experts, whose seats are drawn anew each time.

    Noise leads the experts to positions they would not reach; there they show how to go on, but nobody should copy the
    noise. So the expert's own move is written down wherever no later part of the same stream depends on what was
    really played: everywhere, where each decision opens a new stream (the labels of DAgger, arXiv:1011.0686, with
    noise for the learner). Elsewhere the move that was played is.

    Attributes:
        experts: who may sit down; the same one may take several seats.
        noise: probability that a uniformly random move is played instead of the expert's.
    """

    experts: Sequence[Expert]
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not self.experts or not 0 <= self.noise <= 1:
            raise ValueError(f"at least one expert and a noise in [0, 1] wanted, got {self}")

    def __call__(self, env: SequentialEnv[Any], seed: int) -> list[Trajectory]:
        """Returns one trajectory for every player who decided anything.

        Its metadata: `experts` by seat, the `player` it belongs to, the `winner` (None where returns tie), `plies`.
        """
        rng = np.random.default_rng(seed)
        seats = [self.experts[i] for i in rng.integers(len(self.experts), size=env.num_players)]
        turns = self._play(env, env.init(seed), seats, rng)
        own = [[turn for turn in turns if turn.state.player == player] for player in range(env.num_players)]
        returns = [
            sum(float(arrival.rewards[player]) for turn in own[player] for arrival in turn.arrivals)
            for player in range(env.num_players)
        ]
        game = {
            "experts": [str(expert) for expert in seats],
            "winner": int(np.argmax(returns)) if returns.count(max(returns)) == 1 else None,
            "plies": len(turns),
        }
        return [
            _recorder(env, own[player], str(seats[player])).trajectory(metadata={**game, "player": player})
            for player in range(env.num_players)
            if own[player]
        ]

    def _play(
        self, env: SequentialEnv[Any], state: State[Any], seats: Sequence[Expert], rng: np.random.Generator
    ) -> list[_Turn]:
        """Returns every decision of the game that goes on from `state`."""
        turns: list[_Turn] = []
        latest: dict[int, _Turn] = {}
        while not state.terminal:
            advice = seats[state.player](env, state, rng)
            played = UniformExpert()(env, state, rng) if rng.random() < self.noise else advice
            latest[state.player] = _Turn(state, advice, played)
            turns.append(latest[state.player])
            for token in played:
                state = env.step(state, token)
                for turn in latest.values():
                    turn.arrivals.append(state)
        return turns


def _recorder(env: SequentialEnv[Any], turns: Sequence[_Turn], source: str) -> Recorder:
    """Returns what one player's `turns` look like written down; what a move earns, its last token earns."""
    recorder = Recorder(env, turns[0].state.player, source)
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        move = turn.advice if following is None or following.state.restart else turn.played
        state = turn.state
        for token, last in zip(move, [None, *move[:-1]], strict=True):
            state = state if last is None else env.step(state, last)
            recorder.act(state, token)
        for arrival in turn.arrivals:
            recorder.see(arrival)
    return recorder

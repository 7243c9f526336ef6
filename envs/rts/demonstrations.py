"""Games between scripted players as examples, each told what its script makes on such a map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trajectory import Trajectory
from ..types import SequentialEnv, State
from .battle import Battle
from .env import Skirmish
from .players import Bot
from .rules import SIDES
from .strategy import foreseen
from .words import END


@dataclass(frozen=True, slots=True)
class _Turn:
    """A decision: where it was due, what the script advised, and what it earned until the same side's next."""

    state: State[Battle]
    advice: NDArray[np.int32]
    reward: float


@dataclass(frozen=True, slots=True)
class BotGames:
    """A demonstrator: one game a seed between the strategies that the world deals, both sides written down.

    Clumsy hands lead the players to positions that they would not reach; what is written down there is what the script
    advises and not what the hand did. Each observation opens a new stream, so nothing later depends on it.

    Attributes:
        skills: of the hands, in percent; each side draws one a game.
        told: how often a side is told a `z`: as at play, that of its script in a game of clean hands on the same map.
        losing: how much a side that lost is copied, where one that won is copied with weight 1; a draw lies between.
            What the script advises is no worse for a game that its clumsy hand lost.
    """

    skills: Sequence[int] = (100, 95, 85)
    told: float = 0.9
    losing: float = 1.0

    def __post_init__(self) -> None:
        if not self.skills or not 0 <= self.told <= 1 or not 0 <= self.losing <= 1:
            raise ValueError(f"at least one skill, and `told` and `losing` in [0, 1] wanted, got {self}")
        for skill in self.skills:
            Bot(skill=skill)

    def __call__(self, env: SequentialEnv[Any], seed: int) -> list[Trajectory]:
        """Returns one trajectory a side.

        Its metadata: `strategies` and `skills` by seat, the `player` it belongs to, the `winner` (None for a draw), the
        `ticks` of the game, and the `z` that its observations begin with, in words, empty where it was not told.

        Raises:
            ValueError: if `env` is no `Skirmish`.
        """
        if not isinstance(env, Skirmish):
            raise ValueError(f"bots show how to play a Skirmish, not {type(env).__name__}")
        rng = np.random.default_rng([seed, SIDES])
        skills = [int(skill) for skill in rng.choice(np.array(self.skills), SIDES)]
        first = env.init(seed)
        turns, final = _play(env, first, skills, rng)
        winner = int(final.inner.games["winner"][0])
        game = {
            **env.describe(final),
            "skills": skills,
            "winner": None if winner < 0 else winner,
        }
        trajectories = []
        for side in range(SIDES):
            z = np.zeros(0, np.int32)
            if rng.random() < self.told:
                z = foreseen(first.inner.games, side, first.inner.dealt[side], rng)
            metadata = {**game, "player": side, "z": env.codec.decode(z.tolist())}
            if turns[side]:
                earned = float(final.rewards[side])
                trajectory = _written(env, turns[side], z, final.inner.dealt[side], metadata)
                weight = self.losing + (1 - self.losing) * (earned + 1) / 2
                trajectories.append(replace(trajectory, copy_weight=weight))
        return trajectories


def _play(
    env: Skirmish, state: State[Battle], skills: Sequence[int], rng: np.random.Generator
) -> tuple[list[list[_Turn]], State[Battle]]:
    """Returns each side's decisions in the game that goes on from `state`, and its end."""
    turns: list[list[_Turn]] = [[] for _ in range(SIDES)]
    while not state.terminal:
        side = state.player
        advice = Bot()(env, state, rng)
        played = advice if skills[side] == 100 else Bot(skill=skills[side])(env, state, rng)
        turns[side].append(_Turn(state, np.array(advice, np.int32), 0.0))
        (state,) = env.advance((state,), (played,))
    for side, own in enumerate(turns):
        if own:
            own[-1] = _Turn(own[-1].state, own[-1].advice, float(state.rewards[side]))
    return turns, state


def _written(
    env: Skirmish, turns: Sequence[_Turn], z: NDArray[np.int32], source: str, metadata: dict[str, Any]
) -> Trajectory:
    """Returns one side's decisions written down, the last token of each move earning what it led to."""
    parts = [(env.with_told(turn.state, z).tokens, turn.advice) for turn in turns]
    rewards = [np.append(np.zeros(len(turn.advice) - 1, np.float32), np.float32(turn.reward)) for turn in turns]
    lengths = [len(shown) + len(move) for shown, move in parts]
    return Trajectory(
        codec=env.codec.name,
        tokens=np.concatenate([tokens for part in parts for tokens in part]),
        is_action=np.concatenate([np.arange(len(s) + len(m)) >= len(s) for s, m in parts]),
        segment=np.repeat(np.arange(len(turns), dtype=np.int32), lengths),
        rewards=np.concatenate(rewards),
        legal=np.stack([legal for turn in turns for legal in _legal(turn)]),
        source=source,
        metadata=metadata,
    )


def _legal(turn: _Turn) -> Iterator[NDArray[np.bool_]]:
    """Yields what could have been written in place of each token."""
    pen = turn.state.inner.pen
    assert pen is not None
    for token in turn.advice.tolist():
        yield pen.legal()
        if token != END:
            pen = pen.write(token)

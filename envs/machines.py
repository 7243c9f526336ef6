"""Foreign environments made alike: a machine begins the episode of a seed and plays numbered actions.

A machine travels to another process as its maker, which builds the environment there.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Protocol

import dm_env
import gymnasium
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a machine answers.

    Attributes:
        observation: what the player sees.
        reward: what it earned.
        over: True at the end of the episode.
        mask: `[A]`, which of the actions may be played, or None for all.
    """

    observation: Any
    reward: float = 0.0
    over: bool = False
    mask: NDArray[Any] | None = None


class Machine(Protocol):
    """What Gymnasium's and dm_env's environments have in common."""

    env: Any

    def reset(self, seed: int) -> Outcome:
        """Begins the episode of `seed`."""
        ...

    def step(self, action: int) -> Outcome:
        """Plays one action, numbered from 0."""
        ...


@dataclass(slots=True)
class GymnasiumMachine:
    """A Gymnasium environment; an episode cut short is over like any other.

    Attributes:
        make: builds the environment.
        env: the one that runs.
        first_action: its number of action 0.
    """

    make: Callable[[], gymnasium.Env[Any, Any]]
    env: gymnasium.Env[Any, Any]
    first_action: int

    def reset(self, seed: int) -> Outcome:
        """Begins the episode of `seed`."""
        observation, info = self.env.reset(seed=seed)
        return Outcome(observation, mask=info.get("action_mask"))

    def step(self, action: int) -> Outcome:
        """Plays one action."""
        observation, reward, terminated, truncated, info = self.env.step(action + self.first_action)
        return Outcome(observation, float(reward), terminated or truncated, info.get("action_mask"))

    def __getstate__(self) -> tuple[Callable[[], gymnasium.Env[Any, Any]], int]:
        return self.make, self.first_action

    def __setstate__(self, state: tuple[Callable[[], gymnasium.Env[Any, Any]], int]) -> None:
        self.make, self.first_action = state
        self.env = self.make()


@dataclass(slots=True)
class DmMachine:
    """A dm_env environment, built anew for each seed.

    Attributes:
        make: builds the environment whose next episode is the one of a seed.
        env: the one that runs.
        first_action: its number of action 0.
    """

    make: Callable[[int], dm_env.Environment]
    env: dm_env.Environment
    first_action: int

    def reset(self, seed: int) -> Outcome:
        """Begins the episode of `seed`."""
        self.env = self.make(seed)
        return _outcome(self.env.reset())

    def step(self, action: int) -> Outcome:
        """Plays one action."""
        return _outcome(self.env.step(action + self.first_action))

    def __getstate__(self) -> tuple[Callable[[int], dm_env.Environment], int]:
        return self.make, self.first_action

    def __setstate__(self, state: tuple[Callable[[int], dm_env.Environment], int]) -> None:
        self.make, self.first_action = state
        self.env = self.make(0)


def _outcome(step: dm_env.TimeStep) -> Outcome:
    """Returns what a time step says; the first earns nothing."""
    mask = step.observation.get("action_mask") if isinstance(step.observation, dict) else None
    return Outcome(step.observation, float(step.reward or 0), step.last(), mask)


def redraw(machine: Machine, seed: int) -> None:
    """Seeds every numpy and Python generator anew that the environment of `machine` holds, however deep."""
    for i, generator in enumerate(_generators(machine.env, set())):
        draws = np.random.SeedSequence([seed, i])
        if isinstance(generator, np.random.Generator):
            generator.bit_generator.state = type(generator.bit_generator)(draws).state
        else:
            generator.seed(int(draws.generate_state(1)[0]))


def _generators(thing: Any, met: set[int]) -> Iterator[np.random.Generator | np.random.RandomState | random.Random]:
    """Yields the generators that `thing` holds, each once."""
    if id(thing) in met or isinstance(thing, type | FunctionType | ModuleType):
        return
    met.add(id(thing))
    if isinstance(thing, np.random.Generator | np.random.RandomState | random.Random):
        yield thing
        return
    parts = list(thing.values()) if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else []
    slots = [getattr(thing, name, None) for name in getattr(type(thing), "__slots__", ())]
    for part in (*parts, *slots, *getattr(thing, "__dict__", {}).values()):
        yield from _generators(part, met)

"""Foreign environments brought in as worlds of one player: `from_gymnasium` and `from_dm_env`.

A world's states are immutable and a foreign environment is not. So one machine is kept running, and where somebody
comes back to an earlier state the machine is brought back too: by its own `snapshot` and `restore`, else from a pickle
kept in every state, else by replaying the actions from the seed. The first way that proves true in a trial is taken.

A model draws the future anew from every numpy and Python generator that the machine holds. Draws from elsewhere, and
facts inside the machine that its player does not see, stay as they are: a world that has such needs its own `model`.
"""

import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import dm_env
import gymnasium
import numpy as np
from dm_env import specs
from gymnasium import spaces
from numpy.typing import ArrayLike

from .codec import WordCodec
from .machines import DmMachine, GymnasiumMachine, Machine, Outcome, redraw
from .readers import Reader, bins, choice
from .types import Codec, State

_TRIAL_STEPS = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Redraw:
    """That a model drew the future anew here."""

    seed: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in an episode a state stands.

    Attributes:
        seed: of the episode.
        history: actions played and futures drawn since.
        kept: the environment's own snapshot or its pickle; None where `seed` and `history` bring it back.
    """

    seed: int
    history: tuple[int | Redraw, ...]
    kept: Any


class Foreign:
    """A foreign environment as a world; it runs one machine, so threads must not share it.

    It pickles where its maker and its reader do, so that other processes may play it on machines of their own.

    Attributes:
        codec: the reader's words, then a word an action.
        num_players: 1.
        extra_steps: actions replayed only to come back to a state; they are counted here alone, a search's bill
            holds only the steps it asked for.
    """

    codec: Codec
    num_players: int = 1

    def __init__(self, name: str, machine: Machine, reader: Reader, num_actions: int, restart: bool) -> None:
        self.codec = WordCodec(name, (*reader.words, *(f"a{action}" for action in range(num_actions))))
        self._first_action = len(reader.words)
        self._machine, self._reader, self._restart = machine, reader, restart
        self._at: Moment | None = None
        self._way: Literal["snapshot", "pickle", "replay"] = "replay"
        self.extra_steps = 0
        if not self._leads_back():
            raise ValueError(
                f"{name}: the same seed and actions led elsewhere, so nobody could come back to a state: let the "
                "environment take all its draws from the seed it is given"
            )
        self._way = self._best_way()
        if self._way == "replay":
            _log.warning("%s can be neither restored nor pickled: its states are reached by replaying actions", name)
        self.extra_steps = 0

    def init(self, seed: int) -> State[Moment]:
        """Returns the first state of episode `seed`."""
        self._at = None
        outcome = self._machine.reset(seed)
        return self._state(outcome, self._arrive(seed, ()))

    def step(self, state: State[Moment], token: int) -> State[Moment]:
        """Returns the state after an action; ValueError if it is illegal or the episode over."""
        if not 0 <= token < self.codec.size or not state.legal[token]:
            legal = self.codec.decode(np.flatnonzero(state.legal).tolist()) or "none"
            raise ValueError(f"{self.codec.name}: token {token} is no legal action here, of which there are: {legal}")
        action, moment = token - self._first_action, state.inner
        self._go_to(moment)
        self._at = None
        outcome = self._machine.step(action)
        return self._state(outcome, self._arrive(moment.seed, (*moment.history, action)))

    def model(self, state: State[Moment], seed: int) -> "tuple[Foreign, State[Moment]]":
        """Returns the world with the machine's future drawn anew."""
        moment = state.inner
        self._go_to(moment)
        redraw(self._machine, seed)
        return self, replace(state, inner=self._arrive(moment.seed, (*moment.history, Redraw(seed))))

    def __getstate__(self) -> dict[str, Any]:
        # A machine built anew stands nowhere yet.
        return {**self.__dict__, "_at": None}

    def _state(self, outcome: Outcome, moment: Moment) -> State[Moment]:
        """Returns the state in which the machine arrived."""
        legal = np.zeros(self.codec.size, dtype=np.bool_)
        if not outcome.over:
            legal[self._first_action :] = True if outcome.mask is None else outcome.mask
        tokens, rewards = self._reader.read(outcome.observation), np.array([outcome.reward], dtype=np.float32)
        return State(moment, tokens, self._restart, legal, 0, rewards, outcome.over)

    def _arrive(self, seed: int, history: tuple[int | Redraw, ...]) -> Moment:
        """Returns the moment that the machine is at."""
        kept: Any = None
        if self._way == "snapshot":
            kept = self._machine.env.snapshot()
        elif self._way == "pickle":
            kept = pickle.dumps(self._machine.env)
        self._at = Moment(seed, history, kept)
        return self._at

    def _go_to(self, moment: Moment) -> None:
        """Brings the machine to `moment`."""
        if self._at is moment:
            return
        if self._way == "snapshot":
            self._machine.env.restore(moment.kept)
        elif self._way == "pickle":
            self._machine.env = pickle.loads(moment.kept)
        else:
            self._replay(moment)
        self._at = moment

    def _replay(self, moment: Moment) -> None:
        """Plays the whole way to `moment` again."""
        self._machine.reset(moment.seed)
        for event in moment.history:
            if isinstance(event, Redraw):
                redraw(self._machine, event.seed)
            else:
                self._machine.step(event)
                self.extra_steps += 1

    def _best_way(self) -> Literal["snapshot", "pickle", "replay"]:
        """Returns the quickest way that leads back to every state of a trial episode."""
        for self._way in ("snapshot", "pickle"):
            try:
                if self._leads_back():
                    return self._way
            except (AttributeError, TypeError, ValueError, RuntimeError, pickle.PickleError) as error:
                _log.debug("%s: no way back by %s: %r", self.codec.name, self._way, error)
        return "replay"

    def _leads_back(self) -> bool:
        """Returns True where steps from the states of a trial episode, the last first, lead where they led."""
        rng = np.random.default_rng(0)
        states, tokens = [self.init(0)], list[int]()
        while len(tokens) < _TRIAL_STEPS and not states[-1].terminal:
            tokens.append(int(rng.choice(np.flatnonzero(states[-1].legal))))
            states.append(self.step(states[-1], tokens[-1]))
        self.init(1)
        return all(_alike(self.step(states[i], tokens[i]), states[i + 1]) for i in reversed(range(len(tokens))))


def from_gymnasium(
    make: Callable[[], gymnasium.Env[Any, Any]],
    name: str | None = None,
    num_bins: int = 64,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    reader: Reader | None = None,
    restart: bool = False,
) -> Foreign:
    """Returns the world of a Gymnasium environment with Discrete actions.

    Args:
        make: builds the environment.
        name: of the codec; the environment's id if None.
        num_bins: bins of a number in a Box observation.
        low: lower bounds instead of the Box's own.
        high: upper bounds instead of the Box's own.
        reader: reads observations that are neither Discrete nor a Box.
        restart: True where an observation says all there is to know of what came before.

    Raises:
        ValueError: if the spaces are others, or the environment is not reproducible.
    """
    env = make()
    name = name or (env.spec.id if env.spec else type(env.unwrapped).__name__)
    actions, seen = env.action_space, env.observation_space
    if not isinstance(actions, spaces.Discrete):
        raise ValueError(f"{name}: actions are {actions}, wanted Discrete: wrap the environment to number its actions")
    if reader is None and isinstance(seen, spaces.Discrete):
        reader = choice(int(seen.n), int(seen.start))
    elif reader is None and isinstance(seen, spaces.Box):
        reader = bins(seen.low if low is None else low, seen.high if high is None else high, num_bins)
    elif reader is None:
        raise ValueError(f"{name}: observations are {seen}, wanted Discrete or Box: give a reader of your own")
    return Foreign(name, GymnasiumMachine(make, env, int(actions.start)), reader, int(actions.n), restart)


def from_dm_env(
    make: Callable[[int], dm_env.Environment],
    name: str | None = None,
    num_bins: int = 64,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    reader: Reader | None = None,
    restart: bool = False,
) -> Foreign:
    """Returns the world of a dm_env environment whose actions are one whole number.

    Args:
        make: builds the environment for the episode of a seed.
        name: of the codec; the environment's class if None.
        num_bins: bins of a number in an array observation.
        low: lower bounds instead of the spec's own.
        high: upper bounds instead of the spec's own.
        reader: reads observations that are no single array.
        restart: True where an observation says all there is to know of what came before.

    Raises:
        ValueError: if the specs are others, or the environment is not reproducible.
    """
    env = make(0)
    name = name or type(env).__name__
    actions, seen = env.action_spec(), env.observation_spec()
    if not isinstance(actions, specs.BoundedArray) or actions.shape or actions.dtype.kind != "i":
        raise ValueError(f"{name}: actions are {actions}, wanted one whole number: wrap it to number its actions")
    if reader is None and isinstance(seen, specs.DiscreteArray):
        reader = choice(seen.num_values)
    elif reader is None and isinstance(seen, specs.Array):
        reader = bins(*_bounds(seen, low, high), num_bins)
    elif reader is None:
        raise ValueError(f"{name}: observations are {seen}, wanted an array: give a reader of your own")
    first, last = int(actions.minimum), int(actions.maximum)
    return Foreign(name, DmMachine(make, env, first), reader, last - first + 1, restart)


def _bounds(seen: specs.Array, low: ArrayLike | None, high: ArrayLike | None) -> tuple[ArrayLike, ArrayLike]:
    """Returns the bounds of an array observation, endless where neither it nor the caller has any."""
    own_low, own_high = getattr(seen, "minimum", -np.inf), getattr(seen, "maximum", np.inf)
    return own_low if low is None else low, own_high if high is None else high


def _alike(one: State[Moment], other: State[Moment]) -> bool:
    """Returns True where a player cannot tell two states apart."""
    return (
        np.array_equal(one.tokens, other.tokens)
        and np.array_equal(one.legal, other.legal)
        and np.array_equal(one.rewards, other.rewards)
    )

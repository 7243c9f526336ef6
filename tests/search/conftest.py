"""A contest of one word, small enough to know every answer by heart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from alphakata.envs.codec import WordCodec
from alphakata.envs.types import Phrase, State

WORDS = ("a", "b", "c", ".")
END = 3
CODEC = WordCodec("spelling", WORDS)


@dataclass(frozen=True)
class Spelling:
    """Write `ab.`; the example only shows that it begins with `a`. Two words behave alike if their letters do.

    The inner state is the number of words handed in, then what is written of the next.
    """

    secret: str = "a b ."
    attempts: int = 3
    num_players: int = 1
    codec: WordCodec = CODEC

    def init(self, seed: int) -> State[tuple[int, ...]]:
        return self._state((0,), restart=True)

    def step(self, state: State[tuple[int, ...]], token: int) -> State[tuple[int, ...]]:
        if not state.legal[token]:
            raise ValueError(f"token {token} is not legal after {state.inner}")
        inner = (*state.inner, token)
        if token != END:
            return self._state(inner)
        right = self.codec.decode(inner[1:]).startswith(self.secret)
        if right or inner[0] + 1 == self.attempts:
            return self._state(inner, reward=float(right), terminal=True)
        return self._state((inner[0] + 1,), restart=True)

    def model(self, state: State[tuple[int, ...]], seed: int) -> tuple["Spelling", State[tuple[int, ...]]]:
        return Spelling(secret="a", attempts=1), self._state((0,), restart=True)

    def phrase(self, state: State[Any]) -> Phrase:
        return Phrase(np.ones(4, np.bool_), END, max_tokens=5 - len(state.inner))

    def behaviour(self, states: Sequence[State[tuple[int, ...]]], seed: int) -> list[bytes]:
        return [bytes(sorted(set(state.inner[1:]))) for state in states]

    def _state(
        self, inner: tuple[int, ...], restart: bool = False, reward: float = 0.0, terminal: bool = False
    ) -> State[tuple[int, ...]]:
        legal = np.full(4, not terminal)
        if len(inner) == 4:
            legal[:END] = False
        tokens = np.array([0] if restart else [], np.int32)
        return State(inner, tokens, restart, legal, 0, np.array([reward], np.float32), terminal)


@pytest.fixture
def spelling() -> Spelling:
    return Spelling()

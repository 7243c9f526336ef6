"""Nim: two players take one, two or three stones in turn; whoever takes the last one wins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alphakata.envs.codec import WordCodec
from alphakata.envs.types import Codec, State


class Nim:
    """The world: a token says how many stones are left, a token says how many are taken."""

    codec: Codec
    num_players: int = 2

    def __init__(self, stones: int = 21) -> None:
        self.stones = stones
        self.codec = WordCodec("nim", [*(str(left) for left in range(stones + 1)), "one", "two", "three"])

    def init(self, seed: int) -> State[int]:
        """Returns a heap of as many stones as `seed` draws."""
        return self._state(int(np.random.default_rng(seed).integers(1, self.stones + 1)), player=0)

    def step(self, state: State[int], token: int) -> State[int]:
        """Returns the heap after some stones were taken; ValueError if there are not so many."""
        if not 0 <= token < self.codec.size or not state.legal[token]:
            raise ValueError(f"nim: token {token} is no legal move with {state.inner} stones left")
        return self._state(state.inner - (token - self.stones), 1 - state.player)

    def model(self, state: State[int], seed: int) -> "tuple[Nim, State[int]]":
        """Returns the world itself: nothing is hidden."""
        return self, state

    def behaviour(self, states: Sequence[State[int]], seed: int) -> list[bytes]:
        """Returns how many stones are left."""
        return [str(state.inner).encode() for state in states]

    def _state(self, left: int, player: int) -> State[int]:
        legal = np.zeros(self.codec.size, np.bool_)
        legal[self.stones + 1 : self.stones + 1 + min(left, 3)] = True
        # With no stone left, the other player took the last one.
        rewards = np.zeros(2, np.float32) if left else np.where(np.arange(2) == player, -1, 1).astype(np.float32)
        return State(left, np.array([left], np.int32), True, legal, player, rewards, left == 0)


@dataclass(frozen=True, slots=True)
class Optimal:
    """An expert: leaves a multiple of four wherever it can."""

    def __call__(self, env: Nim, state: State[int], rng: np.random.Generator) -> list[int]:
        """Returns the move."""
        return [env.stones + (state.inner % 4 or int(rng.integers(1, min(state.inner, 3) + 1)))]

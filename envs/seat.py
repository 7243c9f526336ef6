"""One player's chair in a world whose other players are experts: what both faces, dm_env's and Gymnasium's, sit on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .demonstrations import Expert, UniformExpert
from .types import SequentialEnv, State


@dataclass(frozen=True, slots=True)
class View:
    """What the player has before it; nobody changes it, so keeping it is a snapshot.

    Attributes:
        state: where it is due to pick a token, or the end.
        stream: everything it read and wrote since its stream last began anew.
        reward: what it earned since its last token.
    """

    state: State[Any]
    stream: tuple[int, ...]
    reward: float


class Seat:
    """Plays the other players' moves and keeps this one's stream.

    Attributes:
        env: the world.
        player: whose seat it is.
        opponents: who sits elsewhere, in the order of the seats; uniformly random players where none are given.
    """

    def __init__(self, env: SequentialEnv[Any], player: int, opponents: Sequence[Expert] = ()) -> None:
        others = env.num_players - 1
        if not 0 <= player < env.num_players or len(opponents) not in (0, others):
            raise ValueError(
                f"{env.codec.name} has seats 0 to {others} and takes {others} opponents (or none given: random ones), "
                f"got seat {player} and {len(opponents)} opponents"
            )
        self.env, self.player = env, player
        self.opponents = list(opponents or [UniformExpert()] * others)

    def begin(self, seed: int, rng: np.random.Generator) -> View:
        """Returns the player's first view of episode `seed`; the opponents draw from `rng`.

        Raises:
            ValueError: if the opponents end the episode before the player's first turn.
        """
        view = self._wait(self.env.init(seed), (), 0.0, rng)
        if view.state.terminal:
            raise ValueError(f"episode {seed} of {self.env.codec.name} is over before player {self.player} has a turn")
        return view

    def pick(self, view: View, token: int, rng: np.random.Generator) -> View:
        """Returns the next view once the player picked `token`; ValueError if it is illegal."""
        state = self.env.step(view.state, token)
        return self._wait(state, (*view.stream, token), float(state.rewards[self.player]), rng)

    def _wait(self, state: State[Any], stream: tuple[int, ...], reward: float, rng: np.random.Generator) -> View:
        """Returns the view at the player's next turn."""
        while not state.terminal and state.player != self.player:
            opponent = self.opponents[state.player - (state.player > self.player)]
            for token in opponent(self.env, state, rng):
                state = self.env.step(state, token)
                reward += float(state.rewards[self.player])
        if state.player == self.player:
            stream = (() if state.restart else stream) + tuple(state.tokens.tolist())
        return View(state, stream, reward)


def padded(stream: Sequence[int], length: int) -> NDArray[np.int32]:
    """Returns `[length]` int32, the last tokens of `stream`, then -1 up to the end."""
    window = np.full(length, -1, dtype=np.int32)
    last = stream[-length:]
    window[: len(last)] = last
    return window

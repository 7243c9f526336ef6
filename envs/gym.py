"""The Gymnasium face: a world as one player's `gymnasium.Env`, a step a token.

Importing this file registers the worlds that need no settings, so that the module may be named before the id:

    gymnasium.make("alphakata.envs.gym:alphakata/ConnectFour-v0")
"""

from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any, ClassVar, SupportsFloat

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from .demonstrations import Expert
from .seat import Seat, View, padded
from .types import Rendering, SequentialEnv

# Name, class, and the longest stream: what is read and what is written upon it.
_WORLDS = (
    ("TicTacToe", "alphakata.envs.board.tictactoe:TicTacToe", 10),
    ("ConnectFour", "alphakata.envs.board.connect_four:ConnectFour", 8),
    ("Rts", "alphakata.envs.rts.env:Skirmish", 512),
)


class GymEnv(gymnasium.Env[NDArray[np.int32], np.int64]):
    """One player's side of a world; the other seats are played for it.

    An observation is the player's stream since it last began anew, `[length]` int32 padded with -1 (where it is longer,
    its end); `info["action_mask"]` is `[V]` int8, ready for `action_space.sample(mask)`. An illegal action, or one out
    of range, forfeits: the episode ends with `illegal_reward` and `info["illegal"]`, as agents that know no masks
    expect. `reset(seed=n)` begins episode n of the world, `reset()` the one after the last. A world may be given as
    "module:Class", as registrations need it.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi"], "render_fps": 4}  # type: ignore[misc]

    def __init__(
        self,
        env: SequentialEnv[Any] | str,
        opponents: Sequence[Expert] = (),
        player: int = 0,
        length: int = 256,
        illegal_reward: float = -1.0,
        render_mode: str | None = None,
    ) -> None:
        world: SequentialEnv[Any] = resolve_name(env)() if isinstance(env, str) else env
        if render_mode is not None and not (render_mode == "ansi" and isinstance(world, Rendering)):
            raise ValueError(f"render_mode {render_mode!r}: 'ansi' is there, for worlds that have render()")
        self._seat = Seat(world, player, opponents)
        self._length, self._illegal_reward = length, illegal_reward
        self._episode = -1
        self._view: View | None = None
        self._over = False
        self.render_mode = render_mode
        self.observation_space = gymnasium.spaces.Box(-1, world.codec.size - 1, (length,), np.int32)
        self.action_space = gymnasium.spaces.Discrete(world.codec.size)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int32], dict[str, Any]]:
        """Begins an episode; `options` are not read."""
        super().reset(seed=seed)
        self._episode = self._episode + 1 if seed is None else seed
        self._view = self._seat.begin(self._episode, self.np_random)
        self._over = False
        return self._tokens(self._view), self._info(self._view)

    def step(self, action: np.int64) -> tuple[NDArray[np.int32], SupportsFloat, bool, bool, dict[str, Any]]:
        """Plays one token."""
        if self._view is None or self._over:
            raise ResetNeeded("the episode is over or never began: call reset()")
        legal = self._view.state.legal
        if not (0 <= action < len(legal) and legal[action]):
            self._over = True
            return (
                self._tokens(self._view),
                self._illegal_reward,
                True,
                False,
                {**self._info(self._view), "illegal": True},
            )
        self._view = self._seat.pick(self._view, int(action), self.np_random)
        self._over = self._view.state.terminal
        return self._tokens(self._view), self._view.reward, self._over, False, self._info(self._view)

    def render(self) -> str | None:
        """Returns the state as text, None where no `render_mode` was asked for or nothing has begun."""
        world = self._seat.env
        if self.render_mode is None or self._view is None or not isinstance(world, Rendering):
            return None
        return world.render(self._view.state)

    def _tokens(self, view: View) -> NDArray[np.int32]:
        """Returns the observation."""
        return padded(view.stream, self._length)

    def _info(self, view: View) -> dict[str, Any]:
        """Returns the mask in a dictionary."""
        return {"action_mask": view.state.legal.astype(np.int8)}


def register_all() -> None:
    """Registers the worlds that need no settings as `alphakata/<Name>-v0`; calling it again does nothing."""
    for name, world, length in _WORLDS:
        if (key := f"alphakata/{name}-v0") not in gymnasium.registry:
            gymnasium.register(key, "alphakata.envs.gym:GymEnv", kwargs={"env": world, "length": length})


register_all()

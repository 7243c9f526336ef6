"""Moves told in short: whoever is not named waits."""

from collections.abc import Callable

import pytest

from alphakata.envs.rts.battle import Battle
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.words import END
from alphakata.envs.types import State

Written = Callable[..., list[int]]


@pytest.fixture
def written() -> Written:
    """Returns what writes `u1 move c2` as a whole move of `state`."""

    def whole(state: State[Battle], said: str = "") -> list[int]:
        env, words, move, pen = Skirmish(), said.split(), list[int](), state.inner.pen
        orders = {words[i]: words[i + 1 : i + 3] for i in range(0, len(words), 3)}
        assert pen is not None
        while not pen.legal()[END]:
            unit = env.codec.decode(pen.legal().nonzero()[0].tolist())
            for token in env.codec.encode(" ".join([unit, *orders.pop(unit, ["wait"])])).tolist():
                move.append(token)
                pen = pen.write(token)
        assert not orders, f"{orders} can do nothing"
        return [*move, END]

    return whole

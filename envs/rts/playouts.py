"""Games played on by scripted players, many at once: what a search asks that judges moves by how they end.

Shapes: `B` games.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .rules import BEAT, COST, SIDES, SLOTS, UNITS
from .state import Games
from .strategy import script, scripted, step_beat


def played_out(
    games: Games,
    dealt: Sequence[Sequence[str]],
    written: Sequence[Sequence[tuple[int, int]] | None],
    ticks_per_decision: int,
    num_decisions: int,
    seed: int,
) -> NDArray[np.float32]:
    """Returns `[B, 2]` what both sides earn, or may expect to: the lead in what their units cost, over the sum.

    Args:
        games: `[B]`, left as they are.
        dealt: the strategies that go on.
        written: the first side's slots and commands, where it has moved already and the second has not.
        ticks_per_decision: how long commands stand.
        num_decisions: how often each side commands until a game that goes on is estimated.
        seed: of the scripts' draws, the same in every game.
    """
    games, scripts = games.copy(), np.array([[script(name) for name in names] for names in dealt])
    skills, generators = np.full_like(scripts, 100), np.full(len(games), seed, np.uint64)
    commands = scripted(games, scripts, skills, generators)
    for row, first in zip(commands, written, strict=True):
        if first is not None:
            row[:SLOTS] = 0
            for slot, command in first:
                row[slot] = command
    for _ in range(num_decisions):
        for _ in range(ticks_per_decision // BEAT):
            step_beat(games, commands)
        if games["over"].all():
            break
        commands = scripted(games, scripts, skills, generators)
    return _earned(games)


def _earned(games: Games) -> NDArray[np.float32]:
    worth = COST[games["kind"]].reshape(len(games), SIDES, UNITS // SIDES).sum(2, dtype=np.int64)
    lead = (worth[:, 0] - worth[:, 1]) / np.maximum(worth.sum(1), 1)
    lead = np.where(games["over"] == 0, lead, np.where(games["winner"] < 0, 0, 1 - 2 * games["winner"]))
    return np.stack([lead, -lead], 1).astype(np.float32)

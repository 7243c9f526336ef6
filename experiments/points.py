"""Points of the curve of score against bill: all episodes of one setting at one budget, drawn together.

Shapes: `S` training seeds, `N` tasks; all points of one world share both axes, so that their cells pair up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, TypeVar

import numpy as np

from ..search.budget import Cost
from .records import Record
from .statistics import Scores


class HasEnv(Protocol):
    """Whatever belongs to a world."""

    @property
    def env(self) -> str:
        """The world's name."""
        ...


Placed = TypeVar("Placed", bound=HasEnv)
UNITS = tuple(unit.name for unit in fields(Cost))


@dataclass(frozen=True, slots=True)
class Point:
    """One setting in one world at one budget.

    Attributes:
        env: the world.
        setting: the way of acting.
        budget: its label.
        scores: `[S, N]` mean over samples, NaN where nobody played.
        cost: mean bill of one decision, by unit of `Cost`.
    """

    env: str
    setting: str
    budget: str
    scores: Scores
    cost: Mapping[str, float]

    @property
    def num_seeds(self) -> int:
        """Training seeds that played here."""
        return int((~np.isnan(self.scores)).any(axis=1).sum())

    @property
    def num_tasks(self) -> int:
        """Tasks that were played."""
        return int((~np.isnan(self.scores)).any(axis=0).sum())


def points(records: Sequence[Record]) -> list[Point]:
    """Returns a point for every world, setting and budget met, sorted by these names."""
    seeds, tasks = defaultdict(set), defaultdict(set)
    groups = defaultdict(list)
    for record in records:
        seeds[record.env].add(record.seed)
        tasks[record.env].add(record.task)
        groups[record.env, record.setting, record.budget].append(record)
    return [
        Point(env, setting, budget, _scores(group, sorted(seeds[env]), sorted(tasks[env])), _cost(group))
        for (env, setting, budget), group in sorted(groups.items())
    ]


def dearest(records: Sequence[Record], unit: str) -> list[Record]:
    """Returns the records of every setting at the budget where its decisions cost most, world by world."""
    climbing = sorted(points(records), key=lambda point: point.cost[unit])
    budgets = {(point.env, point.setting): point.budget for point in climbing}
    return [record for record in records if budgets[record.env, record.setting] == record.budget]


def by_env(items: Iterable[Placed]) -> dict[str, list[Placed]]:
    """Returns the items of each world, in their order."""
    worlds: dict[str, list[Placed]] = {}
    for item in items:
        worlds.setdefault(item.env, []).append(item)
    return worlds


def interpolate(curve: Sequence[Point], unit: str, bill: float) -> Point:
    """Returns the point of a curve at `bill`, which lies between its cheapest and its dearest.

    Linear in the bill: to play the cheaper of two neighbours in a share of all episodes and the dearer in the rest
    costs and scores exactly this on average, so what is read off can be had.
    """
    climbing = sorted(curve, key=lambda point: point.cost[unit])
    bills = [point.cost[unit] for point in climbing]
    right = min(max(int(np.searchsorted(bills, bill)), 1), len(bills) - 1)
    cheap, dear = climbing[right - 1], climbing[right]
    share = (bill - cheap.cost[unit]) / (dear.cost[unit] - cheap.cost[unit])
    return Point(
        cheap.env,
        cheap.setting,
        f"{cheap.budget} to {dear.budget}",
        (1 - share) * cheap.scores + share * dear.scores,
        {name: (1 - share) * cheap.cost[name] + share * dear.cost[name] for name in UNITS},
    )


def _scores(group: Sequence[Record], seeds: Sequence[int], tasks: Sequence[int]) -> Scores:
    total, count = np.zeros((2, len(seeds), len(tasks)))
    row_of = {seed: row for row, seed in enumerate(seeds)}
    column_of = {task: column for column, task in enumerate(tasks)}
    for record in group:
        cell = row_of[record.seed], column_of[record.task]
        total[cell] += record.score
        count[cell] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _cost(group: Sequence[Record]) -> dict[str, float]:
    """Returns the mean bill of one decision; a unit that a bill does not name cost nothing."""
    decisions = sum(record.decisions for record in group)
    return {unit: sum(record.cost.get(unit, 0) for record in group) / decisions for unit in UNITS}

"""Settings side by side at equal bills: what each scores, what it gains over a baseline, what it spends.

A row is a world at a budget. Before two settings may stand in one, their bills must agree or the caller must say how
to match them; every cell tells what it really spent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from .matching import Curves, How, Matching
from .points import UNITS, Point, points
from .records import Record
from .statistics import Estimate, estimate, paired_difference


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting in one row.

    Attributes:
        setting: the way of acting.
        score: mean score.
        difference: paired difference to the baseline, task by task; None where there is nothing to pair.
        num_tasks: tasks played.
        num_seeds: training seeds.
        cost: mean bill of one decision, by unit of `Cost`.
        matched: False where the bill is not the row's.
    """

    setting: str
    score: Estimate
    difference: Estimate | None
    num_tasks: int
    num_seeds: int
    cost: Mapping[str, float]
    matched: bool

    @property
    def differs(self) -> bool:
        """True where the interval of the difference excludes 0."""
        return self.difference is not None and not self.difference.low <= 0 <= self.difference.high


@dataclass(frozen=True, slots=True)
class Row:
    """One world at one budget.

    Attributes:
        env: the world.
        budget: its label.
        bill: what a decision costs here, in the table's unit.
        cells: the baseline first, then by name.
    """

    env: str
    budget: str
    bill: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, by world and growing bill.

    Attributes:
        rows: see `Row`.
        baseline: the setting the differences are to.
        matching: how bills were held against each other.
    """

    rows: tuple[Row, ...]
    baseline: str
    matching: Matching

    def summary(self) -> list[dict[str, Any]]:
        """Returns the table as JSON values, a mapping a cell."""
        return [_summary(row, cell) for row in self.rows for cell in row.cells]


def compare(
    records: Sequence[Record],
    baseline: str,
    match: str = "policy_tokens",
    how: How = "strict",
    tolerance: float = 0.02,
) -> Table:
    """Returns the compute-matched table of `records`.

    Args:
        records: of any number of worlds, settings, budgets, tasks and training seeds.
        baseline: the setting the others are held against.
        match: the unit of `Cost` in which bills have to agree.
        how: what to do where they do not, see `Matching`.
        tolerance: the largest relative difference of bills that counts as equal.

    Raises:
        BillsDiffer: if `how` does not allow what the bills are.
        ValueError: if there are no records, or the baseline, the unit or `how` is unknown.
    """
    if not records:
        raise ValueError("no records to compare: evaluate at least one setting first")
    _choose("baseline", baseline, sorted({record.setting for record in records}))
    _choose("match", match, UNITS)
    _choose("how", how, get_args(How))
    matching = Matching(match, how, tolerance)
    worlds: dict[str, dict[str, list[Point]]] = {}
    for point in sorted(points(records), key=lambda point: (point.env, point.setting != baseline, point.setting)):
        worlds.setdefault(point.env, {}).setdefault(point.setting, []).append(point)
    rows = [row for env, curves in worlds.items() for row in _rows(env, curves, baseline, matching)]
    return Table(tuple(rows), baseline, matching)


_NAME_WIDTH = 19
"""What is left of 80 columns; a longer name goes on in the next line."""


def compact(amount: float) -> str:
    """Returns a bill in three digits: 0.042, 7.5, 112, 16.2k, 3.4M."""
    for size, suffix in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if amount >= 0.9995 * size:
            return f"{amount / size:.3g}{suffix}"
    return f"{amount:.3g}"


def explain(matching: Matching) -> str:
    """Returns a sentence on what may stand in a row."""
    unit = matching.unit.replace("_", " ")
    return {
        "strict": f"All settings of a row spent the same {unit} a decision.",
        "at_most": f"* spent fewer {unit} a decision than the row allows.",
        "interpolate": f"Scores are read at equal {unit} a decision, between the budgets on either side.",
        "none": f"Bills are not matched: * spent fewer {unit} a decision than the dearest of the row.",
    }[matching.how]


def render(table: Table) -> Group:
    """Returns the table for an 80-column terminal; a difference in bold has an interval that excludes 0."""
    width = min(_NAME_WIDTH, max(len(cell.setting) for row in table.rows for cell in row.cells))
    lines: list[RenderableType] = [_columns(table, width, show_header=True)]
    for row in table.rows:
        columns = _columns(table, width, show_header=False)
        for cell in row.cells:
            bill = ("" if cell.matched else "* ") + compact(cell.cost[table.matching.unit])
            columns.add_row(
                Text(cell.setting),
                Text(f"{cell.score:.2f}"),
                Text(f"{cell.difference:+z.2f}" if cell.difference else "", style="bold" if cell.differs else ""),
                Text(bill),
                Text(compact(cell.cost["seconds"])),
            )
        lines += [Text(f"{row.env}, {row.budget} ({_played(row)})", style="bold"), columns]
    return Group(*lines, Text(f"{explain(table.matching)} Intervals hold 95 %.", style="dim"))


def _columns(table: Table, width: int, show_header: bool) -> RichTable:
    """Returns an empty block of lines; blocks of one table stand in line with each other."""
    columns = RichTable(box=None, show_header=show_header, pad_edge=False, padding=(0, 2, 0, 0))
    columns.add_column("", width=width, overflow="fold")
    headings = ("score", f"- {table.baseline}", table.matching.unit.split("_")[-1], "seconds")
    for heading, wide in zip(headings, (17, 20, 8, 8), strict=True):
        columns.add_column(heading, justify="right", width=wide, no_wrap=True)
    return columns


def _played(row: Row) -> str:
    """Returns how many tasks a row was played on, and by policies of how many training seeds."""
    tasks, seeds = (sorted(set(ns)) for ns in zip(*((c.num_tasks, c.num_seeds) for c in row.cells), strict=True))
    counts = [" to ".join(map(str, dict.fromkeys((found[0], found[-1])))) for found in (tasks, seeds)]
    return f"{counts[0]} tasks, {counts[1]} seed{'s' * (seeds[-1] > 1)}"


def _choose(name: str, found: str, choices: Collection[str]) -> None:
    if found not in choices:
        raise ValueError(f"{name}={found!r} is unknown; choose one of {', '.join(choices)}")


def _rows(env: str, curves: Curves, baseline: str, matching: Matching) -> list[Row]:
    rows = []
    for budget in {point.budget for curve in curves.values() for point in curve}:
        chosen, bill = matching.row(curves, budget)
        cells = [_cell(chosen[name], chosen.get(baseline), bill, matching) for name in curves if name in chosen]
        rows.append(Row(env, budget, bill, tuple(cells)))
    return sorted(rows, key=lambda row: (row.bill, row.budget))


def _cell(point: Point, baseline: Point | None, bill: float, matching: Matching) -> Cell:
    paired = baseline is not None and baseline is not point and np.isfinite(point.scores - baseline.scores).any()
    return Cell(
        point.setting,
        estimate(point.scores),
        paired_difference(point.scores, baseline.scores) if baseline is not None and paired else None,
        point.num_tasks,
        point.num_seeds,
        point.cost,
        matching.agree(point.cost[matching.unit], bill),
    )


def _summary(row: Row, cell: Cell) -> dict[str, Any]:
    difference = cell.difference
    return {
        "env": row.env,
        "setting": cell.setting,
        "budget": row.budget,
        "score": cell.score.value,
        "low": cell.score.low,
        "high": cell.score.high,
        "difference": difference.value if difference else None,
        "difference_low": difference.low if difference else None,
        "difference_high": difference.high if difference else None,
        "n": cell.num_tasks,
        "seeds": cell.num_seeds,
        "cost": dict(cell.cost),
    }

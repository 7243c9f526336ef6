"""The figures and tables of the report: from records, or what was compared, to HTML.

Each section is empty where it has nothing to say. Those that look closer show every setting at its dearest budget.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .compare import Row, Table, compact, explain
from .elo import elo
from .estimators import false_positive_rate, n_at_k, pass_at_k
from .figures import Curve, score_curves, to_svg
from .markup import Markup, interval, section, share, table
from .points import UNITS, Point, by_env, dearest, points
from .records import Record
from .statistics import estimate

HAND_INS = 10
"""The n of n@k, as AlphaCode reports it, whatever a world allows."""

MOST_BANDS = 8


def score_against_bill(records: Sequence[Record], baseline: str, unit: str) -> Markup:
    """Returns a figure a world of score against bill in `unit`, and one by the clock."""
    settings = sorted({record.setting for record in records}, key=lambda name: (name != baseline, name))
    styles = {setting: place for place, setting in enumerate(settings)}
    parts = {}
    for env, found in by_env(points(records)).items():
        drawn = "".join(_figure(found, styles, axis) for axis in dict.fromkeys((unit, "seconds")))
        parts[env] = Markup(f'<div class="figures">{drawn}</div>')
    note = f"Bands hold 95 %. The dotted line carries {baseline} on to bills it did not spend."
    return section("Score against bill", parts, note)


def equal_bills(compared: Table) -> Markup:
    """Returns the compute-matched table a world, with differences to the baseline and what a decision cost."""
    parts = {}
    for env, rows in by_env(compared.rows).items():
        units = [unit for unit in UNITS if any(cell.cost[unit] for row in rows for cell in row.cells)]
        headings = ["budget", "setting", "score", f"against {compared.baseline}", "tasks", "seeds"]
        headings += [unit.replace("_", " ") for unit in units]
        parts[env] = table(headings, [_lines(row, units, compared.matching.unit) for row in rows], 2)
    note = (
        f"{explain(compared.matching)} Costs are the mean of a decision. Differences are paired task by task, "
        "bold where the 95 % interval excludes 0."
    )
    return section("At equal bills", parts, note)


def score_by(key: str, records: Sequence[Record], unit: str) -> Markup:
    """Returns scores by `outcome[key]`, such as rating or opponent, for each world that has several values of it."""
    told = [record for record in records if record.outcome.get(key) is not None]
    parts = {}
    for env, found in by_env(dearest(told, unit)).items():
        bands = _bands([record.outcome[key] for record in found])
        settings = list(dict.fromkeys(record.setting for record in found))
        rows: dict[str, list[Record]] = {band: [] for band in bands.values()}
        for record in found:
            rows[bands[record.outcome[key]]].append(record)
        if len(rows) > 1:
            lines = [[band, len({r.task for r in row}), *_scores(row, settings)] for band, row in rows.items()]
            parts[env] = table([key, "tasks", *settings], [lines], 1)
    return section(f"Score by {key}", parts, "Every setting at its dearest budget.")


def ratings(records: Sequence[Record], unit: str) -> Markup:
    """Returns the Elo rating of every setting and opponent, for each world that has several opponents."""
    told = [record for record in records if record.outcome.get("opponent") is not None]
    parts = {}
    for env, found in by_env(dearest(told, unit)).items():
        rated = elo([(record.setting, record.outcome["opponent"], record.score) for record in found])
        settings = {record.setting for record in found}
        if len(rated) > len(settings) + 1:
            lines = [[name, f"{rating:+.0f}"] for name, rating in sorted(rated.items(), key=lambda pair: -pair[1])]
            parts[env] = table(["player", "Elo"], [lines], 1)
    return section("Ratings", parts, "Opponents have 0 in the mean. Every setting at its dearest budget.")


def built_as_told(records: Sequence[Record]) -> Markup:
    """Returns which strategy's build each setting made, by the one it was told, for worlds that tell one."""
    told = [record for record in records if record.outcome.get("told") and record.outcome.get("built")]
    parts = {}
    for env, found in by_env(told).items():
        names = sorted({record.outcome[key] for record in found for key in ("told", "built")})
        counts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for record in found:
            counts[record.setting, record.outcome["told"]].append(record.outcome["built"])
        lines = [
            [*row, len(builds), *(share(builds.count(name) / len(builds)) for name in names)]
            for row, builds in sorted(counts.items())
        ]
        parts[env] = table(["setting", "told", "games", *names], [lines], 2)
    return section("Built as told", parts, "A column is the strategy whose scripted players build most alike.")


def sampling(records: Sequence[Record]) -> Markup:
    """Returns how many samples pass the examples, how many of these are wrong, and what drawing more would solve."""
    counted = [record for record in records if record.outcome.get("samples") and "passing" in record.outcome]
    parts = {}
    for env, found in by_env(counted).items():
        most = max(record.outcome["samples"] for record in found)
        ks = [k for k in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000) if k <= most]
        rows: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in found:
            rows[record.setting, record.budget].append(record)
        headings = ["setting", "budget", "samples", "pass examples", "of these wrong", *(f"pass@{k}" for k in ks)]
        headings += [f"{HAND_INS}@{k}" for k in ks if k > HAND_INS]
        parts[env] = table(headings, [[[*name, *_sampled(row, ks)] for name, row in rows.items()]], 2)
    note = (
        "Those wrong pass the examples and fail hidden tests. pass@k: one of k samples solves. "
        f"{HAND_INS}@k: one of {HAND_INS} handed in does, however many the world allows, drawn from those of k samples "
        "that pass the examples, without clusters or ranks."
    )
    return section("Samples and false positives", parts, note)


def _figure(found: Sequence[Point], styles: Mapping[str, int], unit: str) -> str:
    """Returns one world's curves in one unit, or nothing where some setting spent none of it."""
    if not all(point.cost[unit] for point in found):
        return ""
    drawn: dict[str, list[Point]] = {setting: [] for setting in styles}
    for point in sorted(found, key=lambda point: point.cost[unit]):
        drawn[point.setting].append(point)
    curves = {
        setting: Curve([point.cost[unit] for point in curve], [estimate(point.scores) for point in curve])
        for setting, curve in drawn.items()
        if curve
    }
    name = unit.replace("_", " ")
    figure = score_curves(curves, styles, name, "score")
    return f"<figure>{to_svg(figure, f'{found[0].env}: score against {name} a decision')}</figure>"


def _lines(row: Row, units: Sequence[str], matched_unit: str) -> list[list[object]]:
    """Returns a line of the compute-matched table for each cell of a row."""
    return [
        [
            row.budget if index == 0 else "",
            cell.setting,
            interval(cell.score),
            interval(cell.difference, "+z.2f", bold=cell.differs),
            cell.num_tasks,
            cell.num_seeds,
            *(("" if cell.matched or unit != matched_unit else "* ") + compact(cell.cost[unit]) for unit in units),
        ]
        for index, cell in enumerate(row.cells)
    ]


def _scores(row: Sequence[Record], settings: Sequence[str]) -> list[Markup]:
    scores = {point.setting: estimate(point.scores) for point in points(row)}
    return [interval(scores.get(setting)) for setting in settings]


def _bands(values: Sequence[Any]) -> dict[Any, str]:
    """Returns the name of each value's row: its own, or a range of neighbours where there are many."""
    distinct = sorted(set(values))
    size = -(-len(distinct) // MOST_BANDS)
    bands = [distinct[first : first + size] for first in range(0, len(distinct), size)]
    return {value: str(value) if size == 1 else f"{band[0]} to {band[-1]}" for band in bands for value in band}


def _sampled(row: Sequence[Record], ks: Sequence[int]) -> list[object]:
    """Returns the mean number of samples, the share that pass, the share of these that are wrong, pass@k and n@k."""
    counts = [(r.outcome["samples"], r.outcome["passing"], r.outcome["solving"]) for r in row]
    drawn, passing, solving = (sum(column) for column in zip(*counts, strict=True))
    one_of = [float(np.mean([pass_at_k(n, c, k) for n, _, c in counts])) for k in ks]
    ten_of = [float(np.mean([n_at_k(n, e, c, HAND_INS, k) for n, e, c in counts])) for k in ks if k > HAND_INS]
    rates = [passing / drawn, false_positive_rate(passing, solving)]
    return [compact(drawn / len(row)), *map(share, rates + one_of + ten_of)]

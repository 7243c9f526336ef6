"""What practice did, iteration by iteration: what the policy scores alone, and what with search.

Where the policy alone comes to what it scored with search some iterations before, it has absorbed that search's gain.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..learners.expert_iteration import matches
from .figures import Curve, progress_curves, to_svg
from .markup import Markup, interval, section, table
from .points import Point, points
from .records import Record, read_records
from .statistics import estimate, paired_difference

Watched = Mapping[int, Sequence[Record]]
"""By iteration, everything it was watched at, of all training seeds."""


def watched(folders: Sequence[Path]) -> Watched:
    """Returns the records beside the iterations of several pupils that practised."""
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for folder in folders:
        for result in matches(folder):
            path = folder / f"iteration_{result['iteration']:04d}" / "records.jsonl"
            found[result["iteration"]] += read_records(path) if path.exists() else []
    return {iteration: records for iteration, records in sorted(found.items()) if records}


def search_gain_absorbed(records: Watched, settings: Sequence[str]) -> Markup:
    """Returns a figure and a table a world. settings: as they were watched, the policy alone first."""
    curves: defaultdict[str, defaultdict[str, dict[int, Point]]] = defaultdict(lambda: defaultdict(dict))
    for iteration, found in records.items():
        for point in points(found):
            curves[point.env][point.setting][iteration] = point
    parts = {env: Markup(_figure(env, found, settings) + _table(found, settings)) for env, found in curves.items()}
    note = (
        "The policy of every iteration, alone and with search, each at what its settings let it spend. Where the "
        "policy alone comes to what it scored with search before, it has absorbed what that search gained. Bands hold "
        "95 %."
    )
    return section("Search gain absorbed", parts, note)


def _figure(env: str, found: Mapping[str, Mapping[int, Point]], settings: Sequence[str]) -> str:
    curves = {
        name: Curve([*found[name]], [estimate(point.scores) for point in found[name].values()])
        for name in settings
        if name in found
    }
    styles = {name: place for place, name in enumerate(settings)}
    figure = progress_curves(curves, styles, "iteration", "score")
    return f"<figure>{to_svg(figure, f'{env}: score by iteration')}</figure>"


def _table(found: Mapping[str, Mapping[int, Point]], settings: Sequence[str]) -> Markup:
    alone, others = settings[0], [name for name in settings[1:] if name in found]
    if alone not in found:
        # It is no setting of this world's, and nothing else is what search gains on.
        return Markup("")
    headings = ["iteration", alone, *(f"{name}{what}" for name in others for what in ("", f" against {alone}"))]
    lines: list[list[object]] = []
    for iteration, base in found[alone].items():
        if not all(iteration in found[name] for name in others):
            continue
        line: list[object] = [iteration, interval(estimate(base.scores))]
        for point in (found[name][iteration] for name in others):
            gain = paired_difference(point.scores, base.scores)
            line += [interval(estimate(point.scores)), interval(gain, "+z.2f", bold=not gain.low <= 0 <= gain.high)]
        lines.append(line)
    return table(headings, [lines], 1)

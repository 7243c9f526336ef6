"""Score against bill as inline SVG: one curve a setting, the same bytes every time.

Colours are those of the page: what is drawn in a series' or the ink's light colour is handed over to a style sheet's
`--series-1`, `--series-2`... and to the surrounding text colour, so that a figure turns dark with its page.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from .compare import compact
from .statistics import Estimate

INK, RULE = "#1f2328", "#d8dee4"
# Okabe and Ito's palette, told apart by every kind of colour vision; markers say the same without colour.
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = "osD^vPX"


@dataclass(frozen=True, slots=True)
class Curve:
    """One setting's scores along its bills.

    Attributes:
        bills: mean bill of a decision at each budget, growing.
        scores: the score at each.
    """

    bills: Sequence[float]
    scores: Sequence[Estimate]


def score_curves(curves: Mapping[str, Curve], styles: Mapping[str, int], unit: str, measure: str) -> Figure:
    """Returns scores with their interval bands against bills on a log axis, each curve named at the right edge.

    Args:
        curves: by setting; every bill is positive.
        styles: each setting's place among all settings of the report, 0 for the baseline, which is drawn in ink and
            carried on, dotted, to bills it did not spend.
        unit: what the bills count.
        measure: what the scores are.
    """
    return _curves(curves, styles, _scale, f"{unit} a decision", measure)


def progress_curves(curves: Mapping[str, Curve], styles: Mapping[str, int], step: str, measure: str) -> Figure:
    """Returns scores with their interval bands as training goes on. curves: `bills` are steps; else as above."""
    return _curves(curves, styles, _march, step, measure)


def _curves(
    curves: Mapping[str, Curve],
    styles: Mapping[str, int],
    scale: Callable[[Axes, Sequence[float]], None],
    across: str,
    measure: str,
) -> Figure:
    with mpl.rc_context(_rc()):
        figure = Figure(figsize=(5.6, 3.5), layout="constrained")
        axes = figure.add_subplot()
        scale(axes, [bill for curve in curves.values() for bill in curve.bills])
        for setting, curve in curves.items():
            _draw(axes, curve, styles[setting])
        axes.set_xlabel(across)
        axes.set_ylabel(measure)
        if all(score.low >= 0 and score.high <= 1 for curve in curves.values() for score in curve.scores):
            axes.set_ylim(-0.03, 1.03)
        _name(axes, curves, styles)
    return figure


def to_svg(figure: Figure, title: str) -> str:
    """Returns the figure as an SVG element without a name space of its own, described to screen readers by `title`."""
    buffer = io.StringIO()
    with mpl.rc_context(_rc()):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    head = re.search(r"<svg [^>]*(viewBox=\"[^\"]*\")[^>]*>", svg)
    assert head is not None, "matplotlib wrote no <svg>"
    svg = f'<svg {head[1]} role="img"><title>{escape(title)}</title>{svg[head.end() :]}'
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    # A page holds several figures, and matplotlib calls each of them figure_1.
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg).replace("xlink:href", "href")
    for place, colour in enumerate(SERIES, start=1):
        svg = svg.replace(colour, f"var(--series-{place})")
    return svg.replace(INK, "currentColor").replace(RULE, "var(--rule)")


def _scale(axes: Axes, bills: Sequence[float]) -> None:
    """Makes x a log axis with a labelled tick for every decade, or 1, 2 and 5 times it where decades are few."""
    axes.set_xscale("log")
    axes.set_xlim(min(bills) / 1.6, max(bills) * 1.6)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if max(bills) < 100 * min(bills) else (1.0,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda bill, _: compact(bill)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _march(axes: Axes, steps: Sequence[float]) -> None:
    """Makes x a straight axis of whole numbers."""
    axes.set_xlim(min(steps) - 0.5, max(steps) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw(axes: Axes, curve: Curve, style: int) -> None:
    low, value, high = np.array([(score.low, score.value, score.high) for score in curve.scores]).T
    colour = _colour(style)
    axes.fill_between(curve.bills, low, high, color=colour, alpha=0.13, linewidth=0)
    if style == 0:
        onwards = curve.bills[-1], axes.get_xlim()[1]
        axes.fill_between(onwards, low[-1], high[-1], color=colour, alpha=0.07, linewidth=0)
        axes.hlines(value[-1], *onwards, color=colour, linewidth=0.8, linestyle=(0, (1, 3)))
    elif len(value) == 1:
        axes.vlines(curve.bills, low, high, color=colour, linewidth=0.9)
    axes.plot(curve.bills, value, color=colour, marker=_marker(style), markersize=4.5, linewidth=1.6)


def _name(axes: Axes, curves: Mapping[str, Curve], styles: Mapping[str, int]) -> None:
    """Writes each curve's name at the height of its end, pushed apart where ends meet."""
    bottom, top = axes.get_ylim()
    ends = {setting: (curve.scores[-1].value - bottom) / (top - bottom) for setting, curve in curves.items()}
    line = 0.07
    height = -line
    for setting in sorted(ends, key=lambda name: ends[name]):
        ends[setting] = height = max(ends[setting], height + line)
    for setting, end in ends.items():
        shown = end - max(0.0, height - 1)
        style: dict[str, Any] = {"color": _colour(styles[setting]), "transform": axes.transAxes, "clip_on": False}
        axes.plot(1.03, shown, marker=_marker(styles[setting]), markersize=4.5, **style)
        axes.text(1.055, shown, setting, verticalalignment="center", **style)


def _colour(style: int) -> str:
    return SERIES[(style - 1) % len(SERIES)] if style else INK


def _marker(style: int) -> str:
    return MARKERS[style % len(MARKERS)]


def _rc() -> dict[Any, Any]:
    return {
        "svg.hashsalt": "alphakata",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "font.size": 9.5,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.minor.visible": False,
    }

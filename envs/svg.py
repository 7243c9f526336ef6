"""The few pieces of SVG that worlds draw themselves with: cells of 20 units, and a colour a player.

What is drawn in `currentColor` takes the colour of the page's text; a page may set `--player-0`, `--player-1`.
"""

from collections.abc import Iterable
from html import escape

CELL = 20
"""The side of a cell."""

PLAYERS = ("var(--player-0, #0072b2)", "var(--player-1, #d55e00)")
"""The colour of each of two players."""


def element(width: float, height: float, parts: Iterable[str]) -> str:
    """Returns an SVG element of so many cells."""
    box = f'viewBox="0 0 {width * CELL:g} {height * CELL:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} stroke-width="1">{"".join(parts)}</svg>'


def group(attributes: str, parts: Iterable[str]) -> str:
    """Returns `parts` with attributes in common; nothing where there are none."""
    inside = "".join(parts)
    return f"<g {attributes}>{inside}</g>" if inside else ""


def squares(places: Iterable[tuple[float, float]]) -> str:
    """Returns whole cells, given by column and row, as one shape; nothing where there are none."""
    corners = (f"M{column * CELL:g} {row * CELL:g}h{CELL}v{CELL}h-{CELL}z" for column, row in places)
    outline = "".join(corners)
    return f'<path d="{outline}"/>' if outline else ""


def disc(column: float, row: float, radius: float) -> str:
    """Returns a circle in the middle of a cell."""
    return f'<circle cx="{(column + 0.5) * CELL:g}" cy="{(row + 0.5) * CELL:g}" r="{radius:g}"/>'


def cross(column: float, row: float, reach: float) -> str:
    """Returns two strokes that cross in the middle of a cell."""
    x, y, span = (column + 0.5) * CELL - reach, (row + 0.5) * CELL - reach, 2 * reach
    return f'<path d="M{x:g} {y:g}l{span:g} {span:g}m0 {-span:g}l{-span:g} {span:g}"/>'


def label(column: float, row: float, words: object, index: int | None = None) -> str:
    """Returns words in the middle of a cell, an index below them where there is one."""
    x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
    below = "" if index is None else f'<tspan dy="2" font-size="70%">{index}</tspan>'
    return f'<text x="{x:g}" y="{y:g}">{escape(str(words))}{below}</text>'


def lettering(size: float) -> str:
    """Returns the attributes of a group of labels."""
    return f'font-size="{size:g}" text-anchor="middle" dominant-baseline="central" stroke="none"'

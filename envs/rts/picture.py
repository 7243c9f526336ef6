"""A game as a picture: the board as both sides' rules know it, or as one side knows it through the fog.

The board is never turned, so that one look compares two sides; its rows and columns bear the names that the side reads.
A unit is a letter (`drawing.LETTERS`) and the number that moves call it by, on a shape in its side's colour, square for
buildings, over a bar of its health; it is pale while busy, and dashed where it is remembered and not seen. A dot is a
load.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .. import svg
from .drawing import LETTERS
from .ground import flips
from .memory import Memories
from .observe import in_sight
from .rules import BARRACKS, CELLS, HEALTH, SIDES, SLOTS, SPAN, UNITS
from .state import WALL, Games

MARGIN = 1
"""Cells around the board: names of columns and rows, and a line of stocks above."""


@dataclass(frozen=True, slots=True)
class _Figure:
    side: int
    slot: int
    kind: int
    cell: int
    health: int
    load: int
    busy: bool
    remembered: bool


_NUMBERS = ("kind", "cell", "health", "load")
"""What games and memories both say of a unit, under the same names."""


def picture(games: Games, memories: Memories, side: int | None, fog: bool) -> str:
    """Returns `[1]` game as SVG: all that `side` knows, or everything where that is None.

    memories: `[1]`, what both sides know of each other's units; of `side`'s own alone anything is drawn.
    """
    game = games[0]
    height, width = int(game["height"]), int(game["width"])
    hides = fog and side is not None
    seen = in_sight(games, side) if fog and side is not None else np.ones(CELLS, np.bool_)
    figures = [figure for figure in _units(game) if not hides or figure.side == side or seen[figure.cell]]
    if hides and side is not None:
        figures += _remembered(game, memories[0], side)
    cells = [SPAN * y + x for y in range(height) for x in range(width)]
    patches = [(int(c), int(n)) for c, n in zip(game["patch_cell"], game["patch_loads"], strict=True) if n]
    parts = [
        svg.group('fill="none" stroke="currentColor" stroke-width="0.2" opacity="0.5"', _squares(cells)),
        svg.group('fill="currentColor" opacity="0.55"', _squares(c for c in cells if game["grid"][c] == WALL)),
        svg.group('fill="#2e8b57" opacity="0.55"', _squares(c for c, _ in patches)),
        svg.group(f'{svg.lettering(9)} fill="currentColor"', (svg.label(*_place(c), loads) for c, loads in patches)),
        *(_side(owner, [figure for figure in figures if figure.side == owner]) for owner in range(SIDES)),
        svg.group('fill="currentColor" opacity="0.18" class="fog"', _squares(c for c in cells if not seen[c])),
        svg.group(f'{svg.lettering(7)} fill="currentColor" opacity="0.7"', _words(game, side, hides)),
    ]
    return svg.element(width + 2 * MARGIN, height + 2 * MARGIN, parts)


def _units(game: np.void) -> Iterator[_Figure]:
    """Yields every unit on the board."""
    for u in range(UNITS):
        if game["kind"][u]:
            numbers = {name: int(game[name][u]) for name in _NUMBERS}
            side, slot = divmod(u, SLOTS)
            yield _Figure(side, slot, busy=bool(game["ready"][u] > game["tick"]), remembered=False, **numbers)


def _remembered(game: np.void, memory: np.void, side: int) -> Iterator[_Figure]:
    """Yields the enemies that `side` saw and sees no more."""
    for slot in range(SLOTS):
        if memory["kind"][side, slot] and memory["tick"][side, slot] != game["tick"]:
            numbers = {name: int(memory[name][side, slot]) for name in _NUMBERS}
            yield _Figure(1 - side, slot, busy=False, remembered=True, **numbers)


def _side(side: int, figures: Sequence[_Figure]) -> str:
    """Returns the units of one side: shapes, bars and loads in its colour, letters over them."""
    letters = (svg.label(*_place(figure.cell), LETTERS[figure.kind], figure.slot) for figure in figures)
    return svg.group(
        f'fill="{svg.PLAYERS[side]}" stroke="{svg.PLAYERS[side]}" class="side-{side}"',
        [*map(_shape, figures), svg.group(f'{svg.lettering(9)} fill="#fff" font-weight="bold"', letters)],
    )


def _shape(figure: _Figure) -> str:
    column, row = _place(figure.cell)
    x, y, size = svg.CELL * column, svg.CELL * row, svg.CELL
    look = ' opacity="0.5" stroke-dasharray="2 2"' if figure.remembered else ' opacity="0.7"' if figure.busy else ""
    corner = 2 if figure.kind <= BARRACKS else 8
    bar = (size - 4) * figure.health / int(HEALTH[figure.kind])
    load = f'<circle cx="{x + size - 4}" cy="{y + 4}" r="2.5" fill="#2e8b57" stroke="#fff"/>' if figure.load else ""
    body = f'<rect x="{x + 2}" y="{y + 1}" width="{size - 4}" height="{size - 5}" rx="{corner}"{look}/>'
    return f'{body}<path d="M{x + 2} {y + size - 2}h{bar:.1f}" stroke-width="2"/>{load}'


def _words(game: np.void, side: int | None, hides: bool) -> list[str]:
    """Returns the names of columns and rows as the side reads them, stocks and clock above."""
    height, width = int(game["height"]), int(game["width"])
    turn = 0 if side is None else flips(game, side)
    columns = [chr(ord("a") + (width - 1 - x if turn & 2 else x)) for x in range(width)]
    rows = [height - y if turn & 1 else y + 1 for y in range(height)]
    stocks = ["?" if hides and owner != side else str(game["stock"][owner]) for owner in range(SIDES)]
    above = f"tick {game['tick']} of {game['limit']}, stocks {' and '.join(stocks)}"
    return [
        svg.label((width + 2 * MARGIN - 1) / 2, 0, above),
        *(svg.label(MARGIN + x, MARGIN + height, name) for x, name in enumerate(columns)),
        *(svg.label(0, MARGIN + y, name) for y, name in enumerate(rows)),
    ]


def _squares(cells: Iterable[int]) -> str:
    return svg.squares(map(_place, cells))


def _place(cell: int) -> tuple[int, int]:
    """Returns column and row of a cell in the picture."""
    return MARGIN + cell % SPAN, MARGIN + cell // SPAN

"""The few pieces of HTML the report is made of; whatever text goes in is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .statistics import Estimate


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def markup(text: object) -> str:
    """Returns `text` as HTML: escaped, unless it is `Markup`."""
    return text if isinstance(text, Markup) else escape(str(text))


def table(
    headings: Sequence[str], groups: Iterable[Iterable[Sequence[object]]], names: int, caption: str = ""
) -> Markup:
    """Returns a table that scrolls where it is too wide.

    Args:
        headings: one a column.
        groups: rows of cells; groups are set apart by a rule.
        names: how many of the first columns hold names; the others hold numbers and are aligned to the right.
        caption: stands below.
    """
    head = "".join(_cell("th", heading, index >= names) for index, heading in enumerate(headings))
    body = "\n".join(
        "<tbody>"
        + "\n".join(
            "<tr>" + "".join(_cell("td", cell, index >= names) for index, cell in enumerate(row)) + "</tr>"
            for row in rows
        )
        + "</tbody>"
        for rows in groups
    )
    below = f"<caption>{markup(caption)}</caption>" if caption else ""
    return Markup(f'<div class="wide"><table>{below}<thead><tr>{head}</tr></thead>\n{body}</table></div>')


def section(title: str, parts: Mapping[str, Markup], note: str) -> Markup:
    """Returns a section with a part a world; empty where no world has one."""
    if not any(parts.values()):
        return Markup("")
    body = "\n".join(f"<h3>{markup(env)}</h3>\n{part}" for env, part in parts.items())
    return Markup(f'<h2>{markup(title)}</h2>\n<p class="quiet">{markup(note)}</p>\n{body}')


def interval(estimate: Estimate | None, spec: str = ".2f", bold: bool = False) -> Markup:
    """Returns a figure with its interval set back; nothing for None."""
    if estimate is None:
        return Markup("")
    value, rest = f"{estimate:{spec}}".replace("-", "\N{MINUS SIGN}").split(" ", 1)
    return Markup(f'{f"<strong>{value}</strong>" if bold else value} <span class="interval">{rest}</span>')


def share(value: float) -> Markup:
    """Returns a share in per cent over a bar of its length; a dash where it is NaN."""
    if value != value:
        return Markup("\N{EN DASH}")
    return Markup(f'{value:.0%}<span class="share" style="width: {100 * value:.0f}%"></span>')


def folded(summary: object, text: str) -> Markup:
    """Returns `text` as it was typed, behind a `summary` that unfolds it."""
    return Markup(f"<details><summary>{markup(summary)}</summary><pre>{escape(text)}</pre></details>")


def _cell(tag: str, content: object, is_number: bool) -> str:
    attributes = ' class="number"' if is_number else ""
    return f"<{tag}{attributes}>{markup(content)}</{tag}>"

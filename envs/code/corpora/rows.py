"""What a corpus yields, row by row: a problem, or why there is none.

Nothing is left out silently: a row that cannot be used says why, in words that can be counted, and a row that is not
what its format promises stops everything, or is counted too, as asked.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from ..judge import Limits
from ..problem import Problem

Raw = TypeVar("Raw")
OnError = Literal["raise", "skip"]

BAD_ROW = "is not in the format"
"""The reason given for every row that `on_error="skip"` passes over."""


class BadRow(ValueError):
    """A row that is not what its format promises: file, row, field, what was found and what was wanted."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that makes no problem.

    Attributes:
        name: which row.
        reason: why, in words that many rows share.
        detail: why, in this row's own words.
    """

    name: str
    reason: str
    detail: str = ""


Row = Problem | Rejected


@dataclass(frozen=True, slots=True)
class Collection:
    """All of a corpus.

    Attributes:
        problems: what can be used.
        reasons: how many rows cannot, by reason.
    """

    problems: tuple[Problem, ...]
    reasons: Counter[str]


def collect(rows: Iterable[Row]) -> Collection:
    """Returns the problems among `rows`, and why the others are none."""
    problems: list[Problem] = []
    reasons: Counter[str] = Counter()
    for row in rows:
        if isinstance(row, Rejected):
            reasons[row.reason] += 1
        else:
            problems.append(row)
    return Collection(tuple(problems), reasons)


def convert(
    rows: Iterable[tuple[str, Raw]], make: Callable[[Raw, str], Row], on_error: OnError = "raise"
) -> Iterator[Row]:
    """Yields what `make` makes of each row; rows are read one at a time.

    Args:
        rows: where each stands ("file, row n"), and the row.
        make: called with a row and where it stands; raises `BadRow`.
        on_error: "raise" stops at a bad row, "skip" yields it as `Rejected` and says so in the log.
    """
    if on_error not in get_args(OnError):
        raise ValueError(f"on_error is {on_error!r}, it must be one of {get_args(OnError)}")
    for where, raw in rows:
        try:
            yield _made(make, raw, where)
        except BadRow as error:
            if on_error == "raise":
                raise
            logging.getLogger(__name__).warning("%s", error)
            yield Rejected(where, BAD_ROW, str(error))


def _made(make: Callable[[Raw, str], Row], raw: Raw, where: str) -> Row:
    """Returns what `make` makes of a row; `BadRow` where nobody could run it or write it down."""
    try:
        row = make(raw, where)
        if isinstance(row, Problem):
            row.to_json().encode()
            Limits(cpu_seconds=row.time_limit_seconds, memory_bytes=row.memory_limit_bytes)
    except BadRow:
        raise
    except RecursionError:
        raise BadRow(f"{where}: nested deeper than can be read") from None
    except UnicodeEncodeError as error:
        raise BadRow(f"{where}: found half of a character ({error.reason}), wanted text that is UTF-8") from None
    except (TypeError, ValueError) as error:
        raise BadRow(f"{where}: {error}") from None
    return row


def field(row: Any, name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Returns field `name` of a row, checked against its type.

    Raises:
        BadRow: if it is missing or of another type.
    """
    if not isinstance(row, dict):
        raise BadRow(f"{where}: found {shown(row)}, wanted an object with a field {name!r}")
    if name not in row:
        raise BadRow(f"{where}: field {name!r} is missing, found only {', '.join(row) or 'nothing'}")
    value = row[name]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join("null" if k is type(None) else k.__name__ for k in kinds)
        raise BadRow(f"{where}, field {name!r}: found {shown(value)}, wanted {wanted}")
    return value


def shown(value: object) -> str:
    """Returns type and beginning of a value, for a message."""
    return f"{type(value).__name__} {value!r:.40}"

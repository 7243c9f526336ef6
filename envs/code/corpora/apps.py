"""APPS from its JSONL files (Hendrycks et al. 2021, arXiv 2105.09938; MIT licence).

    rows = read_apps("test.jsonl")

A row is that of `codeparrot/apps` on Hugging Face, where `solutions` and `input_output` are JSON within JSON, or empty.
Tests that the statement shows are its examples. A problem that asks for a function, not for a program (`fn_name`), is
rejected: its expected results are wrapped in a list or not, and nothing says which.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..judge import Case
from ..problem import Problem, Solution
from .rows import BadRow, OnError, Rejected, Row, convert, field, shown


def read_apps(path: str | Path, on_error: OnError = "raise") -> Iterator[Row]:
    """Yields the problems of a file, one row of it in memory at a time.

    Args:
        path: a JSONL file.
        on_error: what to do about a row that is not in the format.

    Raises:
        BadRow: if a row is not in the format and `on_error` is "raise".
    """
    return convert(_read(Path(path)), _row, on_error)


def _read(path: Path) -> Iterator[tuple[str, bytes]]:
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path}, row {number}", line


def _row(line: bytes, where: str) -> Row:
    """Makes a problem of one row."""
    row = _json(line, where)
    name = f"apps/{field(row, 'problem_id', (int, str), where)}"
    statement, difficulty = (field(row, item, str, where) for item in ("question", "difficulty"))
    tests = _within(row, "input_output", dict, where)
    if not tests:
        return Rejected(name, "has no tests")
    if "fn_name" in tests:
        return Rejected(name, "asks for a function, not for a program", str(tests["fn_name"]))
    cases = _cases(tests, f"{where}, field 'input_output'")
    if not cases:
        return Rejected(name, "has no tests")
    words = " ".join(statement.split())
    examples = tuple(case for case in cases if _is_shown(case, words))
    return Problem(
        name=name,
        statement=statement.strip(),
        examples=examples,
        hidden=tuple(case for case in cases if case not in examples),
        difficulty=difficulty,
        solutions=_solutions(row, where),
        source="apps",
    )


def _json(text: str | bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadRow(f"{where}: not JSON ({error}); one complete value wanted") from None


def _within(row: Any, name: str, kind: type, where: str) -> Any:
    """Returns the value that a field holds as JSON, None where it is empty."""
    text = field(row, name, str, where)
    if not text.strip():
        return None
    value = _json(text, f"{where}, field {name!r}")
    return field({name: value}, name, kind, where)


def _cases(tests: dict[str, Any], place: str) -> list[Case]:
    """Returns the tests of a problem; a text may be kept as a list of its lines."""
    inputs, outputs = (field(tests, item, list, place) for item in ("inputs", "outputs"))
    if len(inputs) != len(outputs):
        raise BadRow(f"{place}: found {len(inputs)} inputs and {len(outputs)} outputs")
    pairs = zip(inputs, outputs, strict=True)
    return [Case(_text(given, place), _text(wanted, place)) for given, wanted in pairs]


def _text(value: object, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    raise BadRow(f"{place}: found {shown(value)} for a test, wanted a text or a list of its lines")


def _solutions(row: Any, where: str) -> tuple[Solution, ...]:
    sources = _within(row, "solutions", list, where) or []
    if strays := [source for source in sources if not isinstance(source, str)]:
        raise BadRow(f"{where}, field 'solutions': found {shown(strays[0])}, wanted the text of a program")
    return tuple(Solution("python3", source) for source in sources)


def _is_shown(case: Case, words: str) -> bool:
    """Returns True where a statement, its white space narrowed, holds a test's input and output."""
    given, wanted = (" ".join(text.split()) for text in (case.input, case.output))
    return bool(given) and bool(wanted) and given in words and wanted in words

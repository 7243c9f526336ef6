"""CodeContests from its published Parquet files (Li et al. 2022; CC BY 4.0).

    rows = read_code_contests("test-00000-of-00001-9c49eeff30aacaa8.parquet")

The schema is that of `deepmind/code_contests` on Hugging Face, whose numbers for sources, difficulties and languages
are those of `contest_problem.proto`: https://github.com/google-deepmind/code_contests
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..judge import Case
from ..problem import Problem, Solution
from .rows import BadRow, OnError, Rejected, Row, convert, field

SOURCES = ("", "codechef", "codeforces", "hackerearth", "codejam", "atcoder", "aizu")
DIFFICULTIES = ("", "easy", "medium", "hard", "harder", "hardest", "external", *"ABCDEFGHIJKLMNOPQRSTUV")
LANGUAGES = ("unknown", "python2", "cpp", "python3", "java")

# What its own tool takes where a problem says nothing.
_TIME_LIMIT_SECONDS = 10.0
_MEMORY_LIMIT_BYTES = 256 * 2**20

_ROWS_AT_A_TIME = 16
_TESTS = ("public_tests", "private_tests", "generated_tests")
_SOLUTIONS = ("solutions", "incorrect_solutions")
_LIMITS = ("time_limit", "memory_limit_bytes", "input_file", "output_file")
_COLUMNS = ("name", "description", "source", "difficulty", "cf_rating", "cf_tags", *_TESTS, *_SOLUTIONS, *_LIMITS)


def read_code_contests(
    path: str | Path, languages: Sequence[str] = ("python3",), on_error: OnError = "raise"
) -> Iterator[Row]:
    """Yields the problems of a file, some rows of it in memory at a time.

    A problem whose programs read or write a named file is rejected, as is one without tests.

    Args:
        path: a Parquet file.
        languages: of `LANGUAGES`, whose solutions are kept; those of the first come first.
        on_error: what to do about a row that is not in the format.

    Raises:
        ValueError: if the file is no Parquet, lacks a column, or a language is unknown.
        BadRow: if a row is not in the format and `on_error` is "raise".
    """
    if unknown := set(languages) - set(LANGUAGES):
        raise ValueError(f"languages: found {min(unknown)!r}, wanted some of {', '.join(LANGUAGES)}")
    return convert(_read(Path(path)), partial(_row, languages=languages), on_error)


def _read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each row and where it stands."""
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} is no Parquet file ({error}); take one of CodeContests' as published") from None
    with file:
        if missing := set(_COLUMNS) - set(file.schema_arrow.names):
            raise ValueError(f"{path}: column {min(missing)!r} is missing, found {', '.join(file.schema_arrow.names)}")
        number = 0
        try:
            for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=_COLUMNS):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", row
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"{path} is damaged after row {number} ({error}); copy it again") from None


def _row(row: dict[str, Any], where: str, languages: Sequence[str]) -> Row:
    """Makes a problem of one row."""
    name = field(row, "name", str, where)
    if files := [row[item] for item in ("input_file", "output_file") if row[item]]:
        return Rejected(name, "reads or writes a named file", ", ".join(files))
    hidden = _tests(row, "private_tests", where)
    examples, generated = _tests(row, "public_tests", where), _tests(row, "generated_tests", where)
    if not (examples or hidden or generated):
        return Rejected(name, "has no tests")
    return Problem(
        name=name,
        statement=field(row, "description", str, where),
        examples=examples,
        hidden=hidden,
        generated=generated,
        time_limit_seconds=_seconds(field(row, "time_limit", (dict, type(None)), where), where),
        memory_limit_bytes=field(row, "memory_limit_bytes", int, where) or _MEMORY_LIMIT_BYTES,
        tags=tuple(tag for tag in field(row, "cf_tags", list, where) if tag),
        rating=field(row, "cf_rating", int, where),
        difficulty=_named(row, "difficulty", DIFFICULTIES, where),
        solutions=_solutions(row, "solutions", languages, where),
        incorrect_solutions=_solutions(row, "incorrect_solutions", languages, where),
        source=_named(row, "source", SOURCES, where),
    )


def _tests(row: dict[str, Any], name: str, where: str) -> tuple[Case, ...]:
    return tuple(Case(given, wanted) for given, wanted in _pairs(row, name, ("input", str), ("output", str), where))


def _solutions(row: dict[str, Any], name: str, languages: Sequence[str], where: str) -> tuple[Solution, ...]:
    pairs = _pairs(row, name, ("language", int), ("solution", str), where)
    found = [Solution(_of(LANGUAGES, number, f"{where}, field {name!r}"), source) for number, source in pairs]
    kept = [solution for solution in found if solution.language in languages]
    return tuple(sorted(kept, key=lambda solution: languages.index(solution.language)))


def _pairs(
    row: dict[str, Any], name: str, first: tuple[str, type], second: tuple[str, type], where: str
) -> list[tuple[Any, Any]]:
    """Returns the items of two lists that stand side by side in a field."""
    place = f"{where}, field {name!r}"
    both = field(row, name, dict, where)
    columns = [field(both, item, list, place) for item, _ in (first, second)]
    if len(columns[0]) != len(columns[1]):
        raise BadRow(f"{place}: found {len(columns[0])} of {first[0]!r} and {len(columns[1])} of {second[0]!r}")
    for (item, kind), column in zip((first, second), columns, strict=True):
        for index, value in enumerate(column):
            field({item: value}, item, kind, f"{place}, item {index}")
    return list(zip(*columns, strict=True))


def _seconds(limit: dict[str, Any] | None, where: str) -> float:
    """Returns a time limit in seconds."""
    if limit is None:
        return _TIME_LIMIT_SECONDS
    place = f"{where}, field 'time_limit'"
    seconds, nanos = (field(limit, item, (int, type(None)), place) or 0 for item in ("seconds", "nanos"))
    return float(seconds + nanos / 1e9) or _TIME_LIMIT_SECONDS


def _named(row: dict[str, Any], name: str, names: Sequence[str], where: str) -> str:
    return _of(names, field(row, name, int, where), f"{where}, field {name!r}")


def _of(names: Sequence[str], number: int, place: str) -> str:
    if not 0 <= number < len(names):
        raise BadRow(f"{place}: found {number}, wanted 0 to {len(names) - 1}")
    return names[number]

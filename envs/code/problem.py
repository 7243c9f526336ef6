"""A contest problem: what a player reads, what a judge knows, and the line of JSON it is kept in.

The fields are those of CodeContests (Li et al. 2022, "Competition-Level Code Generation with AlphaCode", and the
`contest_problem.proto` published with it): https://github.com/google-deepmind/code_contests
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from types import GenericAlias
from typing import Any, Protocol

from .judge import Case, CheckerProgram, CodeContests, Exact, Floats, Json, Rule, Tokens, Trimmed, YesNo


@dataclass(frozen=True, slots=True)
class Solution:
    """A program somebody handed in.

    Attributes:
        language: such as "python3".
        source: its text.
    """

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a contest.

    Attributes:
        name: unique within its source.
        statement: what the player reads, examples not included.
        examples: tests the player sees.
        hidden: tests the judge keeps to itself.
        generated: tests made later, by mutating inputs and asking correct solutions.
        time_limit_seconds: CPU time a test may take.
        memory_limit_bytes: memory a test may take.
        checker: when an output counts as right.
        several_answers: True where correct solutions were seen to disagree, so that `checker` may fail a right program.
        tags: what the problem is about.
        rating: difficulty on Codeforces' scale, 800 and up; 0 where unknown.
        difficulty: the source's own word for it.
        solutions: programs that are right.
        incorrect_solutions: programs that are wrong, most of them narrowly.
        source: where the problem comes from.
    """

    name: str
    statement: str
    examples: tuple[Case, ...]
    hidden: tuple[Case, ...] = ()
    generated: tuple[Case, ...] = ()
    time_limit_seconds: float = 2.0
    memory_limit_bytes: int = 256 * 2**20
    checker: Rule = field(default_factory=Tokens)
    several_answers: bool = False
    tags: tuple[str, ...] = ()
    rating: int = 0
    difficulty: str = ""
    solutions: tuple[Solution, ...] = ()
    incorrect_solutions: tuple[Solution, ...] = ()
    source: str = ""

    @property
    def tests(self) -> tuple[Case, ...]:
        """All tests, examples first: what a program must pass to solve the problem."""
        return self.examples + self.hidden + self.generated

    @property
    def prompt(self) -> str:
        """The problem as a player reads it; a program follows."""
        shown = "".join(f"in\n{_line(case.input)}out\n{_line(case.output)}" for case in self.examples)
        return f"{self.statement}\n{shown}code\n"

    def as_seen(self) -> "Problem":
        """Returns the problem as a player may know it, not even its name.

        That is what it reads, and what its programs may use and are compared by.
        """
        return Problem(
            name="",
            statement=self.statement,
            examples=self.examples,
            time_limit_seconds=self.time_limit_seconds,
            memory_limit_bytes=self.memory_limit_bytes,
            checker=self.checker,
        )

    def to_json(self) -> str:
        """Returns the problem as one line of JSON; ValueError if its checker is a function."""
        row = asdict(self)
        row["checker"] = {"kind": _kind_of(self.checker), **row["checker"]}
        return json.dumps(row, ensure_ascii=False)

    @staticmethod
    def from_json(text: str, where: str = "problem") -> "Problem":
        """Returns the problem in `text`; only what has no default must be there.

        Args:
            text: a JSON object.
            where: file and row, for the message.

        Raises:
            ValueError: naming `where`, the field, what was found and what was wanted.
        """
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where}: not JSON ({error}); one complete object a line wanted") from None
        problem: Problem = _record(Problem, row, where)
        return problem


class Problems(Protocol):
    """A list of problems, or an endless source that numbers them."""

    def __getitem__(self, index: int, /) -> Problem:
        """Returns problem `index`, the same every time."""
        ...


def read_problems(path: str | Path) -> tuple[Problem, ...]:
    """Returns the problems of a JSONL file, in order; blank lines are skipped.

    Raises:
        ValueError: if a row is no problem, or there is none.
    """
    if problems := tuple(stream_problems(path)):
        return problems
    raise ValueError(f"{path}: no problems in it; one JSON object a line wanted, as write_problems writes them")


def stream_problems(path: str | Path) -> Iterator[Problem]:
    """Yields the problems of a JSONL file, of which one is in memory at a time; blank lines are skipped.

    Raises:
        ValueError: if a row is no problem.
    """
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield Problem.from_json(line, f"{path}, row {number}")


def write_problems(path: str | Path, problems: Iterable[Problem]) -> None:
    """Writes one problem a line, as `read_problems` reads them."""
    with open(path, "w", encoding="utf-8") as lines:
        lines.writelines(problem.to_json() + "\n" for problem in problems)


_SCALARS: Mapping[object, tuple[type, ...]] = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}
_CHECKERS: Mapping[str, type] = {
    "exact": Exact,
    "trimmed": Trimmed,
    "tokens": Tokens,
    "floats": Floats,
    "yes_no": YesNo,
    "codecontests": CodeContests,
    "json": Json,
    "program": CheckerProgram,
}


def _record(kind: Any, row: object, where: str) -> Any:
    """Builds the dataclass `kind` from a JSON object, field by field."""
    if not isinstance(row, dict):
        raise ValueError(f"{where}: found {_shown(row)}, wanted an object with the fields of {kind.__name__}")
    known = {item.name: item for item in fields(kind)}
    if unknown := row.keys() - known.keys():
        raise ValueError(f"{where}: unknown field {min(unknown)!r}; {kind.__name__} has {', '.join(known)}")
    for name, item in known.items():
        if item.default is MISSING and item.default_factory is MISSING and name not in row:
            raise ValueError(f"{where}: field {name!r} is missing, found only {', '.join(row) or 'nothing'}; add it")
    return kind(**{name: _value(known[name].type, value, f"{where}, field {name!r}") for name, value in row.items()})


def _value(kind: Any, value: object, where: str) -> Any:
    """Checks one value against its annotation; lists become tuples, objects become records."""
    if isinstance(kind, GenericAlias):
        if not isinstance(value, list):
            raise ValueError(f"{where}: found {_shown(value)}, wanted a list")
        return tuple(_value(kind.__args__[0], item, f"{where}, item {i}") for i, item in enumerate(value))
    if kind == Rule:
        return _checker(value, where)
    if kind not in _SCALARS:
        return _record(kind, value, where)
    if not isinstance(value, _SCALARS[kind]) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where}: found {_shown(value)}, wanted {kind.__name__}; correct that row")
    return value


def _checker(row: object, where: str) -> Any:
    """Builds a checker from a JSON object: its `kind`, and its settings."""
    if not isinstance(row, dict) or row.get("kind") not in _CHECKERS:
        found = _shown(row.get("kind") if isinstance(row, dict) else row)
        raise ValueError(f"{where}: found {found}, wanted an object whose 'kind' is one of {', '.join(_CHECKERS)}")
    settings = {name: value for name, value in row.items() if name != "kind"}
    return _record(_CHECKERS[row["kind"]], settings, where)


def _kind_of(checker: Rule) -> str:
    """Returns the name a checker is written under."""
    for name, kind in _CHECKERS.items():
        if type(checker) is kind:
            return name
    raise ValueError(f"{checker!r} cannot be written as JSON; {', '.join(_CHECKERS)} can, take a CheckerProgram")


def _shown(value: object) -> str:
    """Returns the beginning of a value, for a message."""
    return f"{type(value).__name__} {json.dumps(value)[:40]}"


def _line(text: str) -> str:
    """Returns `text` with a line break at its end."""
    return text if text.endswith("\n") else text + "\n"

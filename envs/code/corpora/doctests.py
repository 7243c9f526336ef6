"""Functions of well-kept packages as contest problems: what they promise, some of what they show, the rest as tests.

A program defines the function and then runs the statements it finds on standard input, as an interactive session would.
Tests are the examples in the function's docstring that its own code passes in the judge; each is shown to the player or
kept from it, and none of those kept is left in the statement. The packages (more-itertools and toolz here, MIT and BSD)
are read, never imported.
"""

import ast
import doctest
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..judge import Case, Limits, Pool, Trimmed
from ..problem import Problem, Solution
from .excerpts import excerpt, functions, read_modules, signature
from .packages import data_file
from .recording import record, side_by_side
from .rows import Rejected, Row

SESSION = """

import ast
import sys

for statement in ast.parse(sys.stdin.read()).body:
    exec(compile(ast.Interactive([statement]), "session", "single"))
"""
"""The end of every program: it runs the session."""

_MIN_EXAMPLES = 2
_LONGEST = 4000
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Function:
    """A function as it was found: its name, signature, docstring and program."""

    name: str
    signature: str
    docstring: str
    source: str


def make_doctests(pool: Pool, packages: Sequence[str], num_threads: int = 4) -> Iterator[Row]:
    """Yields a problem for each public function with examples, or why there is none.

    Raises:
        ModuleNotFoundError: if a package is not installed, naming the command that does it.
        JudgeUnavailable: if the judge itself fails.
    """
    found = [function for package in packages for function in _functions(package)]
    return side_by_side(partial(_row, pool), found, num_threads)


def _functions(package: str) -> Iterator[_Function | Rejected]:
    """Yields the functions of a package whose docstrings show something."""
    modules = read_modules(data_file(package, "__init__.py").parent)
    for path, module in modules.items():
        for function in functions(module):
            name = f"{package}.{path.stem}.{function.name}"
            docstring = ast.get_docstring(function) or ""
            if len(_examples(docstring)) < _MIN_EXAMPLES:
                continue
            try:
                source = excerpt(modules, (path, function.name)) + SESSION
            except LookupError as error:
                yield Rejected(name, "needs more than its package's own files", str(error))
                continue
            if len(source) > _LONGEST:
                yield Rejected(name, "is too long with all it needs", f"{len(source)} characters")
            else:
                yield _Function(name, signature(module, function), docstring, source)


def _row(pool: Pool, function: _Function | Rejected) -> Row:
    """Makes a problem of one function."""
    if isinstance(function, Rejected):
        return function
    sessions = [session for place in _sessions(function.docstring) for session in place]
    runs = record(pool, function.source, [_typed(session) for session in sessions], _LIMITS)
    printed = {_typed(session): run.output for session, run in zip(sessions, runs, strict=True) if run.verdict == "AC"}
    cases = []
    for place in _sessions(function.docstring):
        passing = (session for session in place if _is_as_shown(session, printed.get(_typed(session))))
        if session := next(passing, None):
            cases.append(Case(_typed(session), printed[_typed(session)]))
    if len(cases) < _MIN_EXAMPLES:
        return Rejected(function.name, "passes fewer than two of its examples alone", f"{len(cases)}")
    num_shown = (len(cases) + 1) // 3 or 1
    return Problem(
        name=f"doctest/{function.name}",
        statement=_statement(function),
        examples=tuple(cases[:num_shown]),
        hidden=tuple(cases[num_shown:]),
        checker=Trimmed(),
        solutions=(Solution("python3", function.source),),
        source=function.name.partition(".")[0],
    )


def _examples(docstring: str) -> list[doctest.Example]:
    """Returns the examples that show an output which is no error."""
    try:
        examples = doctest.DocTestParser().get_examples(docstring)
    except ValueError:
        return []
    return [example for example in examples if example.want and example.exc_msg is None]


Session = tuple[doctest.Example, ...]


def _sessions(docstring: str) -> Iterator[tuple[Session, Session]]:
    """Yields, for each example that shows an output, what may lead up to it: its paragraph, or everything before."""
    examples = [e for e in doctest.DocTestParser().get_examples(docstring) if e.exc_msg is None]
    began = 0
    for place, example in enumerate(examples):
        before = examples[place - 1]
        if example.lineno > before.lineno + _num_lines(before):
            began = place
        if example.want:
            yield tuple(examples[began : place + 1]), tuple(examples[: place + 1])


def _num_lines(example: doctest.Example) -> int:
    return example.source.count("\n") + example.want.count("\n")


def _typed(session: Session) -> str:
    return "".join(example.source for example in session)


def _is_as_shown(session: Session, printed: str | None) -> bool:
    """Returns True where a session printed what its docstring shows."""
    flags = sum({flag for example in session for flag, on in example.options.items() if on})
    wanted = "".join(example.want for example in session)
    return printed is not None and doctest.OutputChecker().check_output(wanted, printed, flags)


def _statement(function: _Function) -> str:
    """Returns what the player reads: the docstring less all its examples."""
    parts = doctest.DocTestParser().parse(function.docstring)
    prose = re.sub(r"\n{3,}", "\n\n", "".join(part for part in parts if isinstance(part, str))).strip()
    return f"{_FORM.format(function.name.rpartition('.')[2])}\n\n{function.signature}\n{prose}"


_FORM = "Define {}, then run the statements on standard input, as an interactive session does, and print what it would."

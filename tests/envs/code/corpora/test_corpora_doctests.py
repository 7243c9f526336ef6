"""Functions with doctests as problems: programs that stand alone, sessions that pass, nothing hidden that is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alphakata.envs.code import Problem
from alphakata.envs.code.corpora.doctests import SESSION, make_doctests
from alphakata.envs.code.corpora.rows import Rejected, collect
from alphakata.envs.code.judge import Job, Pool, TestSet, Verdict

TOOLS = '''
from itertools import islice as some, chain
from .more import _twice
import somewhere_else

_count = 2

def double(items):
    """Returns every item twice.

    >>> double([1, 2])
    [1, 1, 2, 2]

    Text too, and nothing of nothing:

    >>> word = "ab"
    >>> print(*double(word))
    a a b b
    >>> double("")
    []
    >>> double(5)
    Traceback (most recent call last):
    TypeError: 'int' object is not iterable
    """
    # A comment is kept.
    return list(chain.from_iterable(_twice(item, _count) for item in items))

def wrong(n):
    """
    >>> wrong(1)
    2
    >>> wrong(2)
    2
    """
    return n

def silent(n):
    """Shows nothing."""

def foreign(n):
    """
    >>> foreign(1)
    1
    >>> foreign(2)
    2
    """
    return elsewhere(n)

from .gone import elsewhere
'''
MORE = '''
class _Never:
    """Nobody needs it."""

def _twice(item, count):
    """Helps."""
    return [item] * count
'''


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


@pytest.fixture
def found(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Problem | Rejected]:
    """Returns what becomes of a package of two files."""
    package = tmp_path / "kata_tools"
    package.mkdir()
    for name, text in (("__init__", "raise RuntimeError('imported')"), ("tools", TOOLS), ("more", MORE)):
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return {row.name.rpartition(".")[2]: row for row in make_doctests(pool, ["kata_tools"])}


def problem(found: dict[str, Problem | Rejected], name: str) -> Problem:
    row = found[name]
    assert isinstance(row, Problem)
    return row


def test_a_function_stands_alone_with_all_it_needs_and_nothing_else(found: dict[str, Problem | Rejected]) -> None:
    assert problem(found, "double").solutions[0].source == (
        "from itertools import chain\n\n\n_count = 2\n\n\ndef _twice(item, count):\n    return [item] * count\n\n\n"
        "def double(items):\n    # A comment is kept.\n"
        "    return list(chain.from_iterable(_twice(item, _count) for item in items))\n" + SESSION
    )


def test_each_output_that_is_shown_is_a_test_with_what_leads_up_to_it(found: dict[str, Problem | Rejected]) -> None:
    tests = [(case.input, case.output) for case in problem(found, "double").tests]
    word = 'word = "ab"\nprint(*double(word))\n'
    assert tests == [
        ("double([1, 2])\n", "[1, 1, 2, 2]\n"),
        (word, "a a b b\n"),
        (word + 'double("")\n', "a a b b\n[]\n"),
    ]


def test_no_hidden_example_is_left_in_the_statement(found: dict[str, Problem | Rejected]) -> None:
    statement = problem(found, "double").statement
    assert "def double(items):\n\nReturns every item twice." in statement
    assert ">>>" not in statement
    assert "a a b b" not in statement


def test_the_function_written_otherwise_passes_and_another_does_not(
    pool: Pool, found: dict[str, Problem | Rejected]
) -> None:
    asked = problem(found, "double")
    tests = TestSet(asked.tests, asked.checker)
    right = "def double(items): return [x for x in items for _ in 'xx']" + SESSION
    results = pool.map([Job(right, tests), Job(right.replace("'xx'", "'x'"), tests)])
    assert [result.verdict for result in results] == [Verdict.AC, Verdict.WA]


def test_what_cannot_be_used_says_why_and_what_shows_nothing_is_no_row(found: dict[str, Problem | Rejected]) -> None:
    reasons = collect(found.values()).reasons
    assert reasons == {
        "passes fewer than two of its examples alone": 1,
        "needs more than its package's own files": 1,
    }
    assert set(found) == {"double", "wrong", "foreign"}


def test_a_package_that_is_not_installed_is_named_with_the_way_to_get_it(pool: Pool) -> None:
    with pytest.raises(
        ModuleNotFoundError, match=r"'no_such_tools' is not installed; `pip install .*\[code\]'` brings"
    ):
        make_doctests(pool, ["no_such_tools"])


@pytest.mark.slow
def test_more_itertools_has_86_such_functions(pool: Pool) -> None:
    problems = collect(make_doctests(pool, ["more_itertools"])).problems
    assert len(problems) == 86

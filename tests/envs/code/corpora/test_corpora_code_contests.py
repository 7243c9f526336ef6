"""CodeContests' Parquet: a small file in the published schema, read as it should be and spoilt in every way."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alphakata.envs.code import Problem, Solution
from alphakata.envs.code.corpora.code_contests import read_code_contests
from alphakata.envs.code.corpora.rows import BAD_ROW, BadRow, Rejected, collect
from alphakata.envs.code.judge import Case

TESTS = pa.struct({"input": pa.list_(pa.string()), "output": pa.list_(pa.string())})
SOLUTIONS = pa.struct({"language": pa.list_(pa.int64()), "solution": pa.list_(pa.string())})
SCHEMA = pa.schema(
    {
        "name": pa.string(),
        "description": pa.string(),
        "public_tests": TESTS,
        "private_tests": TESTS,
        "generated_tests": TESTS,
        "source": pa.int64(),
        "difficulty": pa.int64(),
        "solutions": SOLUTIONS,
        "incorrect_solutions": SOLUTIONS,
        "cf_contest_id": pa.int64(),
        "cf_index": pa.string(),
        "cf_points": pa.float32(),
        "cf_rating": pa.int32(),
        "cf_tags": pa.list_(pa.string()),
        "is_description_translated": pa.bool_(),
        "untranslated_description": pa.string(),
        "time_limit": pa.struct({"seconds": pa.int64(), "nanos": pa.int64()}),
        "memory_limit_bytes": pa.int64(),
        "input_file": pa.string(),
        "output_file": pa.string(),
    }
)
ROW: dict[str, Any] = {
    "name": "1549_A. Gregor and Cryptography",
    "description": "Find a and b.",
    "public_tests": {"input": ["2\n17\n5\n"], "output": ["2 4\n2 4\n"]},
    "private_tests": {"input": ["1\n7\n"], "output": ["2 3\n"]},
    "generated_tests": {"input": ["1\n11\n", "1\n13\n"], "output": ["2 5\n", "2 4\n"]},
    "source": 2,
    "difficulty": 7,
    "solutions": {"language": [2, 3, 1, 3], "solution": ["int main(){}", "print(1)", "print 1", "print(2)"]},
    "incorrect_solutions": {"language": [4], "solution": ["class Main {}"]},
    "cf_contest_id": 1549,
    "cf_index": "A",
    "cf_points": 500.0,
    "cf_rating": 800,
    "cf_tags": ["math", ""],
    "is_description_translated": False,
    "untranslated_description": "",
    "time_limit": {"seconds": 1, "nanos": 500_000_000},
    "memory_limit_bytes": 256_000_000,
    "input_file": "",
    "output_file": "",
}


def written(path: Path, *changes: dict[str, Any]) -> Path:
    """Writes a row for each change of `ROW`, each in a group of its own."""
    table = pa.Table.from_pylist([ROW | change for change in changes], schema=SCHEMA)
    pq.write_table(table, path / "test.parquet", row_group_size=1)
    return path / "test.parquet"


def test_a_row_becomes_a_problem_with_all_it_says(tmp_path: Path) -> None:
    assert list(read_code_contests(written(tmp_path, {}))) == [
        Problem(
            name="1549_A. Gregor and Cryptography",
            statement="Find a and b.",
            examples=(Case("2\n17\n5\n", "2 4\n2 4\n"),),
            hidden=(Case("1\n7\n", "2 3\n"),),
            generated=(Case("1\n11\n", "2 5\n"), Case("1\n13\n", "2 4\n")),
            time_limit_seconds=1.5,
            memory_limit_bytes=256_000_000,
            tags=("math",),
            rating=800,
            difficulty="A",
            solutions=(Solution("python3", "print(1)"), Solution("python3", "print(2)")),
            source="codeforces",
        )
    ]


def test_solutions_are_of_the_languages_asked_for_in_their_order(tmp_path: Path) -> None:
    (problem,) = read_code_contests(written(tmp_path, {}), languages=("python3", "cpp", "java"))
    assert isinstance(problem, Problem)
    assert [solution.language for solution in problem.solutions] == ["python3", "python3", "cpp"]
    assert problem.incorrect_solutions == (Solution("java", "class Main {}"),)
    with pytest.raises(ValueError, match="languages: found 'rust', wanted some of unknown, python2, cpp"):
        read_code_contests(written(tmp_path, {}), languages=("rust",))


def test_where_no_limit_is_told_the_published_tools_hold(tmp_path: Path) -> None:
    (problem,) = read_code_contests(written(tmp_path, {"time_limit": None, "memory_limit_bytes": 0}))
    assert isinstance(problem, Problem)
    assert (problem.time_limit_seconds, problem.memory_limit_bytes) == (10.0, 256 * 2**20)


def test_what_cannot_be_judged_on_standard_input_is_counted(tmp_path: Path) -> None:
    none: dict[str, list[str]] = {"input": [], "output": []}
    path = written(
        tmp_path,
        {"input_file": "input.txt"},
        {"public_tests": none, "private_tests": none, "generated_tests": none},
        {},
    )
    collection = collect(read_code_contests(path))
    assert len(collection.problems) == 1
    assert collection.reasons == {"reads or writes a named file": 1, "has no tests": 1}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": None}, r"row 2, field 'name': found NoneType None, wanted str"),
        ({"public_tests": {"input": ["1"], "output": []}}, r"'public_tests': found 1 of 'input' and 0 of 'output'"),
        ({"private_tests": {"input": [None], "output": ["1"]}}, r"'private_tests', item 0, field 'input': found NoneT"),
        ({"solutions": {"language": [9], "solution": [""]}}, r"field 'solutions': found 9, wanted 0 to 4"),
        ({"difficulty": 29}, r"field 'difficulty': found 29, wanted 0 to 28"),
        ({"source": -1}, r"field 'source': found -1, wanted 0 to 6"),
        ({"time_limit": {"seconds": -5, "nanos": 0}}, r": cpu_seconds is -5.0, it must be greater than 0"),
        ({"memory_limit_bytes": -7}, r": memory_bytes is -7, it must be greater than 0"),
        ({"cf_tags": None}, r"field 'cf_tags': found NoneType None, wanted list"),
    ],
)
def test_a_bad_row_stops_all_or_is_counted_as_asked(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    path = written(tmp_path, {}, change, {})
    with pytest.raises(BadRow, match=rf"test\.parquet, row 2.*{told.removeprefix('row 2')}"):
        list(read_code_contests(path))
    first, bad, third = read_code_contests(path, on_error="skip")
    assert isinstance(bad, Rejected)
    assert (bad.reason, first) == (BAD_ROW, third)


def test_rows_before_a_bad_one_arrive_before_it_is_read(tmp_path: Path) -> None:
    rows = read_code_contests(written(tmp_path, {}, {"name": None}))
    assert isinstance(next(rows), Problem)
    with pytest.raises(BadRow):
        next(rows)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("no parquet at all")
    with pytest.raises(ValueError, match="other is no Parquet file"):
        list(read_code_contests(tmp_path / "other"))
    pq.write_table(pa.table({"name": ["a"], "text": ["b"]}), tmp_path / "few")
    with pytest.raises(ValueError, match=r"few: column '\w+' is missing, found name, text"):
        list(read_code_contests(tmp_path / "few"))


def test_an_unknown_way_with_errors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"on_error is 'ignore', it must be one of \('raise', 'skip'\)"):
        list(read_code_contests(written(tmp_path, {}), on_error="ignore"))  # type: ignore[arg-type]

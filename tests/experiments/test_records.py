import logging
from pathlib import Path

import pytest

from alphakata.experiments.records import Record, RecordFile, read_records, without_times


def solved(task: int, score: float = 1.0, seconds: float = 0.5) -> Record:
    cost = {"policy_tokens": 112, "judge_cpu_seconds": 0.1, "seconds": seconds}
    return Record("code", "sample", "1k tokens", task, 0, 0, score, 1, cost, {"solved_at": 1}, {"clusters": [3, 1]})


def test_records_read_back_as_they_were_written(tmp_path: Path) -> None:
    RecordFile(tmp_path / "records.jsonl").append([solved(0), solved(1)])
    assert read_records(tmp_path / "records.jsonl") == [solved(0), solved(1)]


def test_records_read_back_sorted_by_key_whatever_order_they_were_written_in(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "records.jsonl")
    file.append([solved(2)])
    file.append([solved(10), solved(1)])
    assert [record.task for record in file.records()] == [1, 2, 10]


def test_keys_tell_which_episodes_need_no_repeating(tmp_path: Path) -> None:
    RecordFile(tmp_path / "records.jsonl").append([solved(0)])
    assert RecordFile(tmp_path / "records.jsonl").keys() == {("code", "sample", "1k tokens", 0, 0, 0)}


@pytest.mark.parametrize("kept_bytes", [1, 100, 200])
def test_a_kill_in_the_middle_of_a_write_costs_only_that_chunk(
    kept_bytes: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "records.jsonl"
    RecordFile(path).append([solved(0)])
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept_bytes])
    with caplog.at_level(logging.WARNING):
        reopened = RecordFile(path)
    assert "line 2 was torn" in caplog.text
    reopened.append([solved(1)])
    assert reopened.records() == [solved(0), solved(1)]


def test_reading_alone_leaves_a_torn_line_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"env": "co')
    assert read_records(path) == []
    assert path.read_bytes() == b'{"env": "co'


def test_a_broken_line_in_the_middle_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    RecordFile(path).append([solved(0)])
    path.write_bytes(b"garbage\n" + path.read_bytes())
    with pytest.raises(ValueError, match=r"records\.jsonl, line 1 is no record: .*delete this one and resume"):
        RecordFile(path)


def test_a_record_of_another_version_is_refused_with_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"env": "code", "points": 3}\n')
    with pytest.raises(ValueError, match=r"line 1 .*missing \['budget', .*unknown \['points'\]"):
        read_records(path)


def test_of_a_chunk_that_was_repeated_the_later_records_count(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "records.jsonl")
    file.append([solved(0, seconds=1.0)])
    file.append([solved(0, seconds=2.0), solved(1)])
    assert file.records() == [solved(0, seconds=2.0), solved(1)]


def test_two_runs_are_equal_but_for_their_times() -> None:
    assert solved(0, seconds=1.0) != solved(0, seconds=2.0)
    assert without_times(solved(0, seconds=1.0)) == without_times(solved(0, seconds=2.0))
    assert without_times(solved(0)).cost == {"policy_tokens": 112}

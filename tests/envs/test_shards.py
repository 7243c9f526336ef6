"""A shard gives back what was written, whole or not at all, and a damaged one is named."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.demonstrations import ExpertGames, UniformExpert
from alphakata.envs.shards import read_shard, write_shard
from alphakata.envs.trajectory import Trajectory

PLAIN = Trajectory(
    codec="nim",
    tokens=np.array([5, 1, 2], dtype=np.int32),
    is_action=np.array([False, True, True]),
    segment=np.array([0, 0, 1], dtype=np.int32),
    rewards=np.array([0, 0.1], dtype=np.float32),
)
FULL = Trajectory(
    codec="nim",
    tokens=np.array([5, 1, 2], dtype=np.int32),
    is_action=np.array([False, True, True]),
    segment=np.array([0, 0, 0], dtype=np.int32),
    rewards=np.array([0, 1], dtype=np.float32),
    legal=np.array([[True, False, True], [False, True, True]]),
    logprobs=np.array([-0.5, -2.0], dtype=np.float32),
    weights=np.array([[0.25, 0, 0.75], [0, 0, 0]], dtype=np.float32),
    values=np.array([0.5, 0.75], dtype=np.float32),
    copy_weight=0.1,
    source="an expert",
    metadata={"rating": 1200, "tags": ["strings"], "correct": None},
)


def assert_equal(one: Trajectory, other: Trajectory) -> None:
    for field in fields(Trajectory):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert type(a) is type(b), field.name
        if isinstance(a, np.ndarray):
            assert (a.dtype, a.shape) == (b.dtype, b.shape), field.name
        assert np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b, field.name


def test_every_field_comes_back(tmp_path: Path) -> None:
    games = ExpertGames((UniformExpert(),))(ConnectFour(), 0)
    write_shard(tmp_path / "a.parquet", [PLAIN, FULL, *games])
    for found, wanted in zip(read_shard(tmp_path / "a.parquet"), [PLAIN, FULL, *games], strict=True):
        assert_equal(found, wanted)


def test_an_empty_shard_and_an_empty_trajectory_come_back(tmp_path: Path) -> None:
    nothing = np.zeros(0, dtype=np.int32)
    empty = Trajectory("nim", nothing, nothing.astype(np.bool_), nothing, nothing.astype(np.float32))
    write_shard(tmp_path / "none.parquet", [])
    write_shard(tmp_path / "one.parquet", [empty])
    assert read_shard(tmp_path / "none.parquet") == []
    assert_equal(read_shard(tmp_path / "one.parquet")[0], empty)


def test_what_was_read_may_be_written(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.parquet", [FULL])
    (trajectory,) = read_shard(tmp_path / "a.parquet")
    trajectory.tokens[0] = 7


def test_others_read_plain_columns(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.parquet", [FULL])
    (row,) = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert row["tokens"] == [5, 1, 2]
    assert (row["weights_at"], row["weights_value"], row["weights_width"]) == ([0, 2], [0.25, 0.75], 3)
    assert row["metadata"] == '{"rating": 1200, "tags": ["strings"], "correct": null}'


def test_a_shard_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.parquet", [PLAIN])
    broken = Trajectory(**{field.name: getattr(FULL, field.name) for field in fields(FULL)} | {"source": 7})
    with pytest.raises(pa.ArrowException):
        write_shard(tmp_path / "a.parquet", [broken])
    assert_equal(read_shard(tmp_path / "a.parquet")[0], PLAIN)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_a_truncated_shard_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.parquet"
    write_shard(path, [FULL])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"cut.parquet is no whole shard of trajectories: .*delete this one"):
        read_shard(path)


def test_flipped_bits_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "flipped.parquet"
    write_shard(path, ExpertGames((UniformExpert(),))(ConnectFour(), 0))
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 255
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"flipped.parquet is no whole shard"):
        read_shard(path)


def test_another_s_parquet_file_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    with pytest.raises(ValueError, match=r"other.parquet is no whole shard .*: its columns are \['x'\], wanted"):
        read_shard(tmp_path / "other.parquet")


def test_no_file_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none.parquet"):
        read_shard(tmp_path / "none.parquet")

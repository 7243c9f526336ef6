"""Trajectories in Parquet files, a row each, that pandas, DuckDB and Hugging Face datasets read too.

Columns are those of `Trajectory`. Three are packed: `legal` is bits, `legal_width` = V of them an action; `weights` are
the `weights_value` other than 0, and `weights_at` is where they stand among the A x V; `metadata` is JSON.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .trajectory import Trajectory

_SCHEMA = pa.schema(
    {
        "codec": pa.string(),
        "tokens": pa.list_(pa.int32()),
        "is_action": pa.list_(pa.bool_()),
        "segment": pa.list_(pa.int32()),
        "rewards": pa.list_(pa.float32()),
        "legal": pa.binary(),
        "legal_width": pa.int32(),
        "logprobs": pa.list_(pa.float32()),
        "weights_at": pa.list_(pa.int64()),
        "weights_value": pa.list_(pa.float32()),
        "weights_width": pa.int32(),
        "values": pa.list_(pa.float32()),
        "copy_weight": pa.float64(),
        "source": pa.string(),
        "metadata": pa.string(),
    }
)
_AS_THEY_ARE = ("codec", "tokens", "is_action", "segment", "rewards", "logprobs", "values", "copy_weight", "source")


def write_shard(path: str | Path, trajectories: Sequence[Trajectory]) -> None:
    """Writes the file whole or not at all, in place of any that was there."""
    path = Path(path)
    rows = [_row(trajectory) for trajectory in trajectories]
    columns = {name: [row[name] for row in rows] for name in _SCHEMA.names}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        table = pa.table(columns, schema=_SCHEMA)
        pq.write_table(table, unfinished, compression="zstd", write_page_checksum=True)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_shard(path: str | Path) -> list[Trajectory]:
    """Returns the trajectories of a file that `write_shard` wrote.

    Raises:
        ValueError: if the file is damaged or another's; it names the file.
        FileNotFoundError: if there is none.
    """
    try:
        table = pq.read_table(Path(path), page_checksum_verification=True)
        if not table.schema.equals(_SCHEMA):
            raise ValueError(f"its columns are {table.schema.names}, wanted {_SCHEMA.names}")
        columns = [_cells(table.column(name).combine_chunks()) for name in _SCHEMA.names]
        return [_trajectory(dict(zip(_SCHEMA.names, row, strict=True))) for row in zip(*columns, strict=True)]
    except FileNotFoundError:
        raise
    except (ValueError, OSError, pa.ArrowException) as error:
        raise ValueError(
            f"{path} is no whole shard of trajectories: {error}. Give a file that write_shard wrote, or delete this "
            "one and resume the command that was writing it"
        ) from error


def _row(trajectory: Trajectory) -> dict[str, Any]:
    """Returns what the columns hold of one trajectory."""
    row: dict[str, Any] = dict.fromkeys(_SCHEMA.names)
    row |= {name: getattr(trajectory, name) for name in _AS_THEY_ARE}
    row["metadata"] = json.dumps(dict(trajectory.metadata))
    if (legal := trajectory.legal) is not None:
        row |= {"legal": np.packbits(legal).tobytes(), "legal_width": legal.shape[1]}
    if (weights := trajectory.weights) is not None:
        at = np.flatnonzero(weights)
        row |= {"weights_at": at, "weights_value": weights.ravel()[at], "weights_width": weights.shape[1]}
    return row


def _cells(column: Any) -> list[Any]:
    """Returns the cells of a column, lists as arrays that may be written."""
    if not pa.types.is_list(column.type):
        return list(column.to_pylist())
    values = column.values.to_numpy(zero_copy_only=False)
    ends = column.offsets.to_numpy()
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    return [
        values[start:end].copy() if there else None
        for start, end, there in zip(ends[:-1], ends[1:], valid, strict=True)
    ]


def _trajectory(row: dict[str, Any]) -> Trajectory:
    """Returns the trajectory of one row."""
    actions = len(row["rewards"])
    return Trajectory(
        **{name: row[name] for name in _AS_THEY_ARE},
        legal=None if row["legal"] is None else _legal(row["legal"], actions, row["legal_width"]),
        weights=None if row["weights_at"] is None else _weights(row, actions),
        metadata=json.loads(row["metadata"]),
    )


def _legal(packed: bytes, actions: int, width: int) -> NDArray[np.bool_]:
    """Returns `[A, V]` bool."""
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=actions * width)
    return bits.reshape(actions, width).view(np.bool_)


def _weights(row: dict[str, Any], actions: int) -> NDArray[np.float32]:
    """Returns `[A, V]` float32."""
    weights = np.zeros((actions, row["weights_width"]), dtype=np.float32)
    weights.ravel()[row["weights_at"]] = row["weights_value"]
    return weights

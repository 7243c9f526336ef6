"""What an evaluation leaves behind: one line of JSON an episode, safe against a kill at any moment."""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

Key = tuple[str, str, str, int, int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """One episode as one setting played it.

    Attributes:
        env: the world.
        setting: the way of acting.
        budget: what one decision was allowed, as a label: "16k tokens".
        task: the problem's or the game's index.
        seed: training seed of the policy.
        sample: repetition of the same task under the same seed.
        score: in the world's own scale: solved 0 or 1; a game lost 0, drawn 0.5, won 1.
        decisions: how often the player decided.
        cost: a `search.budget.Cost` as a mapping, summed over the episode.
        outcome: JSON values. For code `solved_at` (None where it never was), `handed_in` (a count), `first` (the text
            handed in first), `name`, `rating`, and of the `samples` drawn how many were `passing` the examples and how
            many `solving` the problem; for games `return` and `opponent`.
        trace: JSON values for the viewer.
    """

    env: str
    setting: str
    budget: str
    task: int
    seed: int
    sample: int
    score: float
    decisions: int
    cost: Mapping[str, float]
    outcome: Mapping[str, Any] = field(default_factory=dict)
    trace: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells this episode from every other of its run."""
        return self.env, self.setting, self.budget, self.task, self.seed, self.sample


def without_times(record: Record) -> Record:
    """Returns `record` without the costs that differ between two equal runs: those counted in seconds."""
    cost = {unit: amount for unit, amount in record.cost.items() if not unit.endswith("seconds")}
    return replace(record, cost=cost)


def read_records(path: Path) -> list[Record]:
    """Returns the records of a file, sorted by key, so that a resumed run reads like an undisturbed one.

    The file is not touched. A torn last line is skipped with a warning; of two records with one key the later counts.

    Raises:
        ValueError: if any other line is no record.
    """
    return _parse(path)[0]


class RecordFile:
    """The growing record of a run; its one writer.

    Opening cuts off a torn last line, which is what a kill in the middle of a write leaves.

    Attributes:
        path: the file, one line of JSON a record.

    Raises:
        ValueError: if any line but the last is no record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        records, intact_bytes = _parse(path) if path.exists() else ([], 0)
        self._keys = {record.key for record in records}
        with path.open("ab") as file:
            file.truncate(intact_bytes)

    def keys(self) -> set[Key]:
        """Returns the keys of all records on disk: the episodes that need no repeating."""
        return set(self._keys)

    def append(self, chunk: Sequence[Record]) -> None:
        """Writes all of `chunk` and returns once the disk has it."""
        lines = "".join(json.dumps(asdict(record), allow_nan=False) + "\n" for record in chunk)
        with self.path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        self._keys.update(record.key for record in chunk)

    def records(self) -> list[Record]:
        """Returns all records on disk, sorted by key."""
        return read_records(self.path)


def _parse(path: Path) -> tuple[list[Record], int]:
    """Returns the records, sorted by key, and the length in bytes of the lines that hold them."""
    records: dict[Key, Record] = {}
    intact_bytes = 0
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            values = _values(line)
        except ValueError as error:
            if number < len(lines):
                raise ValueError(
                    f"{path}, line {number} is no record: {error}. Only a last line can be torn by a kill; "
                    "delete this one and resume the run, which repeats its episode"
                ) from error
            logger.warning("%s, line %d was torn (%s) and is dropped; resuming repeats it", path, number, error)
            break
        record = _record(values, f"{path}, line {number}")
        records[record.key] = record
        intact_bytes += len(line)
    return [records[key] for key in sorted(records)], intact_bytes


def _values(line: bytes) -> Mapping[str, Any]:
    """Returns the JSON object of a whole line."""
    if not line.endswith(b"\n"):
        raise ValueError(f"it breaks off after {len(line)} bytes")
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError(f"a JSON object wanted, found {type(values).__name__}")
    return values


def _record(values: Mapping[str, Any], where: str) -> Record:
    wanted, found = {item.name for item in fields(Record)}, set(values)
    if wanted != found:
        raise ValueError(
            f"{where} is no record of this version: missing {sorted(wanted - found)}, unknown "
            f"{sorted(found - wanted)}; read the file with the version that wrote it, or start a new run"
        )
    return Record(**values)

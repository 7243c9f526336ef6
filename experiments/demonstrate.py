"""Writes demonstrations down: the codecs they are told in, then one Parquet shard after another.

Every file is a function of the configuration alone and is written whole, so an interrupted run goes on where it was.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

from ..envs.codec import BpeCodec, codec_from_json
from ..envs.shards import read_shard, write_shard
from ..envs.trajectory import Trajectory
from ..envs.types import Codec, Textual
from ..learners.progress import Meter
from .files import write_whole
from .task import Task
from .workers import require_portable, workers

SEEDS_PER_SHARD = 1000
TEXTS_PER_CODEC = 2000


def learn_codecs(tasks: Mapping[str, Task], folder: Path, size: int) -> dict[str, Codec]:
    """Returns the codecs of all worlds written in text, learnt from their own texts or read from `folder`.

    Raises:
        ValueError: if a codec's file is not one, naming it.
    """
    codecs: dict[str, Codec] = {}
    for name, texts in _texts(tasks).items():
        path = folder / f"{name}.json"
        if not path.exists():
            write_whole(path, BpeCodec.train(name, texts(), size).to_json())
        try:
            codecs[name] = codec_from_json(path.read_text())
        except ValueError as error:
            raise ValueError(f"{path} holds no codec ({error}): delete it and run again with --resume") from error
    return codecs


def demonstrate(tasks: Mapping[str, Task], folder: Path) -> None:
    """Writes all demonstrations of all `tasks` that are not yet in `folder`, on all cores.

    Args:
        tasks: by name; each gets a folder of shards.
        folder: the run's trajectories.

    Raises:
        ValueError: if a task cannot be sent to another process.
    """
    missing = [
        (name, task, first)
        for name, task in tasks.items()
        for first in range(0, task.num_demonstrations, SEEDS_PER_SHARD)
        if task.demonstrator is not None and not _shard(folder, name, first).exists()
    ]
    if not missing:
        return
    for name in dict.fromkeys(name for name, _, _ in missing):
        require_portable(name, tasks[name])
    total = sum(task.num_demonstrations for task in tasks.values() if task.demonstrator is not None)
    done = total - sum(len(_seeds(task, first)) for _, task, first in missing)
    cores = len(os.sched_getaffinity(0))
    with Meter("demonstrate", done, total) as meter, workers(min(cores, len(missing))) as pool:
        jobs: list[tuple[Task, int, Future[None]]] = [
            (task, first, pool.submit(_write, _shard(folder, name, first), task, first))
            for name, task, first in missing
        ]
        for task, first, job in jobs:
            job.result()
            done += len(_seeds(task, first))
            meter.show(done, "seeds")


def read_demonstrations(task: Task, name: str, folder: Path) -> list[Trajectory]:
    """Returns everything demonstrated for `task`; ValueError names a shard that is torn, or an empty set."""
    shards = [_shard(folder, name, first) for first in range(0, task.num_demonstrations, SEEDS_PER_SHARD)]
    trajectories = [trajectory for shard in shards for trajectory in read_shard(shard)]
    if not trajectories:
        raise ValueError(
            f"nothing was demonstrated for {name!r} in {folder}: found 0 trajectories, wanted at least 1; "
            f"raise envs.{name}.num_demonstrations"
        )
    logging.getLogger(__name__).info("%s: %d trajectories", name, len(trajectories))
    return trajectories


def _texts(tasks: Mapping[str, Task]) -> dict[str, Callable[[], Sequence[str]]]:
    """Returns by codec name where its texts come from; worlds that share a name learn from all of theirs."""
    schools: dict[str, list[Textual]] = {}
    for task in tasks.values():
        if isinstance(school := task.classroom, Textual):
            schools.setdefault(school.codec.name, []).append(school)
    return {
        name: lambda group=group: [text for school in group for text in school.texts(TEXTS_PER_CODEC)]  # type: ignore[misc]
        for name, group in schools.items()
    }


def _seeds(task: Task, first: int) -> range:
    return range(first, min(first + SEEDS_PER_SHARD, task.num_demonstrations))


def _shard(folder: Path, name: str, first: int) -> Path:
    return folder / name / f"{first:08d}.parquet"


def _write(path: Path, task: Task, first: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    school = task.classroom
    assert task.demonstrator is not None
    write_shard(path, [t for seed in _seeds(task, first) for t in task.demonstrator(school, seed)])

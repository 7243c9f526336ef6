"""The loop around a learner: batches, figures, checkpoints, and going on where it stopped.

A run that is killed at any moment and started again ends with the weights and figures of one that never was: a step
depends on the learner's state and the step's number alone, and the state is written whole or not at all.
"""

import pickle
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import torch
from rich.console import Console
from torch.utils.tensorboard import SummaryWriter

from ..agents.checkpoint import CheckpointError, whole
from .crew import ALONE, Crew
from .progress import Meter
from .types import Learner

BatchT = TypeVar("BatchT")
_STATE = "learner.pt"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How long, and how often to write.

    Attributes:
        steps: updates in all.
        log_every: updates between two rows of figures.
        checkpoint_every: updates between two checkpoints; the last update always writes one.
        checkpoints_kept: the newest that stay; older ones are removed.
    """

    steps: int = 2000
    log_every: int = 10
    checkpoint_every: int = 200
    checkpoints_kept: int = 2

    def __post_init__(self) -> None:
        if min(self.steps, self.log_every, self.checkpoint_every, self.checkpoints_kept) < 1:
            raise ValueError(f"every number must be at least 1, got {self}")


def train(
    learner: Learner[BatchT],
    batches: Callable[[int], BatchT],
    config: TrainConfig,
    checkpoints: Path,
    figures: Path,
    export: Callable[[Path, Mapping[str, Any]], None] | None = None,
    evaluate: Callable[[], Mapping[str, float]] | None = None,
    crew: Crew = ALONE,
) -> int:
    """Trains to the end, or until Ctrl-C, from the newest checkpoint on.

    Args:
        learner: what learns.
        batches: the batch of each step from 0 on, a pure function of its number.
        config: how long, and how often to write.
        checkpoints: where they stand, each a folder `step_<updates done>`.
        figures: where TensorBoard will look.
        export: writes what others need of the learner's state, such as its policy, into the new folder of a checkpoint.
        evaluate: figures to log beside each regular checkpoint and at the end.
        crew: the processes that train together; the first writes and talks, all stop where one is interrupted.

    Returns:
        Updates done in all; fewer than `config.steps` after Ctrl-C, which ends the step and writes a checkpoint.

    Raises:
        CheckpointError: if the newest checkpoint is damaged or another learner's.
    """
    done = resume(learner, checkpoints)
    with ExitStack() as stack:
        writer = None
        if crew.is_first:
            # What a killed run logged beyond its last checkpoint is logged again, so it is taken back.
            writer = stack.enter_context(SummaryWriter(str(figures), purge_step=done + 1))
        console = Console(stderr=True, quiet=not crew.is_first)
        meter = stack.enter_context(Meter("train", done, config.steps, console))
        interrupted = stack.enter_context(_interruption())
        stopping = False
        while done < config.steps and not stopping:
            began = time.perf_counter()
            batch = batches(done)
            built = time.perf_counter()
            metrics = learner.update(batch)
            done += 1
            if done % config.log_every == 0:
                seconds = {"batch_seconds": built - began, "update_seconds": time.perf_counter() - built}
                _log(writer, done, {"train": metrics, "time": seconds})
            meter.show(done, "  ".join(f"{name} {figure:.4g}" for name, figure in [*metrics.items()][:1]))
            stopping = crew.any(interrupted.is_set())
            is_due = done % config.checkpoint_every == 0 or done == config.steps
            if is_due and evaluate:
                _log(writer, done, {"evaluate": evaluate()})
            if is_due or stopping:
                _save(learner, checkpoints, done, config.checkpoints_kept, export, writer)
    return done


def resume(learner: Learner[BatchT], checkpoints: Path) -> int:
    """Puts the newest checkpoint back into `learner`; returns the updates it had done, 0 where there is none.

    Raises:
        CheckpointError: if it is damaged or another learner's; names the file and the way out.
    """
    if not (folders := _by_age(checkpoints)):
        return 0
    path = folders[-1] / _STATE
    before = f"{folders[-2].name}" if len(folders) > 1 else "the beginning"
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing: delete {folders[-1]} to go on from {before}") from None
    except (EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{path} ({path.stat().st_size} bytes) is no whole state of a learner ({_first_line(error)}): it was cut "
            f"short or changed; delete {folders[-1]} to go on from {before}"
        ) from None
    try:
        learner.load_state_dict(state["learner"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{path} is of another learner ({_first_line(error)}): resume with the configuration it was written "
            "under, or begin in a new folder"
        ) from None
    return int(state["steps"])


def newest(checkpoints: Path) -> Path:
    """Returns the folder of the newest checkpoint; CheckpointError where there is none."""
    if folders := _by_age(checkpoints):
        return folders[-1]
    raise CheckpointError(f"{checkpoints} holds no checkpoint: train first")


def _save(
    learner: Learner[BatchT],
    checkpoints: Path,
    done: int,
    kept: int,
    export: Callable[[Path, Mapping[str, Any]], None] | None,
    writer: SummaryWriter | None,
) -> None:
    # A crew puts its shares together, so all of it asks.
    state = learner.state_dict()
    if writer is None:
        return
    writer.flush()
    with whole(checkpoints / f"step_{done:08}") as folder:
        if export:
            export(folder, state)
        torch.save({"steps": done, "learner": state}, folder / _STATE)
    for old in _by_age(checkpoints)[:-kept]:
        shutil.rmtree(old)


def _by_age(checkpoints: Path) -> list[Path]:
    return sorted(checkpoints.glob("step_*"))


def _log(writer: SummaryWriter | None, step: int, groups: Mapping[str, Mapping[str, float]]) -> None:
    if writer is None:
        return
    for group, figures in groups.items():
        for name, figure in figures.items():
            writer.add_scalar(f"{group}/{name}", figure, step)


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """Yields an event that the first Ctrl-C sets; the second acts as it always did."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__

"""A policy for one world outside a run: out of a checkpoint, or, where there is none, one that knows nothing."""

from dataclasses import dataclass
from pathlib import Path

from ..agents.baselines import UniformPolicy
from ..agents.types import Policy
from .task import Task


@dataclass(frozen=True, slots=True)
class Acting:
    """A task, and a policy that speaks its world's dialect."""

    task: Task
    policy: Policy


def acting(task: Task, checkpoint: str | None, device: str = "auto") -> Acting:
    """Returns `task` in the words of the policy in `checkpoint`, or of a uniform one.

    Raises:
        ValueError: if the checkpoint is broken, or the policy never learnt this world.
    """
    if checkpoint is None:
        return Acting(task, UniformPolicy(task.world.codec.size))
    # torch is loaded only where a network is.
    from .speaker import Speaker

    speaker = Speaker(trained(Path(checkpoint)), device)
    task = task.spoken(speaker.codecs())
    return Acting(task, speaker(task.world))


def trained(path: Path) -> Path:
    """Returns the newest checkpoint in `path`, or `path` itself where it is one."""
    from ..learners.train import newest

    return newest(path) if any(path.glob("step_*")) else path

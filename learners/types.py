"""What a learner is: it takes a batch and gets better; the loop in `train.py` does all else."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

BatchT_contra = TypeVar("BatchT_contra", contravariant=True)


class Learner(Protocol[BatchT_contra]):
    """Something that learns from batches, and whose whole state can be kept and put back.

    After `load_state_dict` of a state, the same batches must bring the same weights and figures, bit for bit.
    """

    def update(self, batch: BatchT_contra) -> Mapping[str, float]:
        """Learns from one batch; returns figures to log."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Returns tensors, numbers and text, nested in dicts and lists; all that later updates depend on."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts back what `state_dict` returned."""
        ...

"""Distillation: a student learns what teachers think of every place in a batch, not only what was done there.

Hinton et al., Distilling the knowledge in a neural network (2015), https://arxiv.org/abs/1503.02531. From large to
small, from several to one; from search to policy where the trajectories carry a search's weights (`imitation.py` alone
does that). The student is an `Imitation`, handed batches whose targets the teachers made.

Shapes: `C` copied places of a batch, `V` joint tokens, `K` tokens of a target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from ..agents.networks import Network
from .dataset import Batch
from .imitation import Imitation, ImitationConfig


@dataclass(frozen=True, slots=True)
class DistillationConfig:
    """How a student is taught.

    Attributes:
        student: how it learns; its `tempering` is not used.
        temperature: divides the logits of both sides; more shows the student what teachers think of unlikely tokens.
        top_k: the likeliest tokens of the teachers that make up a target; 0 takes all.
    """

    student: ImitationConfig = field(default_factory=ImitationConfig)
    temperature: float = 1.0
    top_k: int = 0

    def __post_init__(self) -> None:
        if not self.temperature > 0 or self.top_k < 0:
            raise ValueError(f"temperature > 0 and top_k >= 0 wanted, got {self.temperature} and {self.top_k}")


class Distillation:
    """The learner.

    Args:
        student: its weights change with every update.
        teachers: networks of the same joint vocabulary; what they say is averaged. They are not changed.
        config: how.

    Raises:
        ValueError: if there is no teacher, or one speaks another vocabulary.
    """

    def __init__(self, student: Network, teachers: Sequence[Network], config: DistillationConfig) -> None:
        sizes = [teacher.config.vocab_size for teacher in teachers]
        if not teachers or set(sizes) != {student.config.vocab_size}:
            raise ValueError(
                f"teachers of {sizes} tokens, the student has {student.config.vocab_size}: wanted one teacher or "
                "more, and one vocabulary for all"
            )
        self._teachers, self._config = teachers, config
        # The policy's gradients shrink with the square of the temperature, so the value's weight does too.
        value_weight = config.student.value_weight / config.temperature**2
        self._student = Imitation(
            student, replace(config.student, tempering=config.temperature, value_weight=value_weight)
        )

    def update(self, batch: Batch) -> Mapping[str, float]:
        """Learns from one batch; returns `Imitation`'s figures, the policy loss being the distance to the teachers."""
        return self._student.update(self._taught(batch))

    def evaluate(self, batch: Batch) -> Mapping[str, float]:
        """Returns the same figures, and learns nothing."""
        return self._student.evaluate(self._taught(batch))

    def state_dict(self) -> dict[str, Any]:
        """Returns the student's state."""
        return self._student.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts back what `state_dict` returned."""
        self._student.load_state_dict(state)

    def _taught(self, batch: Batch) -> Batch:
        """Returns the batch with the teachers' distributions as targets."""
        probabilities = self._probabilities(batch)
        size = probabilities.shape[-1]
        shares, choices = probabilities.topk(min(self._config.top_k or size, size))
        shares = shares / shares.sum(-1, keepdim=True)
        return replace(batch, choices=choices.numpy(), shares=shares.numpy())

    @torch.no_grad()
    def _probabilities(self, batch: Batch) -> Tensor:
        """Returns `[C, V]`, the mean of what the teachers say."""
        is_copied = torch.from_numpy(batch.copy_weights > 0)
        said = []
        for teacher in self._teachers:
            device = next(teacher.parameters()).device
            stand = [torch.from_numpy(column).to(device) for column in (batch.tokens, batch.positions, batch.documents)]
            logits = teacher.logits(teacher(*stand)[is_copied.to(device)]).float()
            said.append((logits / self._config.temperature).softmax(-1).cpu())
        return torch.stack(said).mean(0)

"""Learners: what agents learn from trajectories. rlax makes the targets, torch makes the gradients.

`types` is the contract and `train` the loop around every learner. `dataset` draws batches from trajectories that
`packing` laid out in rows. `imitation` copies, `distillation` lets a student copy what teachers think; `losses` and
`targets` are what they are made of, `bridge` is how targets reach rlax. `expert_iteration` goes round and round: play
with search and match (`practice`), learn, keep what is stronger. `progress` shows how far all this has come.
"""

from .dataset import Batch, BatchConfig, Mixture
from .distillation import Distillation, DistillationConfig
from .expert_iteration import ExpertIteration, ExpertIterationConfig
from .imitation import Imitation, ImitationConfig
from .train import TrainConfig
from .types import Learner

__all__ = [
    "Batch",
    "BatchConfig",
    "Distillation",
    "DistillationConfig",
    "ExpertIteration",
    "ExpertIterationConfig",
    "Imitation",
    "ImitationConfig",
    "Learner",
    "Mixture",
    "TrainConfig",
]

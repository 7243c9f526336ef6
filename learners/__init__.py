"""Learners: what agents learn from trajectories. rlax makes the targets, torch makes the gradients.

`types` is the contract and `train` the loop around every learner. `dataset` draws batches from trajectories that
`packing` laid out in rows. `imitation` copies; `losses` and `targets` are what it is made of, `bridge` is how targets
reach rlax, and `progress` shows how far all this has come.
"""

from .dataset import Batch, BatchConfig, Mixture
from .imitation import Imitation, ImitationConfig
from .train import TrainConfig
from .types import Learner

__all__ = ["Batch", "BatchConfig", "Imitation", "ImitationConfig", "Learner", "Mixture", "TrainConfig"]

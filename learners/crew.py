"""Several processes that train one network together, and what each of them is: what `torchrun` starts.

    torchrun --nproc-per-node 2 --no-python alphakata train parallel=fsdp

Each learns from its share of a batch's rows; gradients are summed, so that the weights are those that one process would
have come to. "ddp" gives each process the whole network (Li et al. 2020), "fsdp" a share of every weight (Zhao et al.
2023), for networks too large for one device.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

Strategy = Literal["alone", "ddp", "fsdp"]
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Crew:
    """One of `size` processes.

    Attributes:
        strategy: how the network is shared.
        rank: which of them this is; the first, 0, writes files.
        size: how many there are.
    """

    strategy: Strategy = "alone"
    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """True for the one that writes files and talks."""
        return self.rank == 0

    def shared(self, module: nn.Module) -> nn.Module:
        """Returns `module` to be called in training; under fsdp its weights are from now on a share of themselves."""
        if self.strategy == "ddp":
            return DistributedDataParallel(module, broadcast_buffers=False)
        if self.strategy == "fsdp":
            mesh = init_device_mesh(next(module.parameters()).device.type, (self.size,))
            for blocks in [blocks for blocks in module.modules() if isinstance(blocks, nn.ModuleList)]:
                for block in blocks:
                    fully_shard(block, mesh=mesh)
            fully_shard(module, mesh=mesh)
        return module

    def summing(self, module: nn.Module, now: bool) -> AbstractContextManager[None]:
        """Returns in what a gradient is computed: it is summed over all processes at its end, or kept for later."""
        if isinstance(module, FSDPModule):
            module.set_requires_gradient_sync(now)
        if isinstance(module, DistributedDataParallel) and not now:
            return module.no_sync()
        return nullcontext()

    def sum(self, figures: Tensor) -> Tensor:
        """Returns the sum of all processes' `figures`."""
        if self.size > 1:
            dist.all_reduce(figures)
        return figures

    def any(self, flag: bool) -> bool:
        """Returns True in all processes where it is in one."""
        return bool(self.sum(torch.tensor(int(flag), device=self._device))) if self.size > 1 else flag

    def tell(self, something: Told) -> Told:
        """Returns what the first process has, which must be small and can be pickled."""
        if self.size == 1:
            return something
        told = [something]
        dist.broadcast_object_list(told)
        return told[0]

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Lets the first process go through the block before all others do, who find its files there."""
        if not self.is_first:
            dist.barrier()
        yield
        if self.is_first and self.size > 1:
            dist.barrier()

    @property
    def _device(self) -> str:
        return "cuda" if dist.get_backend() == "nccl" else "cpu"


ALONE = Crew()


@contextmanager
def joined(strategy: Strategy, device: torch.device) -> Iterator[Crew]:
    """Joins the processes that `torchrun` started, until the block ends.

    Raises:
        ValueError: if a crew is wanted without `torchrun`, or the other way round.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if strategy == "alone":
        if size > 1:
            raise ValueError(f"torchrun started {size} processes, found parallel=alone: choose parallel=ddp or fsdp")
        yield ALONE
        return
    if "WORLD_SIZE" not in os.environ:
        raise ValueError(
            f"parallel={strategy} wants processes that torchrun started: "
            f"torchrun --nproc-per-node 2 --no-python alphakata train parallel={strategy} ..."
        )
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # The first may demonstrate for hours while the others wait.
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timedelta(days=1))
    try:
        yield Crew(strategy, dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def whole(state: Any) -> Any:
    """Returns `state` with every shared tensor in it made whole; all processes must ask together."""
    if isinstance(state, DTensor):
        return state.full_tensor()
    if isinstance(state, Mapping):
        return {key: whole(value) for key, value in state.items()}
    return [whole(value) for value in state] if isinstance(state, list) else state


def share_like(tensor: Tensor, like: Tensor) -> Tensor:
    """Returns this process's share of a whole `tensor` where `like` is one; else `tensor` itself."""
    if not isinstance(like, DTensor) or tensor.shape != like.shape:
        return tensor
    return distribute_tensor(tensor.to(like.device), like.device_mesh, like.placements)

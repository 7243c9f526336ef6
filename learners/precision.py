"""In how many bits a network multiplies while it learns: as few as the machine is made for."""

import torch

from ..agents.packed import resolve_precision

PRECISIONS = ("auto", "fp32", "bf16")


def fitting(precision: str, device: torch.device) -> str:
    """Returns `precision`; for "auto", bf16 where `device` multiplies it natively, which is fast, else fp32.

    What "auto" is must be kept with what was begun: the same learner goes on to other figures in another precision.
    """
    if precision == "auto":
        return "bf16" if resolve_precision("auto", device) == "bfloat16" else "fp32"
    return precision

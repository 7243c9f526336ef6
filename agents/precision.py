"""In what numbers a network multiplies: in half the bits where the machine is made for that."""

from typing import Literal, cast, get_args

import torch

Precision = Literal["auto", "float32", "bfloat16"]
"""What matrix products are computed in; `auto` is the faster one on the device at hand."""


def resolve_precision(name: str, device: torch.device) -> Precision:
    """Returns float32 or bfloat16, having asked `device` where `name` is auto.

    What auto came to must be kept with what was begun: in another precision the same work goes on to other figures.

    Raises:
        ValueError: if there is no such precision.
    """
    if name not in get_args(Precision):
        raise ValueError(f"precision: found {name!r}, wanted one of {', '.join(get_args(Precision))}")
    if name == "auto":
        return "bfloat16" if _multiplies_bfloat16(device) else "float32"
    return cast(Precision, name)


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Others emulate it, at a tenth of the speed of float32.
    abilities = torch.cpu.get_capabilities()
    return any(abilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))

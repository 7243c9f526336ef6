"""In how many bits a network multiplies while it learns: as few as the machine is made for."""

import torch

PRECISIONS = ("auto", "fp32", "bf16")


def fitting(precision: str, device: torch.device) -> str:
    """Returns `precision`; for "auto", bf16 where `device` multiplies it natively, which is fast, else fp32.

    What "auto" is must be kept with what was begun: the same learner goes on to other figures in another precision.
    """
    if precision == "auto":
        return "bf16" if _multiplies_bf16(device) else "fp32"
    return precision


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Others emulate it, at a tenth of the speed of fp32.
    abilities = torch.cpu.get_capabilities()
    return any(abilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "sve_bf16", "bf16"))

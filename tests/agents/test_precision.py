"""In what numbers a network multiplies: as the machine is made, unless one is told."""

import pytest
import torch

from alphakata.agents.precision import resolve_precision


@pytest.mark.parametrize(
    ("abilities", "precision"),
    [
        ({"avx2": True}, "float32"),
        ({"avx512_f": True, "avx512_bf16": True}, "bfloat16"),
        ({"avx512_f": True, "amx_bf16": True}, "bfloat16"),
    ],
)
def test_a_processor_that_multiplies_half_the_bits_natively_is_given_them(
    abilities: dict[str, bool], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities)

    assert resolve_precision("auto", torch.device("cpu")) == precision


@pytest.mark.parametrize("emulates", [True, False])
def test_a_gpu_that_only_emulates_them_is_not(emulates: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation or not emulates
    )

    assert resolve_precision("auto", torch.device("cuda")) == ("float32" if emulates else "bfloat16")


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_one_is_told_holds_anywhere(precision: str) -> None:
    assert resolve_precision(precision, torch.device("cpu")) == precision


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match="precision: found 'half', wanted one of auto, float32, bfloat16"):
        resolve_precision("half", torch.device("cpu"))

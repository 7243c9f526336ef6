"""In how many bits a network learns: as the machine is made, unless one is told."""

import pytest
import torch

from alphakata.learners.precision import fitting


@pytest.mark.parametrize(
    ("abilities", "precision"),
    [
        ({"avx2": True}, "fp32"),
        ({"avx512_f": True, "avx512_bf16": True}, "bf16"),
        ({"avx512_f": True, "amx_bf16": True}, "bf16"),
    ],
)
def test_a_processor_that_multiplies_half_the_bits_natively_is_given_them(
    abilities: dict[str, bool], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities)

    assert fitting("auto", torch.device("cpu")) == precision


@pytest.mark.parametrize("emulates", [True, False])
def test_a_gpu_that_only_emulates_them_is_not(emulates: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation or not emulates
    )

    assert fitting("auto", torch.device("cuda")) == ("fp32" if emulates else "bf16")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_one_is_told_holds_anywhere(precision: str) -> None:
    assert fitting(precision, torch.device("cpu")) == precision

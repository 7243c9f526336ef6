import numba
import numpy as np
import pytest
import torch

from alphakata.agents.halves import array_of, narrowed, widened


@numba.njit
def _through(source, target):  # type: ignore[no-untyped-def]
    for place in range(len(source)):
        target[place] = narrowed(widened(source[place]), target)


@pytest.mark.parametrize("source", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("target", [torch.float32, torch.bfloat16])
def test_passes_cast_as_torch_does(source: torch.dtype, target: torch.dtype) -> None:
    some = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    # Halves between two numbers of bfloat16, of which the even one is the answer.
    x = torch.cat((some, torch.tensor([0.0, -0.0, 1 + 2**-8, 1 + 3 * 2**-8, torch.inf, -torch.inf]))).to(source)
    cast = torch.empty_like(x, dtype=target)

    _through(array_of(x), array_of(cast))

    assert torch.equal(cast, x.to(target))


def test_an_array_is_a_view() -> None:
    tensor = torch.zeros(3, dtype=torch.bfloat16)
    array_of(tensor)[:] = np.uint16(0x3F80)

    assert tensor.tolist() == [1, 1, 1]

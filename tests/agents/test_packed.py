import pytest
import torch
import torch.nn.functional as F
from torch import nn

from alphakata.agents.packed import Packed
from alphakata.agents.precision import Precision

ROWS, WEIGHT = (torch.randn(33, 24, generator=torch.Generator().manual_seed(seed)) for seed in range(2))


def test_a_product_in_float32_is_the_plain_one() -> None:
    torch.testing.assert_close(Packed("float32").product(ROWS, WEIGHT), F.linear(ROWS, WEIGHT))


@pytest.mark.parametrize("rows", [1, 2, 33])
def test_a_product_in_bfloat16_is_rounded_once(rows: int) -> None:
    exact = F.linear(ROWS[:rows].bfloat16().double(), WEIGHT.bfloat16().double())

    torch.testing.assert_close(Packed("bfloat16").product(ROWS[:rows], WEIGHT).double(), exact, atol=1e-5, rtol=2**-8)


def test_a_weight_is_laid_out_once() -> None:
    packed, weight = Packed("bfloat16"), WEIGHT.clone()
    before = packed.product(ROWS, weight)
    weight.zero_()

    assert torch.equal(packed.product(ROWS, weight), before)


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
@torch.inference_mode()
def test_norms_of_sums_are_those_of_torch(precision: Precision, dtype: torch.dtype) -> None:
    norm, more = nn.RMSNorm(24, eps=1e-6), ROWS.flip(0).to(dtype)
    norm.weight.uniform_(0.5, 2, generator=torch.Generator().manual_seed(0))
    packed = Packed(precision)
    alone, (total, of_total) = packed.added(ROWS.clone(), None, norm), packed.added(ROWS.clone(), more, norm)

    torch.testing.assert_close(alone, (ROWS, norm(ROWS).to(dtype)))
    torch.testing.assert_close(total, ROWS + more)
    torch.testing.assert_close(of_total, norm(ROWS + more).to(dtype))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_squares_of_what_is_positive_are_rounded_as_by_torch(dtype: torch.dtype) -> None:
    x = torch.cat((torch.randn(4, 500, generator=torch.Generator().manual_seed(0)), torch.zeros(4, 2)), 1).to(dtype)
    wanted = F.relu(x).square()

    assert torch.equal(Packed("bfloat16").squared_relu(x.clone()), wanted)


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_what_no_pass_is_compiled_for_has_the_same_shapes_and_types(precision: Precision, dtype: torch.dtype) -> None:
    packed, x = Packed(precision), torch.empty(3, 24, device="meta")
    with torch.no_grad():
        total, normed = packed.added(x, packed.product(x, WEIGHT.to("meta")[:24]), nn.RMSNorm(24, device="meta"))
        squared = packed.squared_relu(normed)

    assert (total.dtype, normed.dtype, squared.dtype) == (torch.float32, dtype, dtype)
    assert total.shape == normed.shape == squared.shape == (3, 24)

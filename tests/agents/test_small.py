import pytest
import torch

from alphakata.agents.halves import array_of
from alphakata.agents.small import multiply, multiply_transposed


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("rows", "terms", "columns"), [(1, 1, 1), (3, 4, 16), (8, 7, 33), (5, 64, 2)])
def test_products_are_those_of_torch(rows: int, terms: int, columns: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(rows, terms, generator=generator), torch.randn(terms, columns, generator=generator).to(dtype)
    out, of_transposed = torch.empty(2, rows, columns)

    multiply(x.numpy(), array_of(y), out.numpy())
    multiply_transposed(x.numpy(), array_of(y.mT.contiguous()), of_transposed.numpy())

    torch.testing.assert_close(out, x @ y.float(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(of_transposed, x @ y.float(), atol=1e-5, rtol=1e-5)


def test_what_is_beyond_is_not_looked_at() -> None:
    x, y = torch.ones(2, 3), torch.full((5, 4), torch.nan)
    y[:3] = 1
    out = torch.empty(2, 4)

    multiply(x.numpy(), y.numpy(), out.numpy())

    assert out.tolist() == [[3] * 4] * 2

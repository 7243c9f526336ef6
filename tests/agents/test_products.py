import pytest
import torch
import torch.nn.functional as F

from alphakata.agents.products import product


def made(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).requires_grad_()


@pytest.mark.parametrize("rows", [(1,), (33,), (3, 11), (0,)])
def test_a_product_and_what_flows_back_are_those_of_torch(rows: tuple[int, ...]) -> None:
    x, weight = made(*rows, 24), made(40, 24, seed=1)
    y = product(x, weight)
    gradient = made(*rows, 40, seed=2).detach()
    found = torch.autograd.grad(y, (x, weight), gradient)
    wanted = torch.autograd.grad(F.linear(x, weight), (x, weight), gradient)

    torch.testing.assert_close(y, F.linear(x, weight))
    torch.testing.assert_close(found, wanted)


def test_only_who_learns_is_told() -> None:
    x, weight = made(5, 24).detach(), made(40, 24, seed=1)
    (to_weight,) = torch.autograd.grad(product(x, weight).sum(), (weight,))

    torch.testing.assert_close(to_weight, x.sum(0).expand(40, 24))


def test_autocast_makes_it_half() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert product(made(5, 24), made(40, 24)).dtype == torch.bfloat16


def test_other_devices_and_types_ask_torch() -> None:
    assert product(torch.empty(5, 24, device="meta"), torch.empty(40, 24, device="meta")).shape == (5, 40)
    x, weight = made(5, 24).double(), made(40, 24).double()
    assert torch.equal(product(x, weight), F.linear(x, weight))

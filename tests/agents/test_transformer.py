import pytest
import torch

from alphakata.agents.transformer import Transformer, TransformerConfig, squared_relu


def test_parameters_are_counted_once() -> None:
    config = TransformerConfig(10, d_model=8, num_layers=1, num_heads=2, num_kv_heads=1, d_ff=16)
    attention, feed, norms, value, embedding = 8 * (8 + 2 * 4) + 8 * 8, 2 * 8 * 16, 3 * 8, 8, 10 * 8

    assert Transformer(config, torch.Generator()).num_parameters == attention + feed + norms + value + embedding


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"d_model": 100, "num_heads": 6}, "d_model 100 is no multiple of 2 x num_heads = 12"),
        ({"num_layers": 0}, "num_layers: found 0, wanted 1 or more"),
        ({"num_heads": -3}, "num_heads: found -3, wanted 1 or more"),
        ({"num_heads": 6, "num_kv_heads": 4}, "num_heads 6 is no multiple of num_kv_heads 4"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TransformerConfig(10, **sizes)


def test_the_derivative_of_a_squared_relu_is_torchs() -> None:
    x = torch.tensor([-2.0, -0.5, 0.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)

    def of_a_copy(x: torch.Tensor) -> torch.Tensor:
        return squared_relu(x.clone())

    assert of_a_copy(x).tolist() == [0, 0, 0, 0.25, 9]
    assert torch.autograd.gradcheck(of_a_copy, torch.tensor([-2.0, 0.5, 3.0], dtype=torch.float64).requires_grad_())

"""What every trunk promises, whatever it remembers by."""

import pytest
import torch

from alphakata.agents.lstm import LSTMConfig
from alphakata.agents.networks import Network, NetworkConfig, network, trunk_of
from alphakata.agents.transformer import TransformerConfig


def states(model: Network, tokens: list[int]) -> torch.Tensor:
    """Returns `[T, D]` for one document."""
    row = torch.tensor([tokens])
    return model.forward(row, torch.arange(len(tokens))[None], torch.zeros_like(row))[0]


def test_no_token_sees_a_later_one(model: Network) -> None:
    torch.testing.assert_close(states(model, [3, 1, 4, 1, 5])[:3], states(model, [3, 1, 4, 9, 2])[:3])


def test_every_token_sees_all_earlier_ones(model: Network) -> None:
    changed = (states(model, [3, 1, 4, 1]) - states(model, [2, 1, 4, 1])).abs().amax(-1)

    assert (changed > 1e-3).all()


def test_packed_documents_do_not_see_each_other(model: Network) -> None:
    packed = model(
        torch.tensor([[3, 1, 4, 9, 2, 6, 5]]),
        torch.tensor([[0, 1, 2, 0, 1, 2, 3]]),
        torch.tensor([[0, 0, 0, 1, 1, 1, 1]]),
    )[0]

    torch.testing.assert_close(packed[:3], states(model, [3, 1, 4]))
    torch.testing.assert_close(packed[3:], states(model, [9, 2, 6, 5]))


def test_only_the_distance_between_places_counts(model: Network) -> None:
    row, place = torch.tensor([[3, 1, 4]]), torch.arange(3)[None]
    near, far = (model(row, place + shift, torch.zeros_like(row)) for shift in (0, 40))

    torch.testing.assert_close(near, far, atol=1e-5, rtol=1e-4)


def test_the_same_tokens_in_another_order_mean_something_else(model: Network) -> None:
    assert not torch.allclose(states(model, [3, 1, 4])[-1], states(model, [1, 3, 4])[-1], atol=1e-3)


def test_the_head_is_the_embedding_and_the_value_one_number_a_token(model: Network) -> None:
    hidden = states(model, [3, 1, 4])

    torch.testing.assert_close(model.logits(hidden), hidden @ model.embedding.T)
    torch.testing.assert_close(model.value(hidden), hidden @ model.value_head[0])


def test_training_reaches_every_weight(model: Network) -> None:
    hidden = states(model, [3, 1, 4, 1, 5])
    loss = model.logits(hidden).logsumexp(-1).sum() + model.value(hidden).sum()
    gradients = torch.autograd.grad(loss, list(model.parameters()))

    assert all(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("config", [TransformerConfig(99), LSTMConfig(99)], ids=trunk_of)
def test_a_generator_of_one_seed_makes_one_network(config: NetworkConfig) -> None:
    first, same, other = (network(config, torch.Generator().manual_seed(seed)).state_dict() for seed in (0, 0, 1))

    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["embedding"], other["embedding"])


@pytest.mark.parametrize("config", [TransformerConfig(99), LSTMConfig(99)], ids=trunk_of)
def test_making_a_network_leaves_the_global_generator_alone(config: NetworkConfig) -> None:
    before = torch.get_rng_state()
    network(config, torch.Generator())

    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("config", [TransformerConfig(99), LSTMConfig(99)], ids=trunk_of)
def test_a_fresh_network_expects_nothing_yet(config: NetworkConfig) -> None:
    model = network(config, torch.Generator().manual_seed(0))

    assert model.value(states(model, [5, 17, 98])).abs().max() < 0.1

"""Losses against loops and hand."""

import math

import torch

from alphakata.learners.losses import divergence_loss, token_loss, value_loss

LOGITS = torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
ACTIONS = torch.tensor([2, 1, 0])
WEIGHTS = torch.tensor([0.5, 0.25, 0.0])


def probability(place: int, tempering: float = 1.0) -> float:
    row = [math.exp(logit / tempering) for logit in LOGITS[place].tolist()]
    return row[int(ACTIONS[place])] / sum(row)


def test_the_token_loss_is_the_weighted_surprise() -> None:
    expected = -0.5 * math.log(probability(0)) - 0.25 * math.log(probability(1))
    torch.testing.assert_close(token_loss(LOGITS, ACTIONS, WEIGHTS), torch.tensor(expected))


def test_tempering_divides_the_logits() -> None:
    expected = -0.5 * math.log(probability(0, 0.2)) - 0.25 * math.log(probability(1, 0.2))
    torch.testing.assert_close(token_loss(LOGITS, ACTIONS, WEIGHTS, tempering=0.2), torch.tensor(expected))


def test_gold_weighs_each_action_by_the_networks_own_opinion_of_it() -> None:
    logits = LOGITS.clone().requires_grad_()
    token_loss(logits, ACTIONS, WEIGHTS, gold_alpha=0.5).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    for place in range(3):
        # Equation 1 of AlphaCode: the gradient of -log p, times max(p^alpha, beta) held constant.
        weight = WEIGHTS[place] * max(probability(place) ** 0.5, 0.05)
        expected = weight * (LOGITS[place].softmax(0) - torch.eye(3)[ACTIONS[place]])
        torch.testing.assert_close(logits.grad[place], expected)


def test_gold_never_forgets_an_action_altogether() -> None:
    logits = torch.tensor([[0.0, 20.0]])
    loss = token_loss(logits, torch.tensor([0]), torch.tensor([1.0]), gold_alpha=0.5)
    torch.testing.assert_close(loss, torch.tensor(0.05 * 20.0))


def test_the_divergence_is_none_where_the_network_says_what_the_search_did_and_kl_elsewhere() -> None:
    logits = torch.log(torch.tensor([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]))
    choices, shares = torch.tensor([[0, 2, 1], [2, 0, 0]]), torch.tensor([[0.7, 0.1, 0.2], [1.0, 0.0, 0.0]])
    weights = torch.tensor([5.0, 3.0])
    torch.testing.assert_close(divergence_loss(logits, choices, shares, weights), torch.tensor(3 * math.log(2)))


def test_a_certain_target_is_an_action_to_copy() -> None:
    logits, actions, weights = torch.randn(4, 6), torch.tensor([1, 0, 5, 3]), torch.rand(4)
    certain = divergence_loss(logits, actions[:, None], torch.ones(4, 1), weights, tempering=0.3)
    torch.testing.assert_close(certain, token_loss(logits, actions, weights, tempering=0.3))


def test_the_value_loss_is_least_at_the_mean_return() -> None:
    values = torch.full((4,), 0.25, requires_grad=True)
    loss = value_loss(values, torch.tensor([0.0, 0.0, 0.0, 1.0]), torch.full((4,), 0.25))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0.1875
    assert values.grad is not None
    assert values.grad.sum() == 0

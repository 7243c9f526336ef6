"""Losses of tokens and values. Token losses stay in torch: rlax's are two to three times slower here.

Shapes: `N` places in a batch, `V` joint tokens, `K` of them with a share in a place's target.
"""

import torch
from torch import Tensor
from torch.nn import functional


def token_loss(
    logits: Tensor,
    actions: Tensor,
    weights: Tensor,
    tempering: float = 1.0,
    gold_alpha: float = 0.0,
    gold_floor: float = 0.05,
) -> Tensor:
    """Returns the weighted sum of `-log p(action)`.

    Tempering sharpens what is sampled at temperature 1 less than what is trained; GOLD trusts the network's own
    opinion of a demonstration, so that one good solution counts more than covering all of them (both AlphaCode, Li et
    al. 2022, section 4.3 and appendix C.3).

    Args:
        logits: `[N, V]`.
        actions: `[N]` what was done.
        weights: `[N]` how much it is copied.
        tempering: divides the logits, in training only; 0.2 in AlphaCode.
        gold_alpha: each term counts `max(p(action) ** gold_alpha, gold_floor)`, held constant; 0 turns it off, 0.5 in
            AlphaCode.
        gold_floor: see `gold_alpha`.
    """
    surprise = functional.cross_entropy(logits.float() / tempering, actions, reduction="none")
    trust = torch.exp(-gold_alpha * surprise.detach()).clamp(min=gold_floor)
    return (weights * trust * surprise).sum()


def divergence_loss(logits: Tensor, choices: Tensor, shares: Tensor, weights: Tensor, tempering: float = 1.0) -> Tensor:
    """Returns the weighted sum of `KL(shares || p)`: 0 where the network says what a search, or a teacher, would.

    Args:
        logits: `[N, V]`.
        choices: `[N, K]` tokens.
        shares: `[N, K]` their probabilities in the target; all other tokens have none.
        weights: `[N]` how much each place counts.
        tempering: see `token_loss`.
    """
    log_probs = functional.log_softmax(logits.float() / tempering, -1).gather(-1, choices)
    divergence = (torch.xlogy(shares, shares) - shares * log_probs).sum(-1)
    return (weights * divergence).sum()


def value_loss(values: Tensor, returns: Tensor, weights: Tensor) -> Tensor:
    """Returns the weighted sum of squared errors: its least is at the mean return, which is what search averages.

    Args:
        values: `[N]`.
        returns: `[N]` targets, held constant.
        weights: `[N]`.
    """
    return (weights * (values.float() - returns.detach()).square()).sum()

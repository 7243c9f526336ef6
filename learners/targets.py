"""What values and policies should have been: multi-step targets, made by rlax.

Time is rlax's: `v_tm1` are values before the step, `r_t`, `discount_t` and `v_t` what came of it. Rows may have
different lengths; what lies behind a row's length is neither read nor written (the results there are 0). Rows and time
are padded to powers of two, so that few shapes are ever compiled.

Shapes: `B` rows, `T` time steps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .bridge import JaxOp

_LAMBDA_RETURNS = JaxOp("lambda_returns")
_VTRACE = JaxOp("vtrace_td_error_and_advantage")
_SMALLEST = 16


def lambda_returns(
    r_t: Tensor, discount_t: Tensor, v_t: Tensor, lambda_: Tensor | float = 1.0, *, lengths: Tensor | None = None
) -> Tensor:
    """Returns `[B, T]` the mixture of rewards and values that earlier values should have been.

    `G_t = r_t + discount_t ((1 - lambda_t) v_t + lambda_t G_{t+1})`, and lambda is 0 at a row's last step (Sutton and
    Barto, Reinforcement Learning, chapter 12). Differentiable in every float argument.

    Args:
        r_t: `[B, T]` what each step earned.
        discount_t: `[B, T]` what the future counts after it; 0 where the episode ended.
        v_t: `[B, T]` values after it.
        lambda_: `[B, T]` or one number; 1 trusts the rewards, 0 the next value.
        lengths: `[B]` steps of each row; None where all have `T`.
    """
    rows = _Rows.of(r_t, lengths)
    # The last step must look at its own value, not on into the padding.
    lambda_t = torch.where(rows.is_last, 0.0, lambda_)
    (returns,) = _LAMBDA_RETURNS(*map(rows.pad, (r_t, discount_t, v_t, lambda_t)))
    return rows.cut(returns)


def upgo(r_t: Tensor, discount_t: Tensor, v_t: Tensor, *, lengths: Tensor | None = None) -> Tensor:
    """Returns `[B, T]` the return that follows the player as long as it does at least as well as its value said.

    `G_t = r_t + discount_t G_{t+1}` where `r_{t+1} + discount_{t+1} v_{t+1} >= v_t`, else `r_t + discount_t v_t`
    (AlphaStar, Vinyals et al. 2019, Methods).

    Args:
        r_t: `[B, T]` rewards.
        discount_t: `[B, T]` discounts.
        v_t: `[B, T]` values after each step.
        lengths: `[B]` steps of each row; None where all have `T`.
    """
    does_well = (r_t + discount_t * v_t)[:, 1:] >= v_t[:, :-1]
    return lambda_returns(r_t, discount_t, v_t, functional.pad(does_well.float(), (0, 1)), lengths=lengths)


def gae(
    v_tm1: Tensor,
    v_t: Tensor,
    r_t: Tensor,
    discount_t: Tensor,
    lambda_: Tensor | float = 1.0,
    *,
    lengths: Tensor | None = None,
) -> Tensor:
    """Returns `[B, T]` generalised advantages, which are lambda-returns less the value before the step.

    Schulman et al. 2016, https://arxiv.org/abs/1506.02438, equation 16. The arguments are those of `vtrace`.
    """
    advantages = lambda_returns(r_t, discount_t, v_t, lambda_, lengths=lengths) - v_tm1
    return advantages * _Rows.of(r_t, lengths).is_step


@dataclass(frozen=True, slots=True)
class VTrace:
    """Off-policy targets.

    Attributes:
        errors: `[B, T]` target less `v_tm1`; half its square is the value loss, and its gradient goes to `v_tm1` alone.
        advantages: `[B, T]` what to weight the policy's log-probabilities with.
        q_estimates: `[B, T]` what the step was worth.
    """

    errors: Tensor
    advantages: Tensor
    q_estimates: Tensor


def vtrace(
    v_tm1: Tensor,
    v_t: Tensor,
    r_t: Tensor,
    discount_t: Tensor,
    rho_tm1: Tensor,
    lambda_: Tensor | float = 1.0,
    *,
    lengths: Tensor | None = None,
) -> VTrace:
    """Returns V-trace targets with importance ratios clipped at 1.

    IMPALA, Espeholt et al. 2018, https://arxiv.org/abs/1802.01561.

    Args:
        v_tm1: `[B, T]` values before each step.
        v_t: `[B, T]` values after it.
        r_t: `[B, T]` rewards.
        discount_t: `[B, T]` discounts.
        rho_tm1: `[B, T]` probability of the action now over that when it was taken.
        lambda_: `[B, T]` or one number.
        lengths: `[B]` steps of each row; None where all have `T`.
    """
    rows = _Rows.of(r_t, lengths)
    lambda_t = torch.where(rows.is_step, lambda_, 0.0)
    # The first step of the padding lends its value to the last real one: there it must be the bootstrap.
    v_tm1 = rows.pad(v_tm1) + rows.after_last(v_t)
    padded = map(rows.pad, (v_t, r_t, discount_t, rho_tm1, lambda_t))
    return VTrace(*map(rows.cut, _VTRACE(v_tm1, *padded)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which steps of a padded `[B, T]` array are real.

    Attributes:
        is_step: `[B, T]` True up to each row's length.
        is_last: `[B, T]` True at each row's last step.
    """

    is_step: Tensor
    is_last: Tensor

    @staticmethod
    def of(like: Tensor, lengths: Tensor | None) -> "_Rows":
        num_rows, num_steps = like.shape
        lengths = torch.full((num_rows,), num_steps) if lengths is None else lengths
        place = torch.arange(num_steps, device=like.device)
        ends = lengths.to(like.device)[:, None]
        return _Rows(is_step=place < ends, is_last=place == ends - 1)

    def pad(self, values: Tensor) -> Tensor:
        num_rows, num_steps = values.shape
        values = torch.where(self.is_step, values, 0.0)
        return functional.pad(values, (0, _bucket(num_steps) - num_steps, 0, _bucket(num_rows) - num_rows))

    def after_last(self, values: Tensor) -> Tensor:
        """Each row's last value, one place behind it."""
        return functional.pad(self.pad(torch.where(self.is_last, values, 0.0)), (1, 0))[:, :-1]

    def cut(self, padded: Tensor) -> Tensor:
        num_rows, num_steps = self.is_step.shape
        return torch.where(self.is_step, padded[:num_rows, :num_steps], 0.0)


def _bucket(size: int) -> int:
    return max(_SMALLEST, 1 << (size - 1).bit_length())

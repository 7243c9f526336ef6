"""Targets: rlax through the bridge says what a plain loop in torch says, values and gradients."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from alphakata.learners.targets import gae, lambda_returns, upgo, vtrace

shapes = st.tuples(st.integers(1, 20), st.integers(1, 40), st.integers(0, 2**31))


def numbers(rows: int, steps: int, seed: int, count: int) -> tuple[list[Tensor], Tensor]:
    """Returns `count` random `[rows, steps]` tensors that want gradients, and lengths; the last row is whole."""
    generator = torch.Generator().manual_seed(seed)
    tensors = [torch.rand(rows, steps, generator=generator).requires_grad_() for _ in range(count)]
    lengths = torch.randint(0, steps + 1, (rows,), generator=generator)
    lengths[-1] = steps
    return tensors, lengths


def row_by_row(loop: Callable[..., Tensor], tensors: list[Tensor], lengths: Tensor) -> Tensor:
    """Returns `loop` of each row's real steps, 0 behind them."""
    rows = []
    for row, length in enumerate(lengths.tolist()):
        real = [tensor[row, :length] for tensor in tensors]
        result = loop(*real) if length else tensors[0].new_zeros(0)
        rows.append(torch.nn.functional.pad(result, (0, tensors[0].shape[1] - length)))
    return torch.stack(rows)


def returns_loop(r_t: Tensor, discount_t: Tensor, v_t: Tensor, lambda_t: Tensor) -> Tensor:
    backwards, after = [], v_t[-1]
    for t in reversed(range(len(r_t))):
        after = r_t[t] + discount_t[t] * ((1 - lambda_t[t]) * v_t[t] + lambda_t[t] * after)
        backwards.append(after)
    return torch.stack(backwards[::-1])


def agree(ours: Tensor, reference: Tensor, tensors: list[Tensor]) -> None:
    """Fails unless values agree to 1e-5, and so do the gradients of a weighted sum."""
    torch.testing.assert_close(ours, reference, rtol=1e-5, atol=1e-5)
    weights = torch.linspace(-1, 1, ours.numel()).reshape(ours.shape)
    for one, other in zip(
        torch.autograd.grad((ours * weights).sum(), tensors, allow_unused=True, materialize_grads=True),
        torch.autograd.grad((reference * weights).sum(), tensors, allow_unused=True, materialize_grads=True),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=25)
@given(shapes)
def test_lambda_returns_and_their_gradients_are_those_of_a_loop(shape: tuple[int, int, int]) -> None:
    tensors, lengths = numbers(*shape, count=4)
    agree(lambda_returns(*tensors, lengths=lengths), row_by_row(returns_loop, tensors, lengths), tensors)


@settings(deadline=None, max_examples=15)
@given(shapes)
def test_upgo_follows_the_player_while_it_does_well(shape: tuple[int, int, int]) -> None:
    def loop(r_t: Tensor, discount_t: Tensor, v_t: Tensor) -> Tensor:
        backwards = [r_t[-1] + discount_t[-1] * v_t[-1]]
        for t in reversed(range(len(r_t) - 1)):
            does_well = r_t[t + 1] + discount_t[t + 1] * v_t[t + 1] >= v_t[t]
            backwards.append(r_t[t] + discount_t[t] * (backwards[-1] if does_well else v_t[t]))
        return torch.stack(backwards[::-1])

    tensors, lengths = numbers(*shape, count=3)
    agree(upgo(*tensors, lengths=lengths), row_by_row(loop, tensors, lengths), tensors)


@settings(deadline=None, max_examples=15)
@given(shapes)
def test_gae_sums_discounted_errors(shape: tuple[int, int, int]) -> None:
    def loop(v_tm1: Tensor, v_t: Tensor, r_t: Tensor, discount_t: Tensor, lambda_t: Tensor) -> Tensor:
        backwards, after = [], torch.tensor(0.0)
        for t in reversed(range(len(r_t))):
            after = r_t[t] + discount_t[t] * v_t[t] - v_tm1[t] + discount_t[t] * lambda_t[t] * after
            backwards.append(after)
        return torch.stack(backwards[::-1])

    tensors, lengths = numbers(*shape, count=5)
    # One value a state: the value after a step is the value before the next.
    v_tm1, v_t, *others = tensors
    v_tm1 = torch.cat([v_tm1[:, :1], v_t[:, :-1]], dim=1)
    agree(gae(v_tm1, v_t, *others, lengths=lengths), row_by_row(loop, [v_tm1, v_t, *others], lengths), tensors)


@settings(deadline=None, max_examples=25)
@given(shapes)
def test_vtrace_is_the_loop_of_the_impala_paper(shape: tuple[int, int, int]) -> None:
    tensors, lengths = numbers(*shape, count=5)
    tensors[4] = (tensors[4].detach() * 2).requires_grad_()  # importance ratios on both sides of the clip
    ours = vtrace(*tensors, lengths=lengths)

    def errors(v_tm1: Tensor, v_t: Tensor, r_t: Tensor, discount_t: Tensor, rho: Tensor) -> Tensor:
        backwards, after = [], torch.tensor(0.0)
        for t in reversed(range(len(r_t))):
            clipped = rho[t].clamp(max=1)
            after = clipped * (r_t[t] + discount_t[t] * v_t[t] - v_tm1[t] + discount_t[t] * after)
            backwards.append(after)
        # The target is a constant: only `v_tm1` learns.
        return (torch.stack(backwards[::-1]) + v_tm1).detach() - v_tm1

    def q_estimates(v_tm1: Tensor, v_t: Tensor, r_t: Tensor, discount_t: Tensor, rho: Tensor) -> Tensor:
        targets = errors(v_tm1, v_t, r_t, discount_t, rho) + v_tm1
        return r_t + discount_t * torch.cat([targets[1:], v_t[-1:]])

    agree(ours.errors, row_by_row(errors, tensors, lengths), tensors)
    q = row_by_row(q_estimates, tensors, lengths)
    torch.testing.assert_close(ours.q_estimates, q, rtol=1e-5, atol=1e-5)
    is_step = torch.arange(q.shape[1]) < lengths[:, None]
    torch.testing.assert_close(
        ours.advantages, tensors[4].clamp(max=1) * (q - tensors[0]) * is_step, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(
    ("lambda_", "expected"),
    [(1.0, [1.75, 1.5, 3.0]), (0.0, [1.0 + 0.5 * 10, 0.5 * 20, 3.0])],
)
def test_lambda_one_trusts_the_rewards_and_zero_the_next_value(lambda_: float, expected: list[float]) -> None:
    r_t, discount_t = torch.tensor([[1.0, 0.0, 3.0]]), torch.tensor([[0.5, 0.5, 0.0]])
    v_t = torch.tensor([[10.0, 20.0, 30.0]])
    assert lambda_returns(r_t, discount_t, v_t, lambda_).tolist() == [expected]


def test_nothing_behind_a_rows_length_is_read() -> None:
    garbage = torch.tensor([[1.0, float("nan")]])
    assert lambda_returns(garbage, garbage, garbage, 1.0, lengths=torch.tensor([1])).tolist() == [[2.0, 0.0]]

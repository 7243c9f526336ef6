"""The bridge: torch in, rlax inside, torch out."""

import subprocess
import sys

import pytest
import torch

from alphakata.learners import bridge
from alphakata.learners.bridge import JaxOp

LAMBDA_RETURNS = JaxOp("lambda_returns")


def four(dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """Returns four `[16, 16]` arguments."""
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(16, 16, generator=generator).to(dtype).requires_grad_() for _ in range(4)]


def test_settings_reach_the_function() -> None:
    arguments = four()
    (returns,) = JaxOp("lambda_returns", stop_target_gradients=True)(*arguments)
    returns.sum().backward()  # type: ignore[no-untyped-call]
    assert all(argument.grad is not None and not argument.grad.any() for argument in arguments)


def test_half_precision_comes_back_whole_and_its_gradient_half() -> None:
    arguments = four(torch.bfloat16)
    (returns,) = LAMBDA_RETURNS(*arguments)
    returns.sum().backward()  # type: ignore[no-untyped-call]
    assert returns.dtype == torch.float32
    assert arguments[0].grad is not None
    assert arguments[0].grad.dtype == torch.bfloat16


def test_transposed_and_strided_arguments_are_read_right() -> None:
    r_t, *others = four()
    (straight,) = LAMBDA_RETURNS(r_t.T.contiguous(), *others)
    (transposed,) = LAMBDA_RETURNS(r_t.T, *others)
    torch.testing.assert_close(straight, transposed, rtol=0, atol=0)


def test_an_argument_changed_in_place_is_noticed() -> None:
    values = torch.ones(16, 16, requires_grad=True)
    changing = values * 1
    (returns,) = LAMBDA_RETURNS(changing, changing, changing, changing)
    changing.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        returns.sum().backward()  # type: ignore[no-untyped-call]


def test_results_do_not_share_memory_with_arguments() -> None:
    arguments = [argument.detach() for argument in four()]
    copies = [argument.clone() for argument in arguments]
    (returns,) = LAMBDA_RETURNS(*arguments)
    returns.fill_(7)
    for argument, copy in zip(arguments, copies, strict=True):
        assert torch.equal(argument, copy)


def test_a_missing_rlax_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rlax", None)
    bridge._import_jax.cache_clear()
    with pytest.raises(ImportError, match=r"needs rlax .*pip install -c constraints.txt"):
        JaxOp("lambda_returns")(*four())


def test_jax_is_not_imported_before_the_first_target() -> None:
    code = "import sys, alphakata.learners, alphakata.learners.targets; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd="/", check=False).returncode == 0

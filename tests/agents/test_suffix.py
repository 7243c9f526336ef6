from collections.abc import Callable

import pytest
import torch

from alphakata.agents.suffix import Suffix, _see_in_steps, _take_in_in_steps

See = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, int], torch.Tensor]


def see_own(q: torch.Tensor, scores: torch.Tensor, k: torch.Tensor, v: torch.Tensor, length: int) -> torch.Tensor:
    return Suffix(torch.stack((k, v))).see(q, scores, length)


@pytest.mark.parametrize("see", [see_own, _see_in_steps])
@pytest.mark.parametrize(("rows", "groups", "heads", "prompt", "length"), [(3, 1, 4, 9, 1), (5, 2, 2, 40, 17)])
def test_prompt_and_own_places_share_one_softmax(
    rows: int, groups: int, heads: int, prompt: int, length: int, see: See
) -> None:
    generator = torch.Generator().manual_seed(0)
    q, scores, k, v = (
        torch.randn(*shape, generator=generator)
        for shape in ((groups, rows * heads, 8), (groups, rows * heads, prompt), *((rows, groups, 20, 8),) * 2)
    )
    scores *= 10
    own = torch.einsum("grhk,rgsk->grhs", q.view(groups, rows, heads, 8), k[:, :, :length])
    together = torch.cat((scores.view(groups, rows, heads, prompt), own), -1).softmax(-1)
    wanted = torch.einsum("grhs,rgsk->grhk", together[..., prompt:], v[:, :, :length])

    seen = see(q, scores, k, v, length)

    torch.testing.assert_close(scores, together[..., :prompt].reshape(scores.shape), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(seen, wanted.reshape(q.shape), atol=1e-5, rtol=1e-5)


def test_scores_far_below_the_best_weigh_nothing() -> None:
    scores = torch.tensor([[[-1e4, 0.0, -200.0]]])
    seen = see_own(torch.ones(1, 1, 2), scores, torch.full((1, 1, 4, 2), -1e4), torch.ones(1, 1, 4, 2), 3)

    torch.testing.assert_close(scores, torch.tensor([[[0.0, 1.0, 0.0]]]))
    torch.testing.assert_close(seen, torch.zeros(1, 1, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("rows", "groups", "heads"), [(3, 1, 4), (5, 2, 3)])
def test_one_pass_takes_in_what_steps_take_in(rows: int, groups: int, heads: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    token = torch.randn(rows, groups * (heads + 2), 8, generator=generator).to(dtype)
    rotation, own = torch.randn(2, rows, 1, 8, generator=generator), torch.zeros(2, 2, rows, groups, 4, 8).to(dtype)

    in_one_pass = Suffix(own[0]).take_in(token, rotation, 2)
    in_steps = _take_in_in_steps(token, rotation, own[1, 0], own[1, 1], 2)

    torch.testing.assert_close(in_one_pass, in_steps)
    torch.testing.assert_close(own[0], own[1])


def test_own_keys_and_values_may_be_in_half_the_bits() -> None:
    generator = torch.Generator().manual_seed(0)
    q, scores, own = (torch.randn(shape, generator=generator) for shape in ((1, 10, 8), (1, 10, 7), (2, 2, 1, 5, 8)))
    own = own.bfloat16()

    in_half = see_own(q, scores.clone(), own[0], own[1], 5)

    torch.testing.assert_close(in_half, see_own(q, scores.clone(), own[0].float(), own[1].float(), 5))
    torch.testing.assert_close(in_half, _see_in_steps(q, scores, own[0], own[1], 5), atol=1e-5, rtol=1e-5)

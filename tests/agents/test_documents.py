"""Packed documents laid out by length: what is seen, and what is learnt from it, is what a mask would say."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from alphakata.agents.documents import Layout, Look, look_fused, look_in_blocks


def rows(seed: int) -> Tensor:
    """Returns `[3, 300]` documents of 1 to 150 tokens, some rows with padding behind them."""
    rng, documents = np.random.default_rng(seed), np.full((3, 300), -1)
    for row in documents:
        lengths = rng.integers(1, 151, 8)
        numbers = np.arange(8).repeat(lengths)[: rng.integers(150, 301)]
        row[: len(numbers)] = numbers
    return torch.from_numpy(documents)


def under_a_mask(documents: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Returns `[B, T, H, K]`, what torch's own attention sees over whole rows."""
    seen = (documents[:, :, None] == documents[:, None]) & torch.ones(2 * documents.shape[1:]).tril().bool()
    q, k, v = (heads.transpose(1, 2) for heads in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None], enable_gqa=True).transpose(1, 2)


@pytest.mark.parametrize("look", [look_in_blocks, look_fused])
@pytest.mark.parametrize("seed", range(3))
def test_documents_are_seen_and_learnt_from_as_under_a_mask(look: Look, seed: int) -> None:
    documents, generator = rows(seed), torch.Generator().manual_seed(seed)
    heads = [torch.randn(3, 300, count, 8, generator=generator, requires_grad=True) for count in (4, 2, 2)]
    told = torch.randn(3, 300, 32, generator=generator) * (documents >= 0)[..., None]
    layout = Layout(documents)

    def laid_out(x: Tensor) -> Tensor:
        places = layout.take(torch.arange(900).view(3, 300))
        return x.flatten(0, 1)[places]

    got = layout.put_back(layout.attend(look, *map(laid_out, heads)).flatten(1))
    wanted = under_a_mask(documents, *heads).flatten(2) * (documents >= 0)[..., None]
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    gradients, wanted_gradients = (torch.autograd.grad((seen * told).sum(), heads) for seen in (got, wanted))
    for gradient, wanted_gradient in zip(gradients, wanted_gradients, strict=True):
        torch.testing.assert_close(gradient, wanted_gradient, atol=1e-5, rtol=1e-5)


def test_what_was_taken_is_put_back_where_it_stood() -> None:
    documents = torch.tensor([[0, 0, 0, 1, -1], [7, 8, 8, 8, 8]])
    tokens = torch.arange(1, 11).view(2, 5)
    layout = Layout(documents)
    taken = layout.take(tokens)

    assert layout.put_back(taken[:, None])[..., 0].tolist() == [[1, 2, 3, 4, 0], [6, 7, 8, 9, 10]]


def test_few_tokens_are_read_for_nothing() -> None:
    lengths = np.arange(1, 257)
    documents = torch.from_numpy(np.arange(256).repeat(lengths))[None]

    assert len(Layout(documents).take(documents)) <= 1.06 * lengths.sum()


def test_half_precision_is_close() -> None:
    documents, generator = torch.zeros(2, 96, dtype=torch.long), torch.Generator().manual_seed(0)
    heads = [torch.randn(192, count, 8, generator=generator) for count in (4, 1, 1)]
    layout = Layout(documents)
    whole, half = (layout.attend(look_in_blocks, *(x.to(t) for x in heads)) for t in (torch.float32, torch.bfloat16))

    torch.testing.assert_close(half.float(), whole, atol=3e-2, rtol=3e-2)

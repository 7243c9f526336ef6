"""Networks of equal size on both sides, and what the machine itself can do."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch

from alphakata.agents.transformer import Transformer, TransformerConfig

VOCABULARY = 512
LENGTH = 512


def ours(size: str) -> Transformer:
    """Returns our network of about 2 or 10 million parameters."""
    width, layers = {"2M": (192, 5), "10M": (384, 6)}[size]
    config = TransformerConfig(
        VOCABULARY, d_model=width, num_layers=layers, num_heads=6, d_ff=4 * width, max_length=LENGTH
    )
    return Transformer(config, torch.Generator().manual_seed(0))


def theirs(size: str) -> Any:
    """Returns a GPT-2 of `transformers` of about as many."""
    from transformers import GPT2Config, GPT2LMHeadModel

    width, layers = {"2M": (192, 4), "10M": (384, 5)}[size]
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=LENGTH,
        n_embd=width,
        n_layer=layers,
        n_head=6,
        bos_token_id=0,
        eos_token_id=0,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    return GPT2LMHeadModel(config)


def interleaved(
    runs: Sequence[Callable[[], object]], times: int, clock: Callable[[], float] = perf_counter
) -> list[float]:
    """Returns the median seconds of each run, having taken turns `times` times after a round to warm up."""
    seconds: list[list[float]] = [[] for _ in runs]
    for turn in range(times + 1):
        for run, found in zip(runs, seconds, strict=True):
            start = clock()
            run()
            if turn:
                found.append(clock() - start)
    return [median(found) for found in seconds]


def matmul_flops(rows: int, dtype: torch.dtype) -> float:
    """Returns operations a second of products as large as a feed-forward layer's."""
    x, weight = torch.randn(rows, 512).to(dtype), torch.randn(2048, 512).to(dtype)
    (seconds,) = interleaved([lambda: [torch.nn.functional.linear(x, weight) for _ in range(20)]], 9, process_time)
    return 20 * 2 * rows * 512 * 2048 / seconds


def copied_bytes() -> float:
    """Returns bytes a second, read and written, of a copy that no cache holds."""
    source = torch.zeros(16 * 2**20)
    target = torch.empty_like(source)
    (seconds,) = interleaved([lambda: target.copy_(source)], 9, process_time)
    return 2 * source.numel() * 4 / seconds

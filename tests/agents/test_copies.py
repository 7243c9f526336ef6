"""Copies of a prompt say what one pass over each of them says."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from alphakata.agents.engine import Engine
from alphakata.agents.packed import Packed
from alphakata.agents.precision import Precision
from alphakata.agents.stream import Stream
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.types import Sampling
from alphakata.agents.vocabulary import Vocabulary
from alphakata.agents.writing import Pages
from alphakata.envs.types import Phrase

SIZE, PROMPT = 40, [3, 1, 4, 1, 5]
VOCABULARY = Vocabulary.of({"words": (SIZE, "a1")})
LEGAL = np.arange(0, SIZE, 2)


@pytest.fixture(params=[1, 2, 4], ids=lambda heads: f"{heads} heads of keys")
def model(request: pytest.FixtureRequest) -> Transformer:
    config = TransformerConfig(
        VOCABULARY.size, d_model=64, num_layers=3, num_heads=4, num_kv_heads=request.param, d_ff=96, max_length=64
    )
    return Transformer(config, torch.Generator().manual_seed(0))


@torch.inference_mode()
def pages(model: Transformer, precision: Precision, rows: int) -> Pages:
    voice = Engine(model, VOCABULARY, "cpu", precision).speak(VOCABULARY.dialects["words"])
    return voice.memory.pages(Stream(PROMPT), LEGAL)(rows)


@torch.inference_mode()
def full_forward(model: Transformer, written: NDArray[np.int64]) -> NDArray[np.float32]:
    """Returns logits over the legal tokens after the prompt and `written [B, T]`."""
    prompt = np.broadcast_to(np.array([-1, *PROMPT]), (len(written), 1 + len(PROMPT)))
    tokens = torch.from_numpy(np.concatenate((prompt, written), 1)) + 1
    places = torch.arange(tokens.shape[1]).expand_as(tokens)
    logits: NDArray[np.float32] = model.logits(model(tokens, places, torch.zeros_like(tokens))[:, -1]).numpy()
    return logits[:, LEGAL + 1]


@pytest.mark.parametrize(("precision", "close"), [("float32", 1e-5), ("bfloat16", 3e-2)])
@pytest.mark.parametrize("rows", [1, 5, 40])
@torch.inference_mode()
def test_copies_of_which_some_are_dropped_say_what_one_pass_says(
    model: Transformer, precision: Precision, close: float, rows: int
) -> None:
    copies, written = pages(model, precision, rows), np.random.default_rng(0).choice(LEGAL, (rows, 40))
    for place in range(40):
        np.testing.assert_allclose(copies.logits(), full_forward(model, written[:, :place]), atol=close)
        copies.read(written[:, place])
        if place == 20:
            kept = np.arange(0, rows, 3)
            copies.keep(kept)
            written = written[kept]


@torch.inference_mode()
def test_bfloat16_is_not_float32(model: Transformer) -> None:
    single, half = pages(model, "float32", 1), pages(model, "bfloat16", 1)
    for copies in (single, half):
        copies.read(LEGAL[:1])

    assert (single.logits() != half.logits()).any()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_sample_is_the_same_in_any_company(model: Transformer, precision: Precision) -> None:
    x, weight = (torch.randn(64, 64, generator=torch.Generator().manual_seed(seed)) for seed in range(2))
    product = Packed(precision).product
    if not torch.equal(product(x, weight)[:16], product(x[:16], weight)):
        pytest.skip("this machine's matrix library rounds a row differently among more rows")
    voice = Engine(model, VOCABULARY, "cpu", precision).speak(VOCABULARY.dialects["words"])
    grammar = Phrase(np.ones(SIZE, dtype=np.bool_), 0, 20)
    many = voice.complete(Stream(PROMPT), 200, Sampling(), grammar, seed=3)

    for count in (1, 7, 33):
        few = voice.complete(Stream(PROMPT), count, Sampling(), grammar, seed=3)
        assert [sample.tokens.tolist() for sample in few] == [sample.tokens.tolist() for sample in many[:count]]

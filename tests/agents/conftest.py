"""A small network that speaks two dialects."""

import pytest
import torch

from alphakata.agents.engine import Engine, Voice
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.of({"moves": (5, "a1"), "words": (12, "b2")})


@pytest.fixture(params=[1, 2, 4], ids="{} key-value heads".format)
def model(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> Transformer:
    """Weights large enough that a wrong token or place is plain in the answer."""
    config = TransformerConfig(
        vocabulary.size, d_model=32, num_layers=2, num_heads=4, num_kv_heads=request.param, d_ff=48, max_length=64
    )
    generator = torch.Generator().manual_seed(0)
    network = Transformer(config, generator)
    with torch.no_grad():
        network.embedding.normal_(0, 0.3, generator=generator)
        network.value_head.normal_(0, 0.3, generator=generator)
        for name, weight in network.named_parameters():
            if name.endswith("_out"):
                weight.mul_(10)
    return network


@pytest.fixture
def voice(model: Transformer, vocabulary: Vocabulary) -> Voice:
    return Engine(model, vocabulary, "cpu").speak(vocabulary.dialects["words"])

"""A small network that speaks two dialects."""

import pytest
import torch

from alphakata.agents.engine import Engine, Voice
from alphakata.agents.lstm import LSTMConfig
from alphakata.agents.networks import Network, NetworkConfig, network
from alphakata.agents.transformer import TransformerConfig
from alphakata.agents.vocabulary import Vocabulary


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.of({"moves": (5, "a1"), "words": (12, "b2")})


@pytest.fixture(params=[1, 2, 4, "lstm"], ids=str)
def model(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> Network:
    """Weights large enough that a wrong token or place is plain in the answer."""
    config: NetworkConfig = LSTMConfig(vocabulary.size, d_model=32, num_layers=2, max_length=64)
    if request.param != "lstm":
        config = TransformerConfig(
            vocabulary.size, d_model=32, num_layers=2, num_heads=4, num_kv_heads=request.param, d_ff=48, max_length=64
        )
    generator = torch.Generator().manual_seed(0)
    made = network(config, generator)
    with torch.no_grad():
        made.embedding.normal_(0, 0.3, generator=generator)
        made.value_head.normal_(0, 0.3, generator=generator)
        for name, weight in made.named_parameters():
            if name.endswith("_out"):
                weight.mul_(10)
    return made


@pytest.fixture
def voice(model: Network, vocabulary: Vocabulary) -> Voice:
    return Engine(model, vocabulary, "cpu").speak(vocabulary.dialects["words"])

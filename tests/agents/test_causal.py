"""An imported language model says of every branch what it says of the whole text."""

from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("transformers")

from tiny_llama import save_tiny_llama
from transformers import AutoModelForCausalLM, MambaConfig, MambaForCausalLM

from alphakata.agents.causal import CausalLM, Tongue
from alphakata.agents.stream import Stream

SIZE = 259


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("llama")
    save_tiny_llama(path)
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> CausalLM:
    return CausalLM(str(folder), Tongue(np.arange(SIZE), np.ones(SIZE, np.bool_), (0,)), "cpu")


def full_forward(folder: Path, stream: Stream) -> torch.Tensor:
    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        logits: torch.Tensor = model(torch.tensor([[0, *stream.all_tokens().tolist()]])).logits[0, -1, :SIZE]
    return logits


def test_a_tree_read_piecemeal_is_what_one_pass_reads(folder: Path, model: CausalLM) -> None:
    rng = np.random.default_rng(0)
    streams = [Stream([3, 4, 5])]
    for _ in range(4):
        parents = [streams[i] for i in rng.integers(len(streams), size=5)]
        new = [p.then(rng.integers(3, SIZE, rng.integers(1, 9)).astype(np.int32)) for p in parents]
        prediction = model.predict(new)
        for stream, logits in zip(new, prediction.logits, strict=True):
            np.testing.assert_allclose(logits, full_forward(folder, stream).numpy(), atol=2e-5)
        streams += new


def test_it_has_no_values(model: CausalLM) -> None:
    assert np.isnan(model.predict([Stream([3])]).value).all()
    assert model.lacks == {"values"}


def test_a_stream_longer_than_the_model_reads_is_refused(model: CausalLM) -> None:
    with pytest.raises(ValueError, match=r"a stream of 512 tokens.* is too long for this model, which reads 511"):
        model.predict([Stream([3] * 512)])


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"knows token 399, the model has 320"):
        CausalLM(str(folder), Tongue(np.arange(400), np.ones(400, np.bool_)), "cpu")


def test_nothing_to_read_is_refused_where_nothing_opens_a_stream(folder: Path) -> None:
    model = CausalLM(str(folder), Tongue(np.arange(SIZE), np.ones(SIZE, np.bool_)), "cpu")

    with pytest.raises(ValueError, match="cannot read an empty one"):
        model.predict([Stream()])


def test_a_model_that_does_not_attend_is_refused(tmp_path: Path) -> None:
    MambaForCausalLM(MambaConfig(vocab_size=20, hidden_size=8, state_size=4, num_hidden_layers=1)).save_pretrained(
        tmp_path
    )

    with pytest.raises(ValueError, match=r"is a mamba with layers of .*serve it as an endpoint"):
        CausalLM(str(tmp_path), Tongue(np.arange(20), np.ones(20, np.bool_)), "cpu")

"""What every policy promises of its completions, whoever it is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.engine import Voice
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Policy, Sampling

SIZE, END = 12, 2
PROMPT = [3, 1, 4, 1, 5]


@dataclass(frozen=True)
class Phrase:
    legal: NDArray[np.bool_]
    end: int
    max_tokens: int


GRAMMAR = Phrase(np.arange(SIZE) % 3 != 1, END, 9)


@pytest.fixture(params=["transformer", "n-gram", "uniform", "causal"])
def policy(request: pytest.FixtureRequest, voice: Voice) -> Policy:
    if request.param == "transformer":
        return voice
    if request.param == "n-gram":
        return NGramPolicy(3, SIZE, value=0.25).fit([[0, 3, 2, 6, 2], [3, 5, 3, 5, 2]])
    if request.param == "causal":
        return causal(request.getfixturevalue("tmp_path"))
    return UniformPolicy(SIZE, value=0.5)


def causal(folder: Path) -> Policy:
    pytest.importorskip("transformers")
    from tiny_llama import save_tiny_llama

    from alphakata.agents.causal import CausalLM, Tongue

    save_tiny_llama(folder, layers=1)
    return CausalLM(str(folder), Tongue(np.arange(SIZE) + 3, np.ones(SIZE, np.bool_), (0,)), "cpu")


def tokens(completions: "list[Completion]") -> list[list[int]]:
    return [completion.tokens.tolist() for completion in completions]


def test_a_completion_is_legal_and_closed_by_one_end(policy: Policy) -> None:
    for written in tokens(list(policy.complete(Stream(PROMPT), 300, Sampling(), GRAMMAR, seed=0))):
        assert GRAMMAR.legal[written].all()
        assert written.index(END) == len(written) - 1 < GRAMMAR.max_tokens


def test_in_the_last_place_the_end_is_certain(policy: Policy) -> None:
    grammar = Phrase(GRAMMAR.legal, END, max_tokens=1)
    (completion,) = policy.complete(Stream(PROMPT), 1, Sampling(), grammar, seed=0)

    assert (completion.tokens.tolist(), completion.logprobs.tolist()) == ([END], [0])


def test_a_sample_depends_on_the_seed_and_its_number_alone(policy: Policy) -> None:
    stream = Stream(PROMPT)
    many = list(policy.complete(stream, 300, Sampling(), GRAMMAR, seed=7))

    for count in (1, 3, 40, 256, 257):
        assert tokens(list(policy.complete(stream, count, Sampling(), GRAMMAR, seed=7))) == tokens(many)[:count]
    assert tokens(list(policy.complete(stream, 40, Sampling(), GRAMMAR, seed=8))) != tokens(many)[:40]


@pytest.mark.parametrize("limit", [0, 1, 17, 200, 10_000])
def test_only_the_first_samples_that_fit_are_returned(policy: Policy, limit: int) -> None:
    stream = Stream(PROMPT)
    many = list(policy.complete(stream, 60, Sampling(), GRAMMAR, seed=7))
    fitting = int((np.cumsum([len(completion.tokens) for completion in many]) <= limit).sum())

    limited = policy.complete(stream, 60, Sampling(), GRAMMAR, seed=7, max_total_tokens=limit)
    assert tokens(list(limited)) == tokens(many)[:fitting]


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=0.5, top_k=4)], ids=["plain", "sharpened"])
def test_logprobs_and_value_are_what_predict_says_along_the_way(policy: Policy, sampling: Sampling) -> None:
    for completion in policy.complete(Stream(PROMPT), 20, sampling, GRAMMAR, seed=3):
        streams = [Stream([*PROMPT, *completion.tokens[:place]]) for place in range(len(completion.tokens) + 1)]
        prediction = policy.predict(streams)
        logits = prediction.logits[:-1] / sampling.temperature
        logits[:, ~GRAMMAR.legal] = -np.inf
        if sampling.top_k:
            logits[logits < np.sort(logits)[:, -sampling.top_k, None]] = -np.inf
        wanted = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))[
            np.arange(len(logits)), completion.tokens
        ]
        wanted[GRAMMAR.max_tokens - 1 :] = 0

        np.testing.assert_allclose(completion.logprobs, wanted, atol=1e-4)
        np.testing.assert_allclose(completion.value, prediction.value[-1], atol=1e-4)


def test_temperature_zero_writes_one_completion(policy: Policy) -> None:
    written = tokens(list(policy.complete(Stream(PROMPT), 5, Sampling(temperature=0), GRAMMAR, seed=0)))

    assert written == [written[0]] * 5


def test_predict_answers_every_stream_in_order(policy: Policy) -> None:
    streams = [Stream(PROMPT), Stream(), Stream([2, 2])]
    together = policy.predict(streams)

    assert together.logits.shape == (3, SIZE)
    for row, stream in enumerate(streams):
        alone = policy.predict([Stream(stream.all_tokens())])
        np.testing.assert_allclose(together.logits[row], alone.logits[0], atol=1e-5)
        np.testing.assert_allclose(together.value[row], alone.value[0], atol=1e-5)


def test_no_streams_get_no_answers(policy: Policy) -> None:
    prediction = policy.predict([])

    assert (prediction.logits.shape, prediction.value.shape) == ((0, SIZE), (0,))

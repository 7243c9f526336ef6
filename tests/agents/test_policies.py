"""What every policy promises of its completions, whoever it is."""

from pathlib import Path

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.engine import Voice
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Policy, Sampling
from alphakata.envs.types import Phrase

SIZE, END = 12, 2
PROMPT = [3, 1, 4, 1, 5]


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


OPENINGS = ((0, 3), (5,), (0, 3, 0, 6, 6))


def test_each_sample_begins_with_one_of_the_openings_and_goes_on_from_it(policy: Policy) -> None:
    grammar = Phrase(GRAMMAR.legal, END, 9, OPENINGS[::2])
    completions = list(policy.complete(Stream(PROMPT), 300, Sampling(), grammar, seed=5))
    long = [c for c in completions if c.tokens[:5].tolist() == [0, 3, 0, 6, 6]]

    assert all(c.tokens[:2].tolist() == [0, 3] for c in completions)
    assert 100 < len(long) < 200
    assert len({c.tokens.tobytes() for c in long}) > 10
    for completion in long[:5]:
        assert completion.logprobs[:5].tolist() == [0] * 5
        read = Stream([*PROMPT, *completion.tokens.tolist()])
        np.testing.assert_allclose(completion.value, policy.predict([read]).value[0], atol=1e-4)
        logits = policy.predict([Stream([*PROMPT, 0, 3, 0, 6, 6])]).logits[0][GRAMMAR.legal]
        wanted = logits[np.flatnonzero(GRAMMAR.legal) == completion.tokens[5]] - np.logaddexp.reduce(logits)
        np.testing.assert_allclose(completion.logprobs[5], wanted[0], atol=1e-4)


def test_an_opening_depends_on_the_seed_and_the_samples_number_alone(policy: Policy) -> None:
    grammar = Phrase(GRAMMAR.legal, END, 9, OPENINGS)
    many = tokens(list(policy.complete(Stream(PROMPT), 300, Sampling(), grammar, seed=5)))

    assert tokens(list(policy.complete(Stream(PROMPT), 3, Sampling(), grammar, seed=5))) == many[:3]
    assert tokens(list(policy.complete(Stream(PROMPT), 3, Sampling(), grammar, seed=6))) != many[:3]


@pytest.mark.parametrize(
    "opening",
    [(0, 1), (0, END, 3), (0,) * 9, (), (0, SIZE), (0, -1)],
    ids=["illegal", "closed", "too long", "empty", "too great", "negative"],
)
def test_an_opening_that_begins_nothing_is_refused(policy: Policy, opening: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="begins no completion of at most 9"):
        policy.complete(Stream(PROMPT), 1, Sampling(), Phrase(GRAMMAR.legal, END, 9, (opening,)), seed=0)


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

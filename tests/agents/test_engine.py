import gc
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from alphakata.agents import memory
from alphakata.agents.engine import Engine, Voice
from alphakata.agents.networks import Network, notes_of
from alphakata.agents.packed import Packed
from alphakata.agents.stream import Stream
from alphakata.agents.types import Sampling
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.types import Phrase


def full_forward(model: Network, vocabulary: Vocabulary, stream: Stream) -> tuple[NDArray[np.float32], float]:
    """Returns logits and value at the end of `stream`, by one pass over all of it."""
    words = vocabulary.dialects["words"]
    row = torch.tensor([[words.start, *(stream.all_tokens() + words.first).tolist()]])
    with torch.no_grad():
        last = model(row, torch.arange(row.shape[1])[None], torch.zeros_like(row))[0, -1]
        return model.logits(last)[words.first : words.first + words.size].numpy(), model.value(last).item()


def slot_bytes(model: Network) -> int:
    """Returns what a memory needs for a token."""
    packed = Packed("float32")
    return notes_of(model, packed, packed).slot_bytes


def random_tree(rng: np.random.Generator, size: int) -> list[Stream]:
    """Returns streams of which each continues an earlier one."""
    streams = [Stream()]
    while len(streams) < size:
        parent = streams[rng.integers(len(streams))]
        if parent.length < 50:
            streams.append(parent.then(rng.integers(0, 12, rng.integers(1, 12), dtype=np.int32)))
    return streams


@pytest.mark.parametrize("seed", range(3))
def test_a_tree_read_piecemeal_is_what_one_pass_reads(
    model: Network, vocabulary: Vocabulary, voice: Voice, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    streams = random_tree(rng, 60)
    for _ in range(12):
        asked = [streams[i] for i in rng.integers(len(streams), size=rng.integers(1, 9))]
        prediction = voice.predict(asked)
        for stream, logits, value in zip(asked, prediction.logits, prediction.value, strict=True):
            wanted_logits, wanted_value = full_forward(model, vocabulary, stream)
            np.testing.assert_allclose(logits, wanted_logits, atol=1e-5, rtol=1e-5)
            np.testing.assert_allclose(value, wanted_value, atol=1e-5, rtol=1e-5)
        streams = [stream for stream in streams if rng.random() < 0.8] or random_tree(rng, 60)
        del asked, stream


def test_each_token_of_a_tree_is_read_once(voice: Voice) -> None:
    root = Stream([0, 1])
    left, right = root.then([2]), root.then([3, 4]).then([5])
    voice.predict([left, right, left])
    voice.predict([right, root, right])
    assert voice.memory.num_tokens == 6

    further = right.then([6])
    voice.predict([further])
    assert voice.memory.num_tokens == 7


@pytest.mark.parametrize("seed", range(3))
def test_a_memory_too_small_for_the_tree_says_the_same(model: Network, vocabulary: Vocabulary, seed: int) -> None:
    small = Engine(model, vocabulary, "cpu", memory_bytes=90 * slot_bytes(model))
    voice, rng = small.speak(vocabulary.dialects["words"]), np.random.default_rng(seed)
    streams = random_tree(rng, 60)
    for _ in range(25):
        asked = [streams[i] for i in rng.integers(len(streams), size=rng.integers(1, 9))]
        prediction = voice.predict(asked)
        for stream, logits in zip(asked, prediction.logits, strict=True):
            wanted, _ = full_forward(model, vocabulary, stream)
            np.testing.assert_allclose(logits, wanted, atol=1e-5, rtol=1e-5)
        assert voice.memory.num_slots <= 90
        streams = [stream for stream in streams if rng.random() < 0.95] or random_tree(rng, 60)
        del asked, stream


def test_what_was_longest_not_asked_for_is_forgotten_first(model: Network, vocabulary: Vocabulary) -> None:
    small = Engine(model, vocabulary, "cpu", memory_bytes=56 * slot_bytes(model))
    voice = small.speak(vocabulary.dialects["words"])
    root = Stream([1] * 10)
    held = [root.then([i] * 10) for i in range(5)]
    for stream in held[:4]:
        voice.predict([stream])
    voice.predict([held[0]])
    before = voice.memory.num_tokens
    voice.predict([held[4]])

    assert before == 50
    assert [voice.memory.remembers(stream) for stream in [root, *held]] == [True, True, False, True, True, True]


def test_a_completion_of_a_forgotten_prompt_is_the_same(model: Network, vocabulary: Vocabulary, voice: Voice) -> None:
    small = Engine(model, vocabulary, "cpu", memory_bytes=40 * slot_bytes(model))
    forgetful, prompt, other = small.speak(vocabulary.dialects["words"]), Stream([3, 1, 4]), Stream([2] * 36)
    forgetful.predict([prompt])
    forgetful.predict([other])
    grammar = Phrase(np.ones(12, np.bool_), 2, 8)
    assert not forgetful.memory.remembers(prompt)

    written = [each.complete(prompt, 20, Sampling(), grammar, seed=0) for each in (voice, forgetful)]
    assert [c.tokens.tolist() for c in written[0]] == [c.tokens.tolist() for c in written[1]]


def test_a_memory_that_cannot_hold_a_stream_says_what_would(model: Network, vocabulary: Vocabulary) -> None:
    size = slot_bytes(model)
    voice = Engine(model, vocabulary, "cpu", memory_bytes=20 * size).speak(vocabulary.dialects["words"])
    with pytest.raises(ValueError, match=f"a memory of 18: raise memory_bytes to {32 * size} or more"):
        voice.predict([Stream([1] * 30)])
    with pytest.raises(ValueError, match=f"holds 3 tokens of {size} bytes, at least 16"):
        Engine(model, vocabulary, "cpu", memory_bytes=3 * size).speak(vocabulary.dialects["words"])


def test_what_nobody_holds_is_forgotten(voice: Voice) -> None:
    root = Stream([0, 1, 2])
    leaf = root.then([3, 4])
    voice.predict([leaf, root.then([5])])
    gc.collect()
    assert voice.memory.num_tokens == 5

    del leaf
    gc.collect()
    assert voice.memory.num_tokens == 3


def test_a_stream_keeps_no_network_alive(model: Network, vocabulary: Vocabulary) -> None:
    voice, stream = Engine(model, vocabulary, "cpu").speak(vocabulary.dialects["words"]), Stream([1, 2])
    voice.predict([stream])
    alive = weakref.ref(voice.memory)
    del voice
    gc.collect()
    assert alive() is None
    assert stream.length == 2


def test_a_reading_that_fails_leaves_its_room(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    kept = Stream([1])
    voice.predict([kept])
    with monkeypatch.context() as broken:
        broken.setattr(voice.memory._notes, "read", fail)
        with pytest.raises(MemoryError):
            voice.predict([Stream([2] * 9)])
        with pytest.raises(MemoryError):
            voice.glance(np.ones((2, 5), np.int32))
    assert voice.memory.num_tokens == 1


def test_forgotten_room_is_used_again(voice: Voice) -> None:
    for _ in range(50):
        voice.predict([Stream([1] * 40)])

    assert voice.memory.num_slots < 200


def test_a_long_reading_in_portions_is_the_same_reading(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [node.all_tokens() for node in random_tree(np.random.default_rng(0), 30)]
    whole = voice.predict([Stream(text) for text in tokens])
    monkeypatch.setattr(memory, "PASS_TOKENS", 20)

    np.testing.assert_allclose(voice.predict([Stream(text) for text in tokens]).logits, whole.logits, atol=1e-5)


@pytest.mark.parametrize("rows", [3, 40])
def test_a_glance_is_a_prediction_that_leaves_nothing_behind(voice: Voice, rows: int) -> None:
    tokens = np.random.default_rng(rows).integers(0, 12, (rows, 9), dtype=np.int32)
    kept = Stream([1, 2])
    wanted = voice.predict([Stream(row) for row in tokens])
    voice.predict([kept])

    found = voice.glance(tokens)

    np.testing.assert_array_equal(found.logits, wanted.logits)
    np.testing.assert_array_equal(found.value, wanted.value)
    assert voice.memory.num_tokens == 2
    assert voice.memory.remembers(kept)


def test_a_glance_takes_what_room_there_is(model: Network, vocabulary: Vocabulary, voice: Voice) -> None:
    size = slot_bytes(model)
    tokens = np.random.default_rng(0).integers(0, 12, (40, 9), dtype=np.int32)
    narrow = Engine(model, vocabulary, "cpu", memory_bytes=20 * size).speak(vocabulary.dialects["words"])

    np.testing.assert_allclose(narrow.glance(tokens).logits, voice.glance(tokens).logits, atol=1e-5)
    assert narrow.memory.num_slots <= 20
    with pytest.raises(ValueError, match=f"a memory of 18: raise memory_bytes to {32 * size} or more"):
        narrow.glance(np.ones((2, 30), np.int32))


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
def test_a_stream_gets_the_same_bits_in_any_company(voice: Voice) -> None:
    rows, product = torch.randn(64, 32, generator=torch.Generator().manual_seed(0)), Packed("float32").product
    alike = [torch.equal(multiply(rows, rows)[:16], multiply(rows[:16], rows)) for multiply in (product, F.linear)]
    if not all(alike):
        pytest.skip("this machine's matrix library rounds a row differently among more rows")
    streams = random_tree(np.random.default_rng(0), 64)
    together = voice.predict([Stream(stream.all_tokens()) for stream in streams])

    for row, stream in enumerate(streams):
        alone = voice.predict([Stream(stream.all_tokens())])
        assert alone.logits.tolist() == together.logits[[row]].tolist()
        assert alone.value.tolist() == together.value[[row]].tolist()


def test_long_completions_outgrow_their_first_room(model: Network, vocabulary: Vocabulary, voice: Voice) -> None:
    legal = np.arange(12) != 2
    prompt = Stream([3, 1])
    (completion,) = voice.complete(prompt, 1, Sampling(), Phrase(legal, 2, 60), seed=0)

    assert len(completion.tokens) == 60
    _, value = full_forward(model, vocabulary, prompt.then(completion.tokens))
    assert completion.value == pytest.approx(value, abs=1e-4)


def test_training_goes_on_without_reaching_the_engine(model: Network, vocabulary: Vocabulary) -> None:
    voice = Engine(model, vocabulary, "cpu").speak(vocabulary.dialects["words"])
    before = voice.predict([Stream([1])]).logits
    with torch.no_grad():
        model.embedding.zero_()

    np.testing.assert_array_equal(voice.predict([Stream([1])]).logits, before)


def test_a_token_costs_two_operations_a_parameter(model: Network, voice: Voice) -> None:
    assert voice.flops_per_token == 2 * model.num_parameters


def test_a_stream_too_long_to_read_is_refused(voice: Voice) -> None:
    voice.predict([Stream([1] * 63)])

    with pytest.raises(ValueError, match="a stream of 64 tokens is too long for this network, which reads 63"):
        voice.predict([Stream([1] * 64)])


def test_a_completion_that_could_become_too_long_is_refused(voice: Voice) -> None:
    with pytest.raises(ValueError, match="a prompt of 60 tokens and a completion of up to 4 are too long"):
        voice.complete(Stream([1] * 60), 1, Sampling(), Phrase(np.ones(12, dtype=np.bool_), 2, 4), seed=0)


def test_a_vocabulary_of_another_size_is_refused(model: Network) -> None:
    with pytest.raises(ValueError, match="the network knows 19 tokens, the vocabulary 6"):
        Engine(model, Vocabulary.of({"moves": (5, "a1")}))

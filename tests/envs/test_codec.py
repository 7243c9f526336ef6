"""Codecs give back what they were given, name what they cannot take, and come back from their files."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphakata.envs.codec import BpeCodec, WordCodec, codec_from_json
from alphakata.envs.types import Codec

PROGRAM = "def solve(values):\n    total = 0\n    for value in values:\n        total += value\n    return total\n"
TRAINED = BpeCodec.train("text", [PROGRAM] * 3, 320)


def test_words_are_numbered_in_the_order_given() -> None:
    codec = WordCodec("nim", ["take1", "take2"])
    assert codec.encode("take2 take1").tolist() == [1, 0]
    assert codec.decode([1, 0]) == "take2 take1"


def test_an_unknown_word_is_named_beside_the_words_there_are() -> None:
    with pytest.raises(ValueError, match=r"'nim' has no word 'take3'; it has 2: take1 take2"):
        WordCodec("nim", ["take1", "take2"]).encode("take1 take3")


@pytest.mark.parametrize("words", [["a", "a"], ["a b"], [""]])
def test_words_that_could_not_be_read_back_are_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match="codec 'bad'"):
        WordCodec("bad", words)


@pytest.mark.parametrize("codec", [WordCodec("nim", ["a"]), BpeCodec.bytes("text")])
@pytest.mark.parametrize("token", [-1, 257])
def test_a_token_out_of_range_has_no_text(codec: Codec, token: int) -> None:
    with pytest.raises(ValueError, match=f"token {token} is none of codec"):
        codec.decode([token])


@settings(deadline=None)
@given(st.text())
def test_every_text_comes_back_and_never_holds_the_end(text: str) -> None:
    for codec in (TRAINED, BpeCodec.bytes("text")):
        tokens = codec.encode(text)
        assert codec.decode(tokens.tolist()) == text
        assert codec.end not in tokens


@pytest.mark.parametrize("text", ["<end>", "\r\n\t x\n\n\n    y", "１２ ½ _a1", "\x00\x85\u2028"])
def test_texts_with_a_catch_come_back(text: str) -> None:
    assert TRAINED.decode(TRAINED.encode(text).tolist()) == text


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        TRAINED.encode("\ud800")


def test_the_end_is_the_last_token_and_reads_as_nothing() -> None:
    codec = BpeCodec.bytes("text")
    assert (codec.size, codec.end) == (257, 256)
    assert codec.decode([*codec.encode("ok"), codec.end]) == "ok"


def test_a_line_break_and_its_indentation_can_be_one_token() -> None:
    pieces = [TRAINED.decode([token]) for token in TRAINED.encode(PROGRAM)]
    assert "\n    " in pieces
    assert "\n        " in pieces


def test_digits_are_never_merged() -> None:
    codec = BpeCodec.train("text", ["100 100 100 100"], 300)
    assert [codec.decode([token]) for token in codec.encode("100 100")] == ["1", "0", "0", " 1", "0", "0"]


def test_training_gives_the_same_codec_every_time() -> None:
    assert BpeCodec.train("text", [PROGRAM] * 3, 320).fingerprint() == TRAINED.fingerprint()


def test_a_codec_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="256 bytes and the end need 257"):
        BpeCodec.train("text", [PROGRAM], 256)


@pytest.mark.parametrize("codec", [WordCodec("nim", ["take1", "take2"]), TRAINED])
def test_a_codec_comes_back_from_its_json(codec: WordCodec | BpeCodec) -> None:
    restored = codec_from_json(codec.to_json())
    assert (restored.name, restored.size, restored.fingerprint()) == (codec.name, codec.size, codec.fingerprint())
    assert restored.encode("take1").tolist() == codec.encode("take1").tolist()


def test_what_no_codec_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="a codec is written"):
        codec_from_json('{"name": "nim"}')


@pytest.mark.parametrize("merge", [["a", "never made"], [1, 2]])
def test_a_merge_of_what_was_never_made_is_refused_by_name(merge: list[object]) -> None:
    with pytest.raises(ValueError, match=f"codec 'bad': merge {merge[0]!r} \\+ {merge[1]!r} joins what no"):
        codec_from_json(json.dumps({"name": "bad", "merges": [merge]}))


def test_fingerprints_tell_apart_what_means_something_else() -> None:
    codecs: list[Codec] = [WordCodec("a", ["x", "y"]), WordCodec("a", ["y", "x"]), TRAINED, BpeCodec.bytes("a")]
    assert len({codec.fingerprint() for codec in codecs}) == 4
    assert WordCodec("b", ["x", "y"]).fingerprint() == codecs[0].fingerprint()

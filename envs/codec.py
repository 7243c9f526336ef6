"""Codecs: words for games, byte-level BPE for text and code.

Both are restored by `codec_from_json` from what their `to_json` wrote, and that text lies beside every checkpoint.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

# What BPE may merge: a line break with the indentation after it, a word or a sign with the blank before it, one digit.
# Digits stay apart so that a number reads the same wherever it stands.
_PIECES = r"\n+[ \t]*| ?[^\W\d]+| ?\d| ?[^\s\w]+|[ \t]+"


class WordCodec:
    """One word a token, numbered in the order given.

    Attributes:
        name: the dialect.
        size: how many words.
        words: token to word.
    """

    def __init__(self, name: str, words: Iterable[str]) -> None:
        self.name = name
        self.words = tuple(words)
        self.size = len(self.words)
        self._tokens = {word: token for token, word in enumerate(self.words)}
        if len(self._tokens) < self.size:
            twice = sorted({word for word in self.words if self.words.count(word) > 1})
            raise ValueError(f"codec {name!r} holds {twice} more than once; every word needs a token of its own")
        if unreadable := [word for word in self.words if word.split() != [word]]:
            raise ValueError(f"codec {name!r}: {unreadable} are empty or hold blanks, which part words from each other")

    def encode(self, text: str) -> NDArray[np.int32]:
        """Returns the `[T]` tokens of the words of `text`; ValueError names the first unknown one."""
        try:
            return np.array([self._tokens[word] for word in text.split()], dtype=np.int32)
        except KeyError as unknown:
            shown = " ".join(self.words[:40]) + (" ..." if self.size > 40 else "")
            raise ValueError(f"codec {self.name!r} has no word {unknown}; it has {self.size}: {shown}") from None

    def decode(self, tokens: Sequence[int]) -> str:
        """Returns the words of `tokens` with a blank between; ValueError if one is out of range."""
        return " ".join(self.words[token] for token in _in_range(self.name, self.size, tokens))

    def fingerprint(self) -> str:
        """Returns a short hash of the words in their order."""
        return _short_hash(["words", *self.words])

    def to_json(self) -> str:
        """Returns what `codec_from_json` restores this codec from."""
        return json.dumps({"name": self.name, "words": self.words})


class BpeCodec:
    """Byte-level BPE: every text has tokens, and they give exactly that text back.

    The last token, `end`, closes a text. It is never written by `encode` and read by `decode` as nothing.

    Attributes:
        name: the dialect.
        size: the 256 bytes, what the merges made of them, and `end`.
        end: the token that closes a text.
    """

    def __init__(self, name: str, merges: Sequence[tuple[str, str]] = ()) -> None:
        self.name = name
        self._merges = [(left, right) for left, right in merges]
        vocabulary = {piece: token for token, piece in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
        for left, right in self._merges:
            if left not in vocabulary or right not in vocabulary:
                made = "bytes and the merges before it make"
                raise ValueError(f"codec {name!r}: merge {left!r} + {right!r} joins what no {made}; restore its file")
            vocabulary.setdefault(left + right, len(vocabulary))
        self._tokenizer = _byte_level(models.BPE(vocab=vocabulary, merges=self._merges))
        self.end = len(vocabulary)
        self.size = self.end + 1

    @classmethod
    def bytes(cls, name: str) -> "BpeCodec":
        """Returns the codec without merges: one token a byte, and `end`."""
        return cls(name)

    @classmethod
    def train(cls, name: str, texts: Iterable[str], size: int) -> "BpeCodec":
        """Returns the codec of at most `size` tokens whose merges are the commonest in `texts`, the same every time.

        Raises:
            ValueError: if `size` leaves no room for the bytes and `end`.
        """
        if size < 257:
            raise ValueError(f"codec {name!r} of {size} tokens: 256 bytes and the end need 257")
        tokenizer = _byte_level(models.BPE())
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=size - 1, initial_alphabet=alphabet, show_progress=False)
        tokenizer.train_from_iterator(texts, trainer)
        return cls(name, [(left, right) for left, right in json.loads(tokenizer.to_str())["model"]["merges"]])

    def encode(self, text: str) -> NDArray[np.int32]:
        """Returns the `[T]` tokens of `text`; ValueError where it holds half a surrogate pair, which is no text."""
        text.encode()
        return np.array(self._tokenizer.encode(text).ids, dtype=np.int32)

    def decode(self, tokens: Sequence[int]) -> str:
        """Returns the text of `tokens`, U+FFFD for bytes that are no UTF-8; ValueError if one is out of range."""
        ids = [token for token in _in_range(self.name, self.size, tokens) if token != self.end]
        return str(self._tokenizer.decode(ids, skip_special_tokens=False))

    def fingerprint(self) -> str:
        """Returns a short hash of the merges and of what they may merge."""
        return _short_hash(["bpe", _PIECES, self._merges])

    def to_json(self) -> str:
        """Returns what `codec_from_json` restores this codec from."""
        return json.dumps({"name": self.name, "merges": self._merges})


def codec_from_json(text: str) -> WordCodec | BpeCodec:
    """Returns the codec whose `to_json` wrote `text`; ValueError where none did."""
    match json.loads(text):
        case {"name": str(name), "words": list(words)}:
            return WordCodec(name, words)
        case {"name": str(name), "merges": list(merges)}:
            return BpeCodec(name, [(left, right) for left, right in merges])
    raise ValueError(f'a codec is written {{"name": ..., "words" or "merges": [...]}}, found {text[:80]}')


def _byte_level(model: models.Model) -> Tokenizer:
    """Returns a tokenizer whose pieces are cut before their bytes are."""
    tokenizer = Tokenizer(model)
    pieces = pre_tokenizers.Split(Regex(_PIECES), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pieces, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _in_range(name: str, size: int, tokens: Sequence[int]) -> list[int]:
    """Returns `tokens` as ints."""
    numbers = [int(token) for token in tokens]
    for token in numbers:
        if not 0 <= token < size:
            raise ValueError(f"token {token} is none of codec {name!r}, which has 0 to {size - 1}")
    return numbers


def _short_hash(content: list[object]) -> str:
    """Returns 12 hexadecimal digits that stand for `content`."""
    return sha256(json.dumps(content).encode()).hexdigest()[:12]

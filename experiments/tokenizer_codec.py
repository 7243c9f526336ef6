"""The tokens of a language model's own tokenizer, so that a world can speak as the model was taught to read."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..envs.codec import BpeCodec


class TokenizerCodec(BpeCodec):
    """A tokenizer of `transformers` in the words of a codec. It is a `BpeCodec` because contests ask for one.

    Tokens are numbered as in the tokenizer, but for one pair: `end` is the last token, as every text codec has it, so
    it and the tokenizer's mark of an end change places.

    Attributes:
        ids: `[V]` the tokenizer's number of each token.
        written: `[V]` bool, tokens that stand for text, and `end`.
        opening: the tokenizer's numbers before every text.

    Raises:
        ValueError: if the tokenizer has no mark for the end of a text.
    """

    def __init__(self, name: str, tokenizer: Any) -> None:
        known: dict[str, int] = tokenizer.get_vocab()
        if tokenizer.eos_token_id is None:
            raise ValueError(
                f"the tokenizer {tokenizer.name_or_path} has no token that ends a text (eos_token), so no "
                "program would end: add one to its tokenizer_config.json"
            )
        self.name, self._reader, self._known = name, tokenizer, known
        self.size = max(known.values()) + 1
        self.end = self.size - 1
        self.ids = np.arange(self.size, dtype=np.int64)
        self.ids[[self.end, tokenizer.eos_token_id]] = tokenizer.eos_token_id, self.end
        special = {*tokenizer.all_special_ids} - {tokenizer.eos_token_id}
        stands = np.isin(self.ids, [*known.values()]) & ~np.isin(self.ids, [*special])
        self.written: NDArray[np.bool_] = stands
        self.opening = _opening(tokenizer)

    def encode(self, text: str) -> NDArray[np.int32]:
        """Returns the `[T]` tokens of `text`."""
        ids = self._reader.encode(text, add_special_tokens=False)
        # The pair that changed places is its own inverse.
        return self.ids[np.array(ids, dtype=np.int64)].astype(np.int32)

    def decode(self, tokens: Sequence[int]) -> str:
        """Returns the text of `tokens`, its marks read as nothing; ValueError if one is out of range."""
        numbers = np.array([*tokens], dtype=np.int64)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < self.size:
            raise ValueError(f"tokens from {numbers.min()} to {numbers.max()}; codec {self.name!r} has {self.size}")
        return str(self._reader.decode(self.ids[numbers].tolist(), skip_special_tokens=True))

    def fingerprint(self) -> str:
        """Returns a short hash of the vocabulary."""
        return sha256(repr(sorted(self._known.items())).encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """Raises ValueError: a model's tokenizer lies beside the model, not beside our checkpoints."""
        raise ValueError(
            f"{self._reader.name_or_path} is the tokenizer of an imported model, which is not trained here"
        )


def _opening(tokenizer: Any) -> tuple[int, ...]:
    """Returns what the tokenizer puts before a text: a mark of its beginning, or nothing."""
    plain, marked = (tokenizer.encode("a", add_special_tokens=marks) for marks in (False, True))
    return tuple(marked[: marked.index(plain[0])])

"""The joint vocabulary: each dialect's tokens side by side, each with a token that opens a stream in it.

A dialect numbers its tokens from 0; the network numbers all of them. `Dialect` is the border between the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect's place in the joint vocabulary.

    Attributes:
        name: the codec's name.
        start: joint token that opens a stream; the dialect's token 0 is `start + 1`.
        size: tokens of the dialect, the opening one not counted.
        fingerprint: the codec's; equal exactly where every token means the same.
    """

    name: str
    start: int
    size: int
    fingerprint: str

    @property
    def first(self) -> int:
        """The joint token of the dialect's token 0."""
        return self.start + 1


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All dialects, in a fixed order.

    Attributes:
        dialects: name to place.
    """

    dialects: Mapping[str, Dialect]

    @staticmethod
    def of(codecs: Mapping[str, tuple[int, str]]) -> "Vocabulary":
        """Returns the vocabulary that lays `(size, fingerprint)` codecs out one after another, in the order given."""
        dialects, start = {}, 0
        for name, (size, fingerprint) in codecs.items():
            dialects[name] = Dialect(name, start, size, fingerprint)
            start += size + 1
        return Vocabulary(dialects)

    @property
    def size(self) -> int:
        """Joint tokens in all."""
        return sum(dialect.size + 1 for dialect in self.dialects.values())

    def dialect(self, name: str, size: int, fingerprint: str) -> Dialect:
        """Returns the dialect `name`; ValueError, both sides named, where it is missing or means something else."""
        if name not in self.dialects:
            raise ValueError(
                f"this policy speaks {', '.join(self.dialects) or 'nothing'}, not {name!r}: "
                "train it on that world too, or load a checkpoint that was"
            )
        dialect = self.dialects[name]
        if (dialect.size, dialect.fingerprint) != (size, fingerprint):
            raise ValueError(
                f"the policy's {name!r} has {dialect.size} tokens and fingerprint {dialect.fingerprint}, the world's "
                f"has {size} and {fingerprint}: build the world with the codec saved beside the checkpoint"
            )
        return dialect

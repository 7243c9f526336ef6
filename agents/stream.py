"""What one player has read and written, as an immutable linked list of token segments.

Branches share their parents, so the prefix tree is the object graph: whoever holds a stream keeps its prefixes
alive. What a reader wants to remember of a node it hangs on the node, and it goes when nobody holds the node any more.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Stream:
    """A node of the prefix tree; two streams are the same only if they are the same object.

    Attributes:
        parent: the stream this one continues; None for an empty stream.
        tokens: `[T]` int32, what this node adds.
        length: tokens from the beginning to the end of this node.
        notes: what readers remember of this node, by keys of theirs; it stays as long as the node, so no key should be
            a reader itself.
    """

    __slots__ = ("length", "notes", "parent", "tokens")

    def __init__(self, tokens: Sequence[int] | NDArray[np.int32] = (), parent: "Stream | None" = None) -> None:
        self.parent = parent
        self.tokens: NDArray[np.int32] = np.asarray(tokens, dtype=np.int32)
        self.length: int = len(self.tokens) + (parent.length if parent is not None else 0)
        self.notes: dict[object, Any] = {}

    def then(self, tokens: Sequence[int] | NDArray[np.int32]) -> "Stream":
        """Returns a new stream that continues this one; this one itself where `tokens` is empty."""
        return Stream(tokens, self) if len(tokens) else self

    def path(self) -> Iterator["Stream"]:
        """Yields the nodes from this one up to the first."""
        node: Stream | None = self
        while node is not None:
            yield node
            node = node.parent

    def all_tokens(self) -> NDArray[np.int32]:
        """Returns `[length]` int32, everything from the beginning."""
        return np.concatenate([node.tokens for node in reversed(list(self.path()))])

    def __repr__(self) -> str:
        return f"Stream({self.all_tokens().tolist()})"

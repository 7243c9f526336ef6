"""What a network remembers of the streams it read: every token once, for as long as somebody holds its stream.

A slot holds what reading one token left behind, which depends on the trunk: its *notes*. A stream's node owns the slots
of the tokens it adds and knows the slots of its whole path, so branches share their prefix without a copy. When the
node dies its slots are free again; where a budget of bytes is reached, what was longest not asked for goes first.

Shapes: `B` streams, `N` new tokens of a call, `S` slots, `D` model width.
"""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .stream import Stream
from .writing import Pages

Integers = NDArray[np.int64]
Slots = Integers
FEWEST_ROWS = 16
"""Matrix libraries have kernels of their own, with other rounding, for fewer rows than this."""
PASS_TOKENS = 8192
"""Tokens read in one pass at most, to bound what a pass needs."""
SPARE = 0
"""The slot that no node owns; its notes stay 0."""


class Notes(Protocol):
    """What a trunk keeps of each token, by slot."""

    states: Tensor
    """`[S, D]`, the final states."""
    slot_bytes: int
    """What a token takes."""

    def grow(self, size: int) -> None:
        """Makes room for `size` tokens in all, keeping what is there; new room is 0."""
        ...

    def read(self, tokens: Integers, slots: Slots, paths: list[Slots], counts: Integers) -> None:
        """Reads the last `counts` tokens of each path: joint `tokens [N]` into `slots [N]`, parents before children."""
        ...

    def pages(self, path: Slots, legal: Tensor, first: int) -> Callable[[int], Pages]:
        """Returns what makes so many copies of what was read along `path`, to write `legal` joint tokens."""
        ...


@dataclass(slots=True, eq=False)
class _Entry:
    """What is known of a node.

    Attributes:
        path: the slots from the opening token to its end.
        count: of them, the last are its own.
        above: what is known of its parent, None where it has none.
        depth: nodes above it.
        used: when it was last asked for.
    """

    path: Slots
    count: int
    above: "_Entry | None"
    depth: int
    used: int


class _Hold:
    """What hangs on a node that was read: when the node dies, its slots are free. It keeps no memory alive."""

    __slots__ = ("entry", "memory")

    def __init__(self, entry: _Entry, memory: "weakref.ref[Memory]") -> None:
        self.entry, self.memory = entry, memory

    def __del__(self) -> None:
        if (memory := self.memory()) is not None:
            memory.forget(self.entry)


class Memory:
    """The memory of one dialect's streams.

    Args:
        notes: what the trunk keeps, empty.
        start: the joint token that opens each stream.
        longest: tokens of the longest stream the network reads.
        memory_bytes: the most that notes may take.

    Raises:
        ValueError: if not even a few tokens fit.
    """

    def __init__(self, notes: Notes, start: int, longest: int, memory_bytes: int) -> None:
        self._notes, self._first, self._longest = notes, start + 1, longest
        notes.grow(FEWEST_ROWS)
        self._most = memory_bytes // notes.slot_bytes
        if self._most < FEWEST_ROWS:
            raise ValueError(
                f"memory_bytes {memory_bytes} holds {self._most} tokens of {notes.slot_bytes} bytes, at least "
                f"{FEWEST_ROWS} are wanted: allow {FEWEST_ROWS * notes.slot_bytes} or more"
            )
        self._free = list(range(SPARE + 1, FEWEST_ROWS))
        # In the order of reading, which decides between what was asked for last at the same time.
        self._entries: dict[_Entry, None] = {}
        self._reader, self._self = object(), weakref.ref(self)
        self._clock = 0
        self._opening = self._allocate(1)
        notes.read(np.array([start]), self._opening, [self._opening], np.array([1]))

    @property
    def num_slots(self) -> int:
        """Tokens there is room for; it doubles as it is needed, up to the budget."""
        return len(self._notes.states)

    @property
    def num_tokens(self) -> int:
        """Tokens remembered now, the opening one not counted."""
        return self.num_slots - len(self._free) - 2

    def remembers(self, stream: Stream) -> bool:
        """Returns True where `stream` need not be read again."""
        hold = stream.notes.get(self._reader)
        return hold is not None and hold.entry in self._entries

    def read(self, streams: Sequence[Stream]) -> Tensor:
        """Returns `[B, D]`, the final state of each stream, having read what was new or forgotten.

        Raises:
            ValueError: if a stream is longer than the network can read, or than the budget can hold.
        """
        states = [self._notes.states[:0]]
        for asked, fresh in self._portions(streams):
            self._clock += 1
            self._learn(fresh, asked)
            entries = [self._entry(stream) for stream in asked]
            for entry in entries:
                entry.used = self._clock
            ends = np.array([entry.path[-1] for entry in entries])
            states.append(self._notes.states[torch.from_numpy(ends).to(states[0].device)])
        return torch.cat(states)

    def glance(self, tokens: NDArray[np.int32]) -> Tensor:
        """Returns `[B, D]`, the final states of streams of `[B, T]` tokens, none of which is remembered.

        Raises:
            ValueError: as `read`.
        """
        length = tokens.shape[1]
        self._refuse_too_long(length)
        states, rows = [self._notes.states[:0]], max(1, min(PASS_TOKENS, self._most - 2) // max(1, length))
        for part in (tokens[first : first + rows] for first in range(0, len(tokens), rows)):
            self._make_room(part.size, ())
            slots = self._allocate(part.size).reshape(part.shape)
            with self._lent(slots):
                paths = np.insert(slots, 0, self._opening, axis=1)
                joint = part.ravel().astype(np.int64) + self._first
                self._notes.read(joint, slots.ravel(), list(paths), np.full(len(part), length))
                ends = torch.from_numpy(paths[:, -1]).to(states[0].device)
                states.append(self._notes.states[ends])
        return torch.cat(states)

    def pages(self, stream: Stream, legal: Integers) -> Callable[[int], Pages]:
        """Returns what makes so many copies of `stream`, to write `legal` tokens of the dialect."""
        self.read([stream])
        joint = torch.from_numpy(legal + self._first).to(self._notes.states.device)
        return self._notes.pages(self._entry(stream).path, joint, self._first)

    def _entry(self, stream: Stream) -> _Entry:
        """Returns what is known of a node that is remembered."""
        entry: _Entry = stream.notes[self._reader].entry
        return entry

    def forget(self, entry: _Entry) -> None:
        """Gives a node's slots back, once."""
        if entry in self._entries:
            del self._entries[entry]
            self._free.extend(entry.path[len(entry.path) - entry.count :].tolist())

    def _portions(self, streams: Sequence[Stream]) -> Iterator[tuple[list[Stream], list[Stream]]]:
        """Yields `streams` in order, as many as a pass and the budget hold, and what of them must be read.

        Parents stand before children. What was yielded must be learnt before the next is taken.
        """
        asked: list[Stream] = []
        fresh: dict[Stream, None] = {}
        tokens = length = 0
        for stream in streams:
            self._refuse_too_long(stream.length)
            branch = self._unread(stream, fresh)
            more = sum(len(node.tokens) for node in branch)
            room = len(self._free) + self._most - self.num_slots
            # What a portion's own streams share is counted once for each, so that this bound needs no walk.
            fits = tokens + more <= room or length + stream.length <= self._most - 2
            if asked and (not fits or tokens + more > PASS_TOKENS):
                yield asked, list(fresh)
                asked, fresh, tokens, length = [], {}, 0, 0
                branch = self._unread(stream, fresh)
                more = sum(len(node.tokens) for node in branch)
            asked.append(stream)
            fresh.update(dict.fromkeys(reversed(branch)))
            tokens, length = tokens + more, length + stream.length
        if asked:
            yield asked, list(fresh)

    def _unread(self, stream: Stream, fresh: dict[Stream, None]) -> list[Stream]:
        """Returns the nodes of `stream` that are neither remembered nor `fresh`, the newest first."""
        branch = []
        for node in stream.path():
            if node in fresh or self.remembers(node):
                break
            branch.append(node)
        return branch

    def _learn(self, nodes: list[Stream], asked: Sequence[Stream]) -> None:
        """Reads `nodes`, parents before children, and remembers them until they die or must make room."""
        counts = np.array([len(node.tokens) for node in nodes], dtype=np.int64)
        total = int(counts.sum())
        self._make_room(total, asked)
        slots, ends = self._allocate(total), counts.cumsum()
        entries: dict[Stream, _Entry] = {}
        for node, count, end in zip(nodes, counts.tolist(), ends.tolist(), strict=True):
            above = None if node.parent is None else entries.get(node.parent) or self._entry(node.parent)
            path = np.concatenate((self._opening if above is None else above.path, slots[end - count : end]))
            entries[node] = _Entry(path, count, above, 0 if above is None else above.depth + 1, self._clock)
        if total:
            tokens = np.concatenate([node.tokens for node in nodes]) + self._first
            try:
                self._notes.read(tokens, slots, [entry.path for entry in entries.values()], counts)
            except BaseException:
                self._free.extend(slots.tolist())
                raise
        self._entries.update(dict.fromkeys(entries.values()))
        for node, entry in entries.items():
            node.notes[self._reader] = _Hold(entry, self._self)

    def _make_room(self, count: int, asked: Sequence[Stream]) -> None:
        """Frees `count` slots: by making more, then by forgetting what is on no path of `asked`."""
        if count <= len(self._free):
            return
        size = self.num_slots
        grown = min(max(2 * size, size + count - len(self._free)), self._most)
        if grown > size:
            self._notes.grow(grown)
            self._free.extend(range(size, grown))
        if count <= len(self._free):
            return
        held = {self._entry(node) for stream in asked for node in stream.path() if self.remembers(node)}
        # Some more than is needed, so that not every call must look for what to forget.
        wanted = max(count, len(self._free) + self._most // 8)
        for entry in self._oldest_first():
            if len(self._free) >= wanted:
                break
            if entry not in held:
                self.forget(entry)

    def _oldest_first(self) -> list[_Entry]:
        """Returns what is known of all nodes, children before their parents, who were asked for when any child was."""
        # A copy at once, for nodes may die meanwhile.
        used = {entry: entry.used for entry in list(self._entries)}
        for entry in sorted(used, key=lambda entry: -entry.depth):
            if entry.above in used:
                used[entry.above] = max(used[entry.above], used[entry])
        return sorted(used, key=lambda entry: (used[entry], -entry.depth))

    def _allocate(self, count: int) -> Slots:
        """Takes `count` free slots."""
        first = len(self._free) - count
        slots = self._free[first:]
        # Slots of nodes that die meanwhile stand behind these.
        del self._free[first : first + count]
        return np.array(slots[:count], dtype=np.int64)

    @contextmanager
    def _lent(self, slots: Slots) -> Iterator[None]:
        """Gives `slots` back at the end."""
        try:
            yield
        finally:
            self._free.extend(slots.ravel().tolist())

    def _refuse_too_long(self, length: int) -> None:
        if length > self._longest:
            raise ValueError(
                f"a stream of {length} tokens is too long for this network, which reads {self._longest}: "
                "train one with a larger max_length, or let the world restart its streams"
            )
        if length > self._most - 2:
            raise ValueError(
                f"a stream of {length} tokens is too long for a memory of {self._most - 2}: raise memory_bytes "
                f"to {(length + 2) * self._notes.slot_bytes} or more"
            )

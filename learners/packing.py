"""Documents packed into rows: the trajectories of a data set as a few flat arrays.

Each segment of a trajectory becomes a document: the dialect's opening token, then what was read and written. Documents
share rows; sources do not.

Shapes: `N` trajectories, `D` documents, `S` tokens of all documents, `C` actions of all trajectories, `R` rows, `T`
tokens of a row, `K` the most tokens that a search gave weight to in one place, `M` masks, `W` bytes of one.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.vocabulary import Dialect, Vocabulary
from ..envs.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Packed:
    """All documents of all sources.

    Attributes:
        tokens: `[R, T]` int32 joint tokens; 0 in the padding.
        positions: `[R, T]` int32, each token's place in its document.
        documents: `[R, T]` int32, the token's document; -1 in the padding.
        actions: `[R, T]` int32, the joint token chosen here, which is the next in the row; -1 where none is.
        copy_weights: `[R, T]` float32, the trajectory's where an action is chosen among several; else 0.
        foretells: `[R, T]` int32, the action from which on the value here sums rewards; -1 where there is no value.
        row_sources: `[R]` int32.
        rewards: `[C]` float32.
        values: `[C]` float32, what a search expected before the action; not a number where none said.
        ends_move: `[C]` bool, True at actions that close a move.
        choices: `[C, K]` int32 joint tokens, those a search gave weight to in place of the action; 0 behind the last.
        shares: `[C, K]` float32, their weights; 0 where nobody searched.
        masks: `[M, W]` uint8, each mask of legal joint tokens once, as bits; the first allows everything.
        mask_of: `[C]` int32, which of them held where the action was chosen.
        owners: `[C]` int32, the action's trajectory.
        first_actions: `[N]` int32.
        num_actions: `[N]` int32.
    """

    tokens: NDArray[np.int32]
    positions: NDArray[np.int32]
    documents: NDArray[np.int32]
    actions: NDArray[np.int32]
    copy_weights: NDArray[np.float32]
    foretells: NDArray[np.int32]
    row_sources: NDArray[np.int32]
    rewards: NDArray[np.float32]
    values: NDArray[np.float32]
    ends_move: NDArray[np.bool_]
    choices: NDArray[np.int32]
    shares: NDArray[np.float32]
    masks: NDArray[np.uint8]
    mask_of: NDArray[np.int32]
    owners: NDArray[np.int32]
    first_actions: NDArray[np.int32]
    num_actions: NDArray[np.int32]


def pack(sources: Mapping[str, Sequence[Trajectory]], vocabulary: Vocabulary, length: int, seed: int) -> Packed:
    """Returns the documents of all sources, shuffled, in rows of `length`.

    Raises:
        ValueError: if a source is empty or none is given, a document is longer than a row, or a token is in no dialect.
    """
    if not sources:
        raise ValueError("a mixture of no data sets at all: name at least one")
    for name, trajectories in sources.items():
        if not any(trajectory.is_action.any() for trajectory in trajectories):
            raise ValueError(
                f"the data set {name!r} has {len(trajectories)} trajectories and no action to learn from: "
                "demonstrate some episodes for it, or take it out of the mixture"
            )
    everyone = [trajectory for trajectories in sources.values() for trajectory in trajectories]
    flat = _lay_out(everyone, vocabulary)
    sizes = np.bincount(flat.documents)
    if sizes.max() > length:
        longest = everyone[flat.owners[sizes.argmax()]]
        raise ValueError(
            f"a document of {longest.codec!r} by {longest.source!r} has {sizes.max()} tokens, a row holds {length}: "
            f"make rows longer, for example batch.length={1 << (int(sizes.max()) - 1).bit_length()}, "
            "or leave such trajectories out"
        )
    source = np.repeat(np.arange(len(sources)), [len(trajectories) for trajectories in sources.values()])
    starts, row_sources = _arrange(sizes, source[flat.owners], length, np.random.default_rng(seed))
    firsts = [vocabulary.dialects[trajectory.codec].first for trajectory in everyone]
    masks = _masks(everyone, firsts, vocabulary.size)
    return _scatter(flat, everyone, starts, row_sources, length, _spread(everyone, firsts), masks)


@dataclass(frozen=True, slots=True)
class _Flat:
    """Every document, one behind the other: `[S]` columns, and `owners [D]`, the trajectory of each document."""

    tokens: NDArray[np.int64]
    is_action: NDArray[np.bool_]
    documents: NDArray[np.int64]
    positions: NDArray[np.int64]
    owners: NDArray[np.int64]


def _lay_out(trajectories: Sequence[Trajectory], vocabulary: Vocabulary) -> _Flat:
    dialects = [_dialect(trajectory, vocabulary) for trajectory in trajectories]
    owner = np.repeat(np.arange(len(trajectories)), [len(trajectory.tokens) for trajectory in trajectories])
    segment = np.concatenate([trajectory.segment for trajectory in trajectories])
    opens = np.append(True, (np.diff(owner) != 0) | (np.diff(segment) != 0))
    # Where each token stands once every document has its opening token.
    at = np.arange(len(owner)) + np.cumsum(opens)
    opening = at[opens] - 1
    tokens = np.empty(len(owner) + len(opening), dtype=np.int64)
    tokens[at] = np.concatenate([t.tokens + d.first for t, d in zip(trajectories, dialects, strict=True)])
    tokens[opening] = np.array([dialect.start for dialect in dialects])[owner[opens]]
    is_action = np.zeros(len(tokens), dtype=np.bool_)
    is_action[at] = np.concatenate([trajectory.is_action for trajectory in trajectories])
    documents = np.zeros(len(tokens), dtype=np.int64)
    documents[opening] = 1
    documents = np.cumsum(documents) - 1
    return _Flat(tokens, is_action, documents, np.arange(len(tokens)) - opening[documents], owner[opens])


def _dialect(trajectory: Trajectory, vocabulary: Vocabulary) -> Dialect:
    if trajectory.codec not in vocabulary.dialects:
        raise ValueError(
            f"a trajectory by {trajectory.source!r} speaks {trajectory.codec!r}, the vocabulary knows "
            f"{', '.join(vocabulary.dialects) or 'nothing'}: build it from the codecs of all worlds in the mixture"
        )
    dialect = vocabulary.dialects[trajectory.codec]
    tokens = trajectory.tokens
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < dialect.size:
        raise ValueError(
            f"a trajectory by {trajectory.source!r} has tokens from {tokens.min()} to {tokens.max()}, "
            f"{trajectory.codec!r} has {dialect.size}: it was recorded with another codec of that name"
        )
    return dialect


def _arrange(
    sizes: NDArray[np.int64], document_sources: NDArray[np.int64], length: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Returns where in all rows each document starts, `[D]`, and each row's source, `[R]`."""
    starts, row_sources = np.zeros(len(sizes), dtype=np.int64), np.zeros(0, dtype=np.int32)
    for source in range(document_sources.max() + 1):
        shuffled = rng.permutation(np.flatnonzero(document_sources == source))
        places, num_rows = _best_fit(sizes[shuffled].tolist(), length)
        starts[shuffled] = len(row_sources) * length + np.array(places)
        row_sources = np.append(row_sources, np.full(num_rows, source, dtype=np.int32))
    return starts, row_sources


def _best_fit(sizes: Sequence[int], length: int) -> tuple[list[int], int]:
    """Puts each document where it leaves the least room; returns the places and how many rows they take."""
    rooms: list[tuple[int, int]] = []
    places, num_rows = [], 0
    for size in sizes:
        fitting = bisect_left(rooms, (size, 0))
        if fitting < len(rooms):
            room, row = rooms.pop(fitting)
        else:
            room, row, num_rows = length, num_rows, num_rows + 1
        places.append((row + 1) * length - room)
        if room > size:
            insort(rooms, (room - size, row))
    return places, num_rows


def _spread(trajectories: Sequence[Trajectory], firsts: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Returns `[C, K]` tokens and weights of what searches made of each action. firsts: joint tokens of tokens 0."""
    counts = [len(trajectory.rewards) for trajectory in trajectories]
    above = np.cumsum(counts) - counts
    found = [
        (row + start, token + first, trajectory.weights[row, token])
        for trajectory, start, first in zip(trajectories, above.tolist(), firsts, strict=True)
        if trajectory.weights is not None
        for row, token in [np.nonzero(trajectory.weights)]
    ]
    if not found:
        return np.zeros((sum(counts), 0), np.int32), np.zeros((sum(counts), 0), np.float32)
    rows, tokens, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    choices = np.zeros((sum(counts), place.max(initial=-1) + 1), np.int32)
    shares = np.zeros(choices.shape, np.float32)
    choices[rows, place], shares[rows, place] = tokens, weights
    return choices, shares


def _masks(
    trajectories: Sequence[Trajectory], firsts: Sequence[int], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Returns `[M, W]` masks and `[C]` which of them held at each action. firsts: joint tokens of tokens 0."""
    numbers = {np.packbits(np.ones(size, np.bool_)).tobytes(): 0}
    which = np.zeros(sum(len(trajectory.rewards) for trajectory in trajectories), np.int32)
    start = 0
    for trajectory, first in zip(trajectories, firsts, strict=True):
        if (legal := trajectory.legal) is not None:
            joint = np.zeros((len(legal), size), np.bool_)
            joint[:, first : first + legal.shape[1]] = legal
            rows = (row.tobytes() for row in np.packbits(joint, axis=1))
            which[start : start + len(legal)] = [numbers.setdefault(row, len(numbers)) for row in rows]
        start += len(trajectory.rewards)
    return np.frombuffer(b"".join(numbers), np.uint8).reshape(len(numbers), -1), which


def _scatter(
    flat: _Flat,
    trajectories: Sequence[Trajectory],
    starts: NDArray[np.int64],
    row_sources: NDArray[np.int32],
    length: int,
    spread: tuple[NDArray[np.int32], NDArray[np.float32]],
    masks: tuple[NDArray[np.uint8], NDArray[np.int32]],
) -> Packed:
    def column(places: NDArray[np.int64], values: Any, fill: int, dtype: type = np.int32) -> NDArray[Any]:
        rows: NDArray[Any] = np.full(len(row_sources) * length, fill, dtype)
        rows[places] = values
        return rows.reshape(-1, length)

    places = starts[flat.documents] + flat.positions
    actions = np.flatnonzero(flat.is_action)
    owners = flat.owners[flat.documents[actions]]
    chosen = places[actions] - 1
    # The next document begins with an opening token, so a move never runs on into it.
    ends_move = ~np.append(flat.is_action, False)[actions + 1]
    number = np.arange(len(actions))
    num_actions = np.bincount(owners, minlength=len(trajectories)).astype(np.int32)
    # Where one token alone is legal there is nothing to learn.
    is_choice = (np.bitwise_count(masks[0]).sum(axis=1) > 1)[masks[1]]
    copy_weights = np.array([t.copy_weight for t in trajectories])[owners] * is_choice
    return Packed(
        tokens=column(places, flat.tokens, 0),
        positions=column(places, flat.positions, 0),
        documents=column(places, flat.documents, -1),
        actions=column(chosen, flat.tokens[actions], -1),
        copy_weights=column(chosen, copy_weights, 0, np.float32),
        foretells=column(np.append(chosen, places[actions][ends_move]), np.append(number, number[ends_move]), -1),
        row_sources=row_sources,
        rewards=np.concatenate([trajectory.rewards for trajectory in trajectories]),
        values=np.concatenate([_values(trajectory) for trajectory in trajectories]),
        ends_move=ends_move,
        choices=spread[0],
        shares=spread[1],
        masks=masks[0],
        mask_of=masks[1],
        owners=owners.astype(np.int32),
        first_actions=(np.cumsum(num_actions) - num_actions).astype(np.int32),
        num_actions=num_actions,
    )


def _values(trajectory: Trajectory) -> NDArray[np.float32]:
    """Returns `[A]` what a search expected before each action."""
    if trajectory.values is not None:
        return trajectory.values
    return np.full(len(trajectory.rewards), np.nan, np.float32)

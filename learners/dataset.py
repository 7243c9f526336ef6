"""Batches drawn from a mixture of sources, each a pure function of the data, the seed and the step's number.

The network chooses the token at `t + 1` from its state at `t`. It values at two kinds of places: where an action is
chosen (what will be earned from here?) and at the last token of a move (what, now that it is written?).

Shapes: `B` rows of a batch, `T` tokens of a row, `N` trajectories with a document in the batch, `A` actions of the
longest of them, `C` places where an action is copied, `K` tokens that a search may have given weight to in one of
them, `W` bytes with a bit for each joint token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..agents.vocabulary import Vocabulary
from ..envs.trajectory import Trajectory
from .packing import pack


@dataclass(frozen=True, slots=True)
class BatchConfig:
    """The shape of a batch.

    Attributes:
        rows: rows of a batch.
        length: tokens of a row; no document may be longer.
        weights: source to its share of rows and loss, in any unit; empty where all share alike.
    """

    rows: int = 16
    length: int = 512
    weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rows < 1 or self.length < 1:
            raise ValueError(f"a batch of {self.rows} rows of {self.length} tokens, wanted 1 or more of both")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one update learns from.

    Both kinds of weights sum to 1, each source's to its share of the rows (0 where it teaches nothing), so that a game
    whose moves are one token is not drowned by programs of hundreds.

    Attributes:
        tokens: `[B, T]` int64 joint tokens; 0 in the padding.
        positions: `[B, T]` int64, each token's place in its document.
        documents: `[B, T]` int64, the token's document; -1 in the padding.
        actions: `[B, T]` int64, the joint token chosen here; -1 where none is.
        copy_weights: `[B, T]` float32, how much the choice is copied.
        choices: `[C, K]` int64, the joint tokens to choose among at each copied place, row by row.
        shares: `[C, K]` float32, how often to choose each; all 0 where nobody searched and the action itself is copied.
        legal: `[C, W]` uint8, the bits of the joint tokens that were legal at each copied place, row by row; all are
            where nobody wrote that down.
        foretells: `[B, T]` int64, which of `rewards.ravel()` is the first that the value here sums; -1 where none is.
        value_weights: `[B, T]` float32, how much the value is taught.
        rewards: `[N, A]` float32, all that each trajectory earned, action by action; 0 behind its end.
        values: `[N, A]` float32, what a search expected before each action; not a number where none said.
        ends_move: `[N, A]` bool, True at actions that close a move.
        num_actions: `[N]` int64.
    """

    tokens: NDArray[np.int64]
    positions: NDArray[np.int64]
    documents: NDArray[np.int64]
    actions: NDArray[np.int64]
    copy_weights: NDArray[np.float32]
    choices: NDArray[np.int64]
    shares: NDArray[np.float32]
    legal: NDArray[np.uint8]
    foretells: NDArray[np.int64]
    value_weights: NDArray[np.float32]
    rewards: NDArray[np.float32]
    values: NDArray[np.float32]
    ends_move: NDArray[np.bool_]
    num_actions: NDArray[np.int64]

    def part(self, rows: NDArray[np.int64]) -> "Batch":
        """Returns these rows, with the weights they have in the whole."""
        names = ("tokens", "positions", "documents", "actions", "copy_weights", "foretells", "value_weights")
        copied_row, _ = np.nonzero(self.copy_weights > 0)
        places = np.concatenate([np.flatnonzero(copied_row == row) for row in rows])
        columns = {name: getattr(self, name)[rows] for name in names}
        of_places = {name: getattr(self, name)[places] for name in ("choices", "shares", "legal")}
        return replace(self, **of_places, **columns)


class Mixture:
    """Several sources of trajectories; each row of a source is drawn once before any is drawn twice."""

    def __init__(
        self, sources: Mapping[str, Sequence[Trajectory]], vocabulary: Vocabulary, config: BatchConfig, seed: int
    ) -> None:
        """Packs everything, so that a batch costs next to nothing afterwards.

        Args:
            sources: name to trajectories: an environment, or one kind of player in it.
            vocabulary: knows the codec of every trajectory.
            config: the shape of batches.
            seed: shuffles documents into rows, and rows into batches.

        Raises:
            ValueError: if a source is empty, a weight is missing or not positive, a document is longer than a row, or
                a token is in no dialect.
        """
        self._packed = pack(sources, vocabulary, config.length, seed)
        self._rows_of_source = [np.flatnonzero(self._packed.row_sources == number) for number in range(len(sources))]
        self._turns = _Turns.of(_weights(sources, config.weights))
        self._num_rows, self._seed = config.rows, seed

    def batch(self, step: int) -> Batch:
        """Returns the batch of step `step`, from 0 on."""
        packed, rows = self._packed, self._draw(step)
        sources, foretells = packed.row_sources[rows], packed.foretells[rows]
        # Where `foretells` is -1 so is what follows from it meaningless, until the last `where` says -1 again.
        owners = packed.owners[foretells]
        present = np.unique(owners[foretells >= 0])
        num_actions = packed.num_actions[present].astype(np.int64)
        place = np.arange(num_actions.max(initial=1))
        is_action = place < num_actions[:, None]
        chain = np.where(is_action, packed.first_actions[present, None] + place, 0)
        in_chain = np.searchsorted(present, owners) * len(place) + foretells - packed.first_actions[owners]
        copied = foretells[packed.copy_weights[rows] > 0]
        return Batch(
            tokens=packed.tokens[rows].astype(np.int64),
            positions=packed.positions[rows].astype(np.int64),
            documents=packed.documents[rows].astype(np.int64),
            actions=packed.actions[rows].astype(np.int64),
            copy_weights=_share(packed.copy_weights[rows], sources),
            choices=packed.choices[copied].astype(np.int64),
            shares=packed.shares[copied],
            legal=packed.masks[packed.mask_of[copied]],
            foretells=np.where(foretells >= 0, in_chain, -1),
            value_weights=_share((foretells >= 0).astype(np.float32), sources),
            rewards=np.where(is_action, packed.rewards[chain], np.float32(0)),
            values=np.where(is_action, packed.values[chain], np.float32(np.nan)),
            ends_move=is_action & packed.ends_move[chain],
            num_actions=num_actions,
        )

    def _draw(self, step: int) -> NDArray[np.int64]:
        """Returns the `[B]` rows of a step."""
        drawn = []
        orders: dict[tuple[int, int], NDArray[np.int64]] = {}
        for turn in range(step * self._num_rows, (step + 1) * self._num_rows):
            source, number = self._turns.draw(turn)
            rows = self._rows_of_source[source]
            epoch, place = divmod(number, len(rows))
            if (source, epoch) not in orders:
                orders[source, epoch] = np.random.default_rng([self._seed, source, epoch]).permutation(rows)
            drawn.append(orders[source, epoch][place])
        return np.array(drawn)


@dataclass(frozen=True, slots=True)
class _Turns:
    """Whose turn it is to give a row: a cycle of about a thousand turns, each source's spread evenly over it.

    Attributes:
        source: `[C]` who gives the row.
        number: `[C]` how many it gave before in the cycle.
        per_cycle: rows that each source gives in a cycle.
    """

    source: NDArray[np.int64]
    number: NDArray[np.int64]
    per_cycle: NDArray[np.int64]

    @staticmethod
    def of(weights: NDArray[np.float64]) -> "_Turns":
        per_cycle = np.maximum(1, np.rint(1000 * weights / weights.sum())).astype(np.int64)
        number = np.concatenate([np.arange(count) for count in per_cycle])
        source = np.repeat(np.arange(len(per_cycle)), per_cycle)
        order = np.argsort((number + 0.5) / per_cycle[source], kind="stable")
        return _Turns(source[order], number[order], per_cycle)

    def draw(self, turn: int) -> tuple[int, int]:
        """Returns who gives the row of this turn, and how many it gave before."""
        cycle, place = divmod(turn, len(self.source))
        source = int(self.source[place])
        return source, cycle * int(self.per_cycle[source]) + int(self.number[place])


def _weights(sources: Mapping[str, Sequence[Trajectory]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    weights = weights or dict.fromkeys(sources, 1.0)
    if set(weights) != set(sources) or min(weights.values()) <= 0:
        raise ValueError(
            f"a positive weight for each of {', '.join(sources)} wanted, got "
            f"{', '.join(f'{name}={weight}' for name, weight in weights.items())}"
        )
    return np.array([weights[name] for name in sources], dtype=np.float64)


def _share(weights: NDArray[np.float32], sources: NDArray[np.int32]) -> NDArray[np.float32]:
    """Returns `[B, T]` weights scaled so that each source's sum to its share of the rows, and all to 1."""
    totals = np.bincount(sources, weights.sum(axis=1))
    shares = np.bincount(sources) * (totals > 0)
    scales = np.divide(shares, totals * shares.sum(), out=np.zeros_like(totals), where=totals > 0)
    shared: NDArray[np.float32] = (weights * scales[sources, None]).astype(np.float32)
    return shared

"""AlphaCode's way: sample many programs, filter on the examples, cluster by behaviour, hand in one a cluster.

Li et al., Competition-Level Code Generation with AlphaCode (2022), https://arxiv.org/abs/2203.07814, sections 4.5 and
4.6; ranking by value inside the filter follows AlphaCode 2. It reads "passes the examples" as "earns a reward in the
model world", so it serves every world in which a finished move can be tried.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..agents.types import Completion, Gift, Sampling
from ..envs.types import State
from .asks import Ask, Decision, Plan, Root, advance, behave, complete
from .budget import BudgetSpent
from .moves import NUM_SHOWN, known, ranked, worth


@dataclass(slots=True)
class _Candidate:
    """A distinct move, how often it was drawn, and where it led; `end` is None while nobody has tried it."""

    sample: Completion
    draws: int = 0
    end: State[Any] | None = None

    def passes(self, player: int) -> bool:
        return self.end is not None and self.end.rewards[player] > 0


Pool = dict[tuple[int, ...], _Candidate]


@dataclass(frozen=True, slots=True)
class AlphaCode:
    """Samples, filters, clusters and ranks.

    Attributes:
        num_samples: the most to draw; the budget may end it earlier.
        chunk: samples drawn and filtered at a time.
        temperature: divides the logits.
        rank: what puts one cluster before another: the draws it holds, or the best value in it.
        cluster: False hands in filtered candidates one by one, as if each were a cluster.
    """

    num_samples: int = 512
    chunk: int = 128
    temperature: float = 1.0
    rank: Literal["size", "value"] = "size"
    cluster: bool = True

    def __post_init__(self) -> None:
        if self.rank not in ("size", "value"):
            raise ValueError(f"rank must be 'size' or 'value', got {self.rank!r}")
        if min(self.num_samples, self.chunk) < 1:
            raise ValueError(f"num_samples and chunk must be at least 1, got {self.num_samples} and {self.chunk}")

    @property
    def needs(self) -> frozenset[Gift]:
        """What the policy must give beside samples."""
        return frozenset({"values"} if self.rank == "value" else ())

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that hands in one candidate a cluster, best cluster first, and round again."""
        pool: Pool = {}
        try:
            while _num_draws(pool.values()) < self.num_samples:
                yield from self._draw(root, rng, pool)
        except BudgetSpent:
            pass
        passed = [candidate for candidate in pool.values() if candidate.passes(root.state.player)]
        marks: Sequence[bytes | int] = range(len(passed))
        if self.cluster:
            marks = yield from _marks(root, passed)
        clusters = self._ordered(passed, marks)
        # Where nothing passed, the value is all there is to go by.
        rest = sorted(pool.values(), key=lambda c: -worth(c.sample.value)) if not passed else []
        moves = ranked(root, (c.sample.tokens for c in [*_round_robin(clusters), *rest]))
        shown = [move for move in moves if move in pool][:NUM_SHOWN]
        return Decision(
            moves=moves,
            value=known(clusters[0][0].sample.value) if clusters else None,
            trace={
                "samples": _num_draws(pool.values()),
                "distinct": len(pool),
                "passing": _num_draws(passed),
                "clusters": [_num_draws(cluster) for cluster in clusters],
                "passed": [[c.sample.tokens.tolist(), c.draws] for c in passed],
                "candidates": {
                    "moves": [list(move) for move in shown],
                    "draws": [pool[move].draws for move in shown],
                    "value": [known(round(pool[move].sample.value, 4)) for move in shown],
                },
            },
        )

    def _draw(self, root: Root, rng: np.random.Generator, pool: Pool) -> Generator[Ask, Any, None]:
        """Adds samples to the pool and tries those that are new."""
        count = min(self.chunk, self.num_samples - _num_draws(pool.values()))
        for sample in (yield from complete(root, count, Sampling(self.temperature), rng)):
            pool.setdefault(tuple(sample.tokens.tolist()), _Candidate(sample)).draws += 1
        untried = {move: candidate for move, candidate in pool.items() if candidate.end is None}
        ends = yield from advance(root.env, [root.state] * len(untried), list(untried))
        for candidate, end in zip(untried.values(), ends, strict=False):
            candidate.end = end

    def _ordered(self, passed: Sequence[_Candidate], marks: Sequence[bytes | int]) -> list[list[_Candidate]]:
        """Groups candidates by mark; the best cluster first, and in each the likeliest to be right first."""
        groups: dict[bytes | int, list[_Candidate]] = defaultdict(list)
        for candidate, mark in zip(passed, marks, strict=True):
            groups[mark].append(candidate)
        clusters = [sorted(group, key=lambda c: (-worth(c.sample.value), -c.draws)) for group in groups.values()]
        if self.rank == "value":
            return sorted(clusters, key=lambda cluster: -worth(cluster[0].sample.value))
        return sorted(clusters, key=lambda cluster: (-_num_draws(cluster), -worth(cluster[0].sample.value)))


def _marks(root: Root, passed: Sequence[_Candidate]) -> Generator[Ask, Any, list[bytes | int]]:
    """Asks what the candidates do; those the budget no longer reaches stand alone."""
    marks: Sequence[bytes] = ()
    if passed:
        with suppress(BudgetSpent):
            marks = yield from behave(root.env, [c.end for c in passed if c.end is not None], root.seed)
    return [*marks, *range(len(passed) - len(marks))]


def _round_robin(clusters: Sequence[Sequence[_Candidate]]) -> list[_Candidate]:
    """Returns the first of every cluster, then the second of every cluster that has one, and so on."""
    depth = max(map(len, clusters), default=0)
    return [cluster[i] for i in range(depth) for cluster in clusters if i < len(cluster)]


def _num_draws(candidates: Iterable[_Candidate]) -> int:
    return sum(candidate.draws for candidate in candidates)

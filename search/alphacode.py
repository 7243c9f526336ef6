"""AlphaCode's way: sample many programs, filter on the examples, cluster by behaviour, hand in one a cluster.

Li et al., Competition-Level Code Generation with AlphaCode (2022), https://arxiv.org/abs/2203.07814, sections 4.5 and
4.6; ranking by value inside the filter follows AlphaCode 2. It reads "passes the examples" as "earns a reward in the
model world", so it serves every world in which a finished move can be tried.
"""

from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..agents.types import Completion, Sampling
from ..envs.types import State
from .asks import Ask, Decision, Plan, Root, advance, behave, complete
from .budget import BudgetSpent
from .moves import ranked


@dataclass(slots=True)
class _Candidate:
    """A distinct move that passed the filter, and how often it was drawn."""

    sample: Completion
    state: State[Any]
    draws: int = 1


@dataclass(slots=True)
class _Pool:
    """Everything drawn so far."""

    draws: dict[tuple[int, ...], int] = field(default_factory=dict)
    passed: dict[tuple[int, ...], _Candidate] = field(default_factory=dict)
    failed: list[Completion] = field(default_factory=list)


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

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that hands in one candidate a cluster, best cluster first, and round again."""
        pool = _Pool()
        try:
            while sum(pool.draws.values()) < self.num_samples:
                yield from self._draw(root, rng, pool)
        except BudgetSpent:
            pass
        candidates = list(pool.passed.values())
        marks = (yield from _marks(root, candidates)) if self.cluster else list(map(str, range(len(candidates))))
        clusters = self._ordered(candidates, marks)
        # Where nothing passed, the value is all there is to go by.
        rest = sorted(pool.failed, key=lambda sample: -sample.value) if not candidates else []
        picks = [*_round_robin(clusters), *(sample.tokens for sample in rest)]
        return Decision(
            moves=ranked(root, picks),
            value=clusters[0][0].sample.value if clusters else None,
            trace={
                "samples": sum(pool.draws.values()),
                "distinct": len(pool.draws),
                "passing": sum(candidate.draws for candidate in candidates),
                "clusters": [sum(candidate.draws for candidate in cluster) for cluster in clusters],
                "passed": [[list(map(int, c.sample.tokens)), c.draws] for c in candidates],
            },
        )

    def _draw(self, root: Root, rng: np.random.Generator, pool: _Pool) -> Generator[Ask, Any, None]:
        count = min(self.chunk, self.num_samples - sum(pool.draws.values()))
        samples = yield from complete(root, count, Sampling(self.temperature), rng)
        fresh: dict[tuple[int, ...], Completion] = {}
        for sample in samples:
            move = tuple(sample.tokens.tolist())
            if move not in pool.draws:
                fresh[move] = sample
            elif move in pool.passed:
                pool.passed[move].draws += 1
            pool.draws[move] = pool.draws.get(move, 0) + 1
        states = yield from advance(root.env, [root.state] * len(fresh), list(fresh))
        for (move, sample), state in zip(fresh.items(), states, strict=False):
            if state.rewards[root.state.player] > 0:
                pool.passed[move] = _Candidate(sample, state, pool.draws[move])
            else:
                pool.failed.append(sample)

    def _ordered(self, candidates: Sequence[_Candidate], marks: Sequence[Any]) -> list[list[_Candidate]]:
        """Groups candidates by mark; the best cluster first, and in each the likeliest to be right first."""
        groups: dict[Any, list[_Candidate]] = defaultdict(list)
        for candidate, mark in zip(candidates, marks, strict=True):
            groups[mark].append(candidate)
        clusters = [sorted(group, key=lambda c: (-c.sample.value, -c.draws)) for group in groups.values()]
        if self.rank == "value":
            return sorted(clusters, key=lambda cluster: -cluster[0].sample.value)
        return sorted(clusters, key=lambda cluster: (-sum(c.draws for c in cluster), -cluster[0].sample.value))


def _marks(root: Root, candidates: Sequence[_Candidate]) -> Generator[Ask, Any, list[Any]]:
    """Asks what the candidates do; those the budget no longer reaches stand alone."""
    marks: Sequence[bytes] = ()
    if candidates:
        try:
            marks = yield from behave(root.env, [candidate.state for candidate in candidates], root.seed)
        except BudgetSpent:
            marks = ()
    return [*marks, *range(len(candidates) - len(marks))]


def _round_robin(clusters: Sequence[Sequence[_Candidate]]) -> list[np.ndarray[Any, Any]]:
    """Returns the first of every cluster, then the second of every cluster that has one, and so on."""
    depth = max(map(len, clusters), default=0)
    return [cluster[i].sample.tokens for i in range(depth) for cluster in clusters if i < len(cluster)]

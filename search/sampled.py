"""Tree search over whole moves, where there are too many to list: candidates are drawn from the policy at each node.

Hubert et al., Learning and Planning in Complex Action Spaces (Sampled MuZero, 2021), https://arxiv.org/abs/2104.06303,
with PUCT. Only the searcher's own decisions are nodes: between two of them everybody else moves as the policy would in
their place, from what they read themselves, so no hidden move is foreseen and any number of players may play. What the
player cannot see is dealt anew for each of `num_deals` trees over the same candidates.

Shapes: `C` candidates, `V` tokens.
"""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Completion, Gift, Sampling
from ..envs.types import SequentialEnv, State
from .asks import Advance, Ask, Complete, Decision, Plan, Predict, Root
from .budget import BudgetSpent
from .moves import NUM_SHOWN, ranked
from .outline import Outline
from .tree import ROOT, Place, Tree

Move = tuple[int, ...]
MOST_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class SampledTree:
    """Searches by PUCT over drawn moves.

    Attributes:
        num_simulations: leaves to try after the roots, in the trees by turns; the budget may end it earlier.
        num_candidates: moves drawn at a node, up to 64; those that are equal are one.
        prior: of a candidate: how often it was drawn, or what the policy gives it, among the candidates.
        num_deals: trees, each over a deal of what is hidden; one where nothing is. 1 keeps to the deal of the root.
        temperature: divides the logits when candidates are drawn.
        c1: weight of the prior.
        c2: visits after which exploration grows.
        discount: of rewards one move of the player later.
        outline: how much of the first tree to leave in the trace; None for nothing.
    """

    num_simulations: int = 32
    num_candidates: int = 8
    prior: Literal["empirical", "renormalised"] = "empirical"
    num_deals: int = 1
    temperature: float = 1.0
    c1: float = 1.25
    c2: float = 19652.0
    discount: float = 1.0
    outline: Outline | None = None

    def __post_init__(self) -> None:
        if self.num_simulations < 0 or not 1 <= self.num_candidates <= MOST_CANDIDATES or self.num_deals < 1:
            raise ValueError(
                f"num_simulations >= 0, num_candidates in [1, {MOST_CANDIDATES}] and num_deals >= 1 wanted, "
                f"got {self.num_simulations}, {self.num_candidates} and {self.num_deals}"
            )
        if self.prior not in ("empirical", "renormalised"):
            raise ValueError(f"prior must be 'empirical' or 'renormalised', got {self.prior!r}")

    @property
    def needs(self) -> frozenset[Gift]:
        """What the policy must give beside samples."""
        return frozenset({"values", "logits"} if self.prior == "renormalised" else {"values"})

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that hands in the candidates by visits, those never tried last."""
        candidates, trees = _Candidates((), np.zeros(0, np.float32)), list[_Dealt]()
        with suppress(BudgetSpent):
            candidates = yield from self._drawn(root.env, root.state, root.stream, rng)
            for env, state in self._deals(root, rng):
                tree = _Dealt(self, env, state, root.stream, rng)
                yield from tree.plant(candidates)
                trees.append(tree)
            for i in range(self.num_simulations):
                yield from trees[i % len(trees)].simulate()
        return _decide(root, candidates, trees, self.outline)

    def _deals(self, root: Root, rng: np.random.Generator) -> Iterator[tuple[SequentialEnv[Any], State[Any]]]:
        """Yields the models to search: the root's, and others where something is hidden."""
        yield root.env, root.state
        for _ in range(self.num_deals - 1):
            env, state = root.env.model(root.state, int(rng.integers(2**31)))
            if state is root.state:
                return
            yield env, state

    def _drawn(
        self, env: SequentialEnv[Any], state: State[Any], stream: Stream, rng: np.random.Generator
    ) -> Generator[Ask, Any, "_Candidates"]:
        """Draws the candidates of a node."""
        sampling, seed = Sampling(self.temperature), int(rng.integers(2**62))
        samples: tuple[Completion, ...] = yield Complete(env, state, stream, self.num_candidates, sampling, seed)
        logits = dict[Move, float]()
        for sample in samples:
            move = tuple(sample.tokens.tolist())
            if self.prior == "renormalised":
                logits[move] = float(sample.logprobs.sum())
            else:
                logits[move] = np.logaddexp(logits.get(move, -np.inf), 0.0)
        return _Candidates(tuple(logits), np.fromiter(logits.values(), np.float32))


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The moves of a node, none twice, and `[C]` logits of their priors."""

    moves: tuple[Move, ...]
    logits: NDArray[np.float32]


@dataclass(slots=True)
class _Node:
    """Where the searcher decides: the state, what every player has read and written, and the candidates once drawn."""

    state: State[Any]
    streams: dict[int, Stream]
    candidates: _Candidates | None = field(default=None)


class _Dealt:
    """The tree over one deal.

    Attributes:
        tree: its statistics; an edge's token numbers the candidate.
        nodes: beside the tree's.
    """

    def __init__(
        self, search: SampledTree, env: SequentialEnv[Any], state: State[Any], stream: Stream, rng: np.random.Generator
    ) -> None:
        self.tree, self.nodes = Tree(search.num_simulations + 1, search.discount), list[_Node]()
        self._search, self._env, self._rng = search, env, rng
        self._me, self._start = state.player, _Node(state, {state.player: stream})

    def plant(self, candidates: _Candidates) -> Generator[Ask, Any, None]:
        """Adds the root with its candidates."""
        yield from self._add(ROOT, self._start, 0.0)
        self._open(0, candidates)

    def simulate(self) -> Generator[Ask, Any, None]:
        """Tries one more move; where a walk comes back to a node, its candidates are drawn first."""
        node, edge = self.tree.select_puct(self._search.c1, self._search.c2)
        at = self.nodes[node]
        if at.state.terminal:
            self.tree.backup(node, 0.0)
            return
        if at.candidates is None:
            drawn = yield from self._search._drawn(self._env, at.state, at.streams[self._me], self._rng)
            self._open(node, drawn)
            node, edge = self.tree.select_puct(self._search.c1, self._search.c2)
        assert at.candidates is not None
        move = at.candidates.moves[int(self.tree.tokens[edge])]
        after, reward = yield from self._played_on(at, move)
        yield from self._add((node, edge), after, reward)

    def moves(self) -> list[tuple[Move, ...]]:
        """Returns every node's candidates, none where they were not drawn."""
        return [() if node.candidates is None else node.candidates.moves for node in self.nodes]

    def _open(self, node: int, candidates: _Candidates) -> None:
        self.nodes[node].candidates = candidates
        self.tree.open(node, candidates.logits)

    def _add(self, place: Place, node: _Node, reward: float) -> Generator[Ask, Any, None]:
        value = 0.0
        if not node.state.terminal:
            prediction = yield Predict((node.streams[self._me],))
            value = float(prediction.value[0])
        self.tree.expand(place, self._me, reward, _NONE, _NO_LOGITS, value)
        self.nodes.append(node)

    def _played_on(self, node: _Node, move: Move) -> Generator[Ask, Any, tuple[_Node, float]]:
        """Returns where `move` and everybody's answer lead, and what the searcher earns on the way."""
        state, streams, reward = node.state, dict(node.streams), 0.0
        while True:
            streams[state.player] = streams[state.player].then(move)
            (state,) = yield Advance(self._env, (state,), (move,))
            reward += float(state.rewards[self._me])
            if state.terminal:
                return _Node(state, streams), reward
            streams[state.player] = _read_on(state, streams)
            if state.player == self._me:
                return _Node(state, streams), reward
            seed = int(self._rng.integers(2**62))
            (answer,) = yield Complete(self._env, state, streams[state.player], 1, Sampling(), seed)
            move = tuple(answer.tokens.tolist())


def _read_on(state: State[Any], streams: dict[int, Stream]) -> Stream:
    """Returns what `state.player` has read once the world has spoken."""
    if state.restart:
        return Stream(state.tokens)
    if state.player not in streams:
        raise ValueError(
            f"a tree search cannot tell what player {state.player} has read: let its observations restart the stream "
            "(State.restart), or choose a search that plays no opponent"
        )
    return streams[state.player].then(state.tokens)


def _decide(root: Root, candidates: _Candidates, trees: list[_Dealt], outline: Outline | None) -> Decision:
    """Adds the trees up and ranks by visits, then by what the moves were worth."""
    if not trees:
        return Decision(moves=ranked(root, candidates.moves))
    found = [dealt.tree.children() for dealt in trees]
    visits = np.sum([children.visits for children in found], axis=0)
    q = np.sum([children.visits * children.q for children in found], axis=0) / np.maximum(1, visits)
    order = np.lexsort((-candidates.logits, -q, -visits))
    weights = np.zeros(len(root.state.legal), np.float32)
    for move, share in zip(candidates.moves, visits / max(1, visits.sum()), strict=True):
        weights[move[0]] += share
    shown = order[:NUM_SHOWN].tolist()
    return Decision(
        moves=tuple(candidates.moves[i] for i in order.tolist()),
        weights=weights if visits.any() else None,
        value=float(np.mean([dealt.tree.nodes["value"][0] for dealt in trees])),
        trace={
            "simulations": int(visits.sum()),
            "candidates": {
                "moves": [list(candidates.moves[i]) for i in shown],
                "visits": visits[shown].tolist(),
                "q": q[shown].round(4).tolist(),
                "prior": found[0].prior[shown].round(4).tolist(),
            },
            **({"tree": outline.of(trees[0].tree, trees[0].moves())} if outline else {}),
        },
    )


# Candidates are drawn later, if ever.
_NONE, _NO_LOGITS = np.zeros(0, np.bool_), np.zeros(0, np.float32)

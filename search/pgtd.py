"""Planning-guided decoding: a tree over the tokens of one program, each leaf judged by how the policy would finish it.

Zhang et al., Planning with Large Language Models for Code Generation (2023), https://arxiv.org/abs/2303.05510: the
likeliest few tokens are the edges, P-UCB chooses, the policy's greedy completion is scored on the examples, and a node
is worth the best that was found below it. Serves every world of one player in which a finished move can be tried.
"""

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Gift, Sampling
from ..envs.types import Graded, State, ends_move
from .asks import Advance, Ask, Complete, Decision, Plan, Predict, Root
from .budget import BudgetSpent
from .moves import NUM_SHOWN, ranked
from .outline import Outline, shown
from .tree import ROOT, Place, Tree

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlanningGuided:
    """Plans token by token, with the examples as its reward; the published settings, with k = 3 for the width.

    Attributes:
        num_simulations: leaves to try; the budget may end it earlier.
        width: the likeliest tokens that may follow a prefix; the prior is their softmax.
        c: weight of the prior.
        c_base: visits after which exploration grows.
        outline: how much of the tree to leave in the trace; None for nothing.
    """

    needs: ClassVar[frozenset[Gift]] = frozenset({"logits"})

    num_simulations: int = 256
    width: int = 3
    c: float = 4.0
    c_base: float = 10.0
    outline: Outline | None = None

    def __post_init__(self) -> None:
        if self.num_simulations < 0 or self.width < 1 or self.c_base <= 0:
            raise ValueError(
                "num_simulations >= 0, width >= 1 and c_base > 0 wanted, "
                f"got {self.num_simulations}, {self.width} and {self.c_base}"
            )

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that hands in every move it tried, the best on the examples first.

        Raises:
            ValueError: if several players play, who would not agree on what is best.
        """
        if root.env.num_players != 1:
            raise ValueError(
                f"planning-guided decoding plays with one player, {type(root.env).__name__} has {root.env.num_players}"
            )
        drafts = _Drafts(root, self.width, Tree(self.num_simulations + 1, discount=1.0, maximum=True))
        with suppress(BudgetSpent):
            yield from drafts.plant()
            for _ in range(self.num_simulations):
                yield from drafts.simulate(drafts.tree.select_p_ucb(self.c, self.c_base))
        return _decide(root, drafts, self.outline)


class _Drafts:
    """The prefixes of a tree, and the moves that were tried on the way.

    Attributes:
        tree: a node a prefix.
        tried: what each whole move earned, in the order of trying. None is tried, nor paid for, twice.
    """

    def __init__(self, root: Root, width: int, tree: Tree) -> None:
        self.tree, self.tried = tree, dict[Tokens, float]()
        self._env = root.env.graded() if isinstance(root.env, Graded) else root.env
        self._root, self._width = root, width
        # Of every node: the prefix, where it leads, what was read there, and how the policy would go on.
        self._prefixes: list[Tokens] = []
        self._states: list[State[Any]] = []
        self._streams: list[Stream] = []
        self._endings: list[Tokens] = []

    def plant(self) -> Generator[Ask, Any, None]:
        """Adds the root."""
        yield from self._add(ROOT, (), self._root.state, self._root.stream, None)

    def simulate(self, place: Place) -> Generator[Ask, Any, None]:
        """Adds the prefix that `place` leads to, worth what its completion earns; at a move's end all is known."""
        node, edge = place
        if edge < 0:
            self.tree.backup(node, 0.0)
            return
        token, before = int(self.tree.tokens[edge]), self._states[node]
        prefix = (*self._prefixes[node], token)
        if prefix in self.tried:
            self._end(place, prefix, before, self.tried[prefix])
            return
        (after,) = yield Advance(self._env, (before,), ((token,),))
        if ends_move(before, after):
            self.tried[prefix] = float(after.rewards[0])
            self._end(place, prefix, after, self.tried[prefix])
            return
        # A completion that begins with this token goes on as it did.
        ending = self._endings[node]
        known = ending[1:] if ending[0] == token else None
        yield from self._add(place, prefix, after, self._streams[node].then([token]), known)

    def _add(
        self, place: Place, prefix: Tokens, state: State[Any], stream: Stream, ending: Tokens | None
    ) -> Generator[Ask, Any, None]:
        prediction = yield Predict((stream,))
        if ending is None:
            (completion,) = yield Complete(self._env, state, stream, 1, Sampling(temperature=0.0), seed=0)
            ending = tuple(completion.tokens.tolist())
        move = (*prefix, *ending)
        if move not in self.tried:
            (end,) = yield Advance(self._env, (state,), (ending,))
            self.tried[move] = float(end.rewards[0])
        logits = prediction.logits[0]
        self.tree.expand(place, 0, 0.0, _likeliest(logits, state.legal, self._width), logits, self.tried[move])
        self._note(prefix, state, stream, ending)

    def _end(self, place: Place, prefix: Tokens, after: State[Any], reward: float) -> None:
        self.tree.expand(place, 0, reward, _NOTHING, _NO_LOGITS, 0.0)
        self._note(prefix, after, self._root.stream, ())

    def _note(self, prefix: Tokens, state: State[Any], stream: Stream, ending: Tokens) -> None:
        self._prefixes.append(prefix)
        self._states.append(state)
        self._streams.append(stream)
        self._endings.append(ending)


def _decide(root: Root, drafts: _Drafts, outline: Outline | None) -> Decision:
    """Ranks what was tried by what it earned; among equals what was found first, as the policy thinks it likelier."""
    best = sorted(drafts.tried, key=lambda move: -drafts.tried[move])
    planted = drafts.tree.num_nodes() > 0
    return Decision(
        moves=ranked(root, best),
        value=float(drafts.tree.nodes["value"][0]) if planted else None,
        trace={
            "programs": len(drafts.tried),
            "candidates": {
                "moves": [list(move) for move in best[:NUM_SHOWN]],
                "earned": [round(drafts.tried[move], 4) for move in best[:NUM_SHOWN]],
            },
            **(shown(drafts.tree, drafts.tree.children(), outline) if planted else {}),
        },
    )


def _likeliest(logits: NDArray[np.float32], legal: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Returns `[V]` bool, the `count` likeliest of the legal tokens."""
    tokens = np.flatnonzero(legal)
    chosen = np.zeros(len(legal), np.bool_)
    chosen[tokens[np.argsort(-logits[tokens], kind="stable")[:count]]] = True
    return chosen


# At the end of a move nothing follows.
_NOTHING, _NO_LOGITS = np.zeros(0, np.bool_), np.zeros(0, np.float32)

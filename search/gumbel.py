"""Gumbel: tree search that improves on the policy however few its simulations.

Danihelka et al., Policy improvement by planning with Gumbel (2022), https://openreview.net/forum?id=bERaNdoegnO. At the
root some tokens are drawn without replacement by the Gumbel-top-k trick and halved in turn until the best is left;
below it the walk follows the improved policy without chance. One or two players; two play for opposite rewards.

Shapes: `R` legal tokens at the root.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..agents.types import Gift, Prediction
from .asks import Ask, Decision, Glance, JointPlan, Plan, Root, StepAll
from .budget import BudgetSpent
from .grove import Grove
from .growth import Grown, Growth
from .halving import due_visits, rounds
from .moves import ranked, unthinking
from .outline import Outline, shown


@dataclass(frozen=True, slots=True)
class Gumbel:
    """Searches a tree of the model world by sequential halving.

    Attributes:
        num_simulations: leaves to try after the root, which the halving shares out. A smaller budget ends it in the
            middle of that, so set what the budget pays.
        max_considered: the most tokens to try at the root.
        gumbel_scale: of the draws at the root; 0 for evaluation where nothing is hidden.
        drawing_turns: of an episode, the first, in which draws are made; None for all. In self-play, later games are
            told apart by how they began, and their ends by who played better.
        visit_offset: added to the most visits of a token before they scale Q (c_visit).
        value_scale: of Q against the logits (c_scale).
        rescale: brings the Q of a node into [0, 1] first.
        discount: of rewards one token later.
        by_rounds: asks about all candidates of a halving round at once: as many answers in far fewer asks, and nearly
            the same visits.
        outline: how much of the tree to leave in the trace; None for nothing.
        reuse: asks nothing that the player's last decision found out already; see `known.py`.
    """

    needs: ClassVar[frozenset[Gift]] = frozenset({"logits", "values"})

    num_simulations: int = 64
    max_considered: int = 16
    gumbel_scale: float = 1.0
    drawing_turns: int | None = None
    visit_offset: float = 50.0
    value_scale: float = 0.1
    rescale: bool = True
    discount: float = 1.0
    by_rounds: bool = False
    outline: Outline | None = None
    reuse: bool = False

    def __post_init__(self) -> None:
        if self.num_simulations < 0 or self.max_considered < 1 or self.gumbel_scale < 0:
            raise ValueError(
                "num_simulations >= 0, max_considered >= 1 and gumbel_scale >= 0 wanted, "
                f"got {self.num_simulations}, {self.max_considered} and {self.gumbel_scale}"
            )

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that halves the candidates, and hands in the last that are left first."""
        growth = Growth("gumbel", root, self.num_simulations, self.discount, maximum=False, keep=self.reuse)
        try:
            prior, value = yield from growth.look()
        except BudgetSpent:
            return Decision(moves=(unthinking(root),))
        logits = prior[root.state.legal].astype(np.float64)
        growth.tree.order = self._order(root, logits, rng)
        growth.plant(prior, value)
        with suppress(BudgetSpent):
            yield from self._halve(growth, min(self.max_considered, len(logits)))
        return self._decide(root, growth, logits)

    def together(self, roots: Sequence[Root], rngs: Sequence[np.random.Generator], prediction: Prediction) -> JointPlan:
        """Returns a plan that halves the candidates of all roots in step."""
        grove = Grove("gumbel", roots, self.num_simulations, self.discount)
        logits = [row[root.state.legal].astype(np.float64) for row, root in zip(prediction.logits, roots, strict=True)]
        orders = [self._order(*each) for each in zip(roots, logits, rngs, strict=True)]
        # Beyond a root's own edges nobody looks.
        grove.forest.order = np.zeros((len(roots), max(len(order) for order in orders)))
        for row, order in zip(grove.forest.order, orders, strict=True):
            row[: len(order)] = order
        grove.plant(prediction.logits, prediction.value)
        yield from self._halve_all(grove, [min(self.max_considered, len(order)) for order in orders])
        return [self._decide(root, grove.grown(i), logits[i]) for i, root in enumerate(roots)]

    def _halve_all(self, grove: Grove, num_considered: Sequence[int]) -> Generator[StepAll | Glance, Any, None]:
        schedules = [due_visits(count, self.num_simulations) for count in num_considered]
        how = (self.visit_offset, self.value_scale, self.rescale)
        if self.by_rounds:
            for each in zip_longest(*(rounds(schedule) for schedule in schedules), fillvalue=(0, 0)):
                counts, due = np.array(each, np.int32).T
                grove.forest.select_rounds(counts.copy(), due.copy(), *how)
                yield from grove.simulate()
            return
        stacked = np.stack(schedules)
        for _ in range(self.num_simulations):
            grove.forest.select_gumbel(stacked, *how)
            yield from grove.simulate()

    def _order(self, root: Root, logits: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """Returns `[R]`, in which the root's tokens are tried, the greatest first. logits: `[R]`."""
        draws = self.drawing_turns is None or root.turn < self.drawing_turns
        order: NDArray[np.float64] = logits + (self.gumbel_scale if draws else 0.0) * rng.gumbel(size=len(logits))
        return order

    def _halve(self, growth: Growth, num_considered: int) -> Generator[Ask, Any, None]:
        schedule, tree = due_visits(num_considered, self.num_simulations), growth.tree
        how = (self.visit_offset, self.value_scale, self.rescale)
        if self.by_rounds:
            for count, due in rounds(schedule):
                yield from growth.simulate_together(tree.select_round(count, due, *how))
            return
        for _ in range(self.num_simulations):
            yield from growth.simulate(tree.select_gumbel(schedule, *how))

    def _decide(self, root: Root, grown: Grown, logits: NDArray[np.float64]) -> Decision:
        """Ranks the root's tokens by visits, then by the score that halved them. logits: `[R]`."""
        tree, children = grown.tree, grown.tree.children()
        scaled_q = tree.scaled_q(self.visit_offset, self.value_scale, self.rescale)
        score = tree.order + scaled_q
        order = np.lexsort((children.tokens, -score, -children.visits)).tolist()
        best = [e for e in order if children.visits[e]] or order[:1]
        improved = np.exp(logits + scaled_q - (logits + scaled_q).max())
        weights = np.zeros(len(root.state.legal), np.float32)
        weights[children.tokens] = improved / improved.sum()
        return Decision(
            moves=ranked(root, (grown.whole_move(int(children.nodes[e]), int(children.tokens[e])) for e in best)),
            weights=weights,
            value=float(tree.nodes["value"][0]),
            trace={**shown(tree, children, self.outline), "score": score.round(4).tolist()},
            known=grown.known,
        )

"""PUCT: Monte-Carlo tree search guided by the policy's prior and value.

Silver et al., Mastering the game of Go without human knowledge (2017) and A general reinforcement learning algorithm
(AlphaZero, 2018), https://doi.org/10.1126/science.aar6404; the exploration constants are those of MuZero (2020), the
backup of a maximum is that of planning-guided decoding (Zhang et al. 2023, https://arxiv.org/abs/2303.05510).
Each node is one token. One or two players; two are taken to play for opposite rewards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..agents.types import Gift, Prediction
from .asks import Decision, JointPlan, Plan, Root
from .budget import BudgetSpent
from .grove import Grove
from .growth import Grown, Growth
from .moves import ranked, unthinking
from .outline import Outline, shown


@dataclass(frozen=True, slots=True)
class Puct:
    """Searches a tree of the model world.

    Attributes:
        num_simulations: leaves to try after the root; the budget may end it earlier.
        c1: weight of the prior (pb_c_init).
        c2: visits after which exploration grows (pb_c_base).
        discount: of rewards one token later.
        noise_fraction: share of Dirichlet noise in the root's prior; 0 for evaluation.
        noise_alpha: concentration of that noise.
        drawing_turns: of an episode, the first, in which moves are drawn in proportion to their visits; None for all.
            In self-play, later games are told apart by how they began.
        backup: what a node is worth: the mean of the returns found below it and of what the policy expected, or, for
            one player, the maximum of these.
        outline: how much of the tree to leave in the trace; None for nothing.
        reuse: asks nothing that the player's last decision found out already; see `known.py`.
    """

    needs: ClassVar[frozenset[Gift]] = frozenset({"logits", "values"})

    num_simulations: int = 64
    c1: float = 1.25
    c2: float = 19652.0
    discount: float = 1.0
    noise_fraction: float = 0.0
    noise_alpha: float = 0.3
    drawing_turns: int | None = 0
    backup: Literal["mean", "maximum"] = "mean"
    outline: Outline | None = None
    reuse: bool = False

    def __post_init__(self) -> None:
        if self.num_simulations < 0 or self.noise_alpha <= 0 or not 0 <= self.noise_fraction <= 1:
            raise ValueError(
                "num_simulations >= 0, noise_alpha > 0 and noise_fraction in [0, 1] wanted, "
                f"got {self.num_simulations}, {self.noise_alpha} and {self.noise_fraction}"
            )
        if self.backup not in ("mean", "maximum"):
            raise ValueError(f"backup must be 'mean' or 'maximum', got {self.backup!r}")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that grows a tree and hands in moves by visits."""
        growth = Growth("puct", root, self.num_simulations, self.discount, self.backup == "maximum", self.reuse)
        try:
            logits, value = yield from growth.look()
        except BudgetSpent:
            return Decision(moves=(unthinking(root),))
        if self.noise_fraction:
            logits = self._noisy(logits, root.state.legal, rng)
        growth.plant(logits, value)
        try:
            for _ in range(self.num_simulations):
                yield from growth.simulate(growth.tree.select_puct(self.c1, self.c2))
        except BudgetSpent:
            pass
        return self._decide(root, growth, rng)

    def together(self, roots: Sequence[Root], rngs: Sequence[np.random.Generator], prediction: Prediction) -> JointPlan:
        """Returns a plan that grows a tree for each root in step."""
        grove = Grove("puct", roots, self.num_simulations, self.discount, self.backup == "maximum")
        logits = prediction.logits
        if self.noise_fraction:
            rows = zip(logits, roots, rngs, strict=True)
            logits = np.stack([self._noisy(row, root.state.legal, rng) for row, root, rng in rows])
        grove.plant(logits, prediction.value)
        for _ in range(self.num_simulations):
            grove.forest.select_puct(self.c1, self.c2)
            yield from grove.simulate()
        return [self._decide(root, grove.grown(i), rng) for i, (root, rng) in enumerate(zip(roots, rngs, strict=True))]

    def _noisy(
        self, logits: NDArray[np.float32], legal: NDArray[np.bool_], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Returns logits whose softmax over what is legal is the prior mixed with noise."""
        prior = np.exp(logits[legal] - logits[legal].max())
        noise = rng.dirichlet([self.noise_alpha] * len(prior))
        noisy = np.zeros_like(logits)
        mixed = (1 - self.noise_fraction) * prior / prior.sum() + self.noise_fraction * noise
        noisy[legal] = np.log(np.maximum(mixed, np.finfo(np.float32).tiny))
        return noisy

    def _decide(self, root: Root, grown: Grown, rng: np.random.Generator) -> Decision:
        """Ranks the root's tokens and completes each to a whole move along the most visited path.

        Where draws are due, `rng` draws the ranks, each by its visits; else more visits stand first, then more Q.
        """
        tree, children = grown.tree, grown.tree.children()
        order = np.lexsort((children.tokens, -children.prior, -children.q, -children.visits)).tolist()
        weights = np.zeros(len(root.state.legal), np.float32)
        weights[children.tokens] = children.visits / max(1, children.visits.sum())
        best = [e for e in order if children.visits[e]] or order[:1]
        if (self.drawing_turns is None or root.turn < self.drawing_turns) and len(best) > 1:
            visits = children.visits[best]
            best = rng.choice(best, len(best), replace=False, p=visits / visits.sum()).tolist()
        return Decision(
            moves=ranked(root, (grown.whole_move(int(children.nodes[e]), int(children.tokens[e])) for e in best)),
            weights=weights,
            value=float(tree.nodes["value"][0]),
            trace=shown(tree, children, self.outline),
            known=grown.known,
        )

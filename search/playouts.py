"""Playouts: moves that the policy proposes, each judged by how scripted players go on from it.

Rollouts of a base policy (Tesauro and Galperin, "On-line policy improvement using Monte-Carlo search", 1996), where the
base is the world's own scripts: fast enough to play thousands of games for one decision, and no network is asked.
"""

from dataclasses import dataclass

import numpy as np

from ..agents.types import Sampling
from ..envs.types import Playable
from .asks import Decision, Plan, Root, advance, complete, play_out
from .budget import BudgetSpent
from .moves import ranked


@dataclass(frozen=True, slots=True)
class Playouts:
    """Ranks sampled moves by the mean of what their playouts earn.

    What the player cannot see is dealt anew for each round of playouts, and every candidate meets the same deals and
    the same draws. Rounds that the budget cuts short are left out.

    Attributes:
        num_candidates: moves sampled from the policy; those that are equal are judged once.
        num_rounds: deals that every candidate is played out in.
        horizon: moves of all players together until a playout ends; each is billed as many env steps.
        temperature: divides the logits.
    """

    num_candidates: int = 8
    num_rounds: int = 8
    horizon: int = 160
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if min(self.num_candidates, self.num_rounds, self.horizon) < 1:
            raise ValueError(f"num_candidates, num_rounds and horizon must be at least 1, got {self}")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that samples, plays out, and ranks; ValueError where the world has nobody to play on."""
        if not isinstance(root.env, Playable):
            raise ValueError(f"{type(root.env).__name__} offers no playouts: choose another search")
        try:
            samples = yield from complete(root, self.num_candidates, Sampling(self.temperature), rng)
        except BudgetSpent:
            samples = ()
        moves = ranked(root, (sample.tokens for sample in samples))
        totals, rounds = np.zeros(len(moves)), 0
        try:
            while rounds < self.num_rounds and len(moves) > 1:
                seed = int(rng.integers(2**31))
                env, state = root.env.model(root.state, seed)
                after = yield from advance(env, [state] * len(moves), moves)
                returns = yield from play_out(env, after, self.horizon, seed)
                if len(returns) < len(moves):
                    break
                totals += [earned[state.player] for earned in returns]
                rounds += 1
        except BudgetSpent:
            pass
        if rounds == 0:
            return Decision(moves, trace={"samples": len(samples), "rounds": 0})
        means = totals / rounds
        order = np.argsort(-means, kind="stable").tolist()
        trace = {"samples": len(samples), "rounds": rounds, "values": [round(float(means[i]), 4) for i in order]}
        return Decision(tuple(moves[i] for i in order), value=float(means.max()), trace=trace)

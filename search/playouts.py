"""Playouts: moves that the policy proposes, each judged by how scripted players go on from it.

Rollouts of a base policy (Tesauro and Galperin, "On-line policy improvement using Monte-Carlo search", 1996), where the
base is the world's own scripts: fast enough to play thousands of games for one decision, and no network is asked.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from ..agents.stream import Stream
from ..agents.types import Sampling
from ..envs.types import Guided, Playable
from .asks import Ask, Decision, Plan, Root, advance, complete, disguise, play_out
from .budget import BudgetSpent
from .moves import NUM_SHOWN, ranked

Move = tuple[int, ...]


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
        guided: True where the policy proposes moves in each of the ways that the world's players know (`Guided`), as
            many in each, and each move is played on in the way that proposed it.
    """

    num_candidates: int = 8
    num_rounds: int = 8
    horizon: int = 160
    temperature: float = 1.0
    guided: bool = False

    def __post_init__(self) -> None:
        if min(self.num_candidates, self.num_rounds, self.horizon) < 1:
            raise ValueError(f"num_candidates, num_rounds and horizon must be at least 1, got {self}")

    def __call__(self, root: Root, rng: np.random.Generator) -> Plan:
        """Returns a plan that samples, plays out, and ranks; ValueError where the world has nobody to play on."""
        if not isinstance(root.env, Playable):
            raise ValueError(f"{type(root.env).__name__} offers no playouts: choose another search")
        if self.guided and not isinstance(root.env, Guided):
            raise ValueError(f"{type(root.env).__name__} knows no ways to play: set guided=false")
        candidates = yield from self._proposed(root, rng)
        moves = ranked(root, (move for _, move in candidates))
        if len(moves) < 2:
            return Decision(moves, trace={"rounds": 0})
        earned = yield from self._earned(root, candidates, rng)
        rounds = len(earned) // len(candidates)
        if rounds == 0:
            return Decision(moves, trace={"rounds": 0})
        means = np.reshape(earned[: rounds * len(candidates)], (rounds, -1)).mean(0)
        # A move that several ways proposed is worth what the best of them makes of it.
        order = np.argsort(-means, kind="stable").tolist()
        best = [candidates[i] for i in order[:NUM_SHOWN]]
        shown: dict[str, list[Any]] = {"moves": [list(move) for _, move in best]}
        shown |= {"way": [way for way, _ in best]} if self.guided else {}
        shown["value"] = [round(float(means[i]), 4) for i in order[:NUM_SHOWN]]
        trace = {"rounds": rounds, "candidates": shown}
        return Decision(ranked(root, (candidates[i][1] for i in order)), value=float(means.max()), trace=trace)

    def _proposed(self, root: Root, rng: np.random.Generator) -> Generator[Ask, Any, list[tuple[str, Move]]]:
        """Returns ways and moves that the policy proposes in them, each pair once, as far as the budget goes."""
        roots, count = {"": root}, self.num_candidates
        proposed: dict[tuple[str, Move], None] = {}
        if self.guided:
            # Who cannot pay for that proposes as it is.
            with suppress(BudgetSpent):
                guises = yield from disguise(root.env, root.state, int(rng.integers(2**31)))
                roots = {way: replace(root, state=state, stream=Stream(state.tokens)) for way, state in guises.items()}
                count = -(-count // len(roots))
        with suppress(BudgetSpent):
            for way, guise in roots.items():
                samples = yield from complete(guise, count, Sampling(self.temperature), rng)
                proposed |= {(way, tuple(sample.tokens.tolist())): None for sample in samples}
        return list(proposed)

    def _earned(
        self, root: Root, candidates: Sequence[tuple[str, Move]], rng: np.random.Generator
    ) -> Generator[Ask, Any, list[float]]:
        """Returns what each candidate earns in one round after the other, as far as the budget goes."""
        models = [root.env.model(root.state, int(rng.integers(2**31))) for _ in range(self.num_rounds)]
        seed, earned, moves = int(rng.integers(2**31)), list[float](), [move for _, move in candidates]
        with suppress(BudgetSpent):
            # Rounds that share a world are asked together: worlds play many games faster than one at a time.
            for _, group in groupby(models, lambda model: id(model[0])):
                (env, *_), states = zip(*group, strict=True)
                starts = [env.guided(state, way) if way else state for state in states for way, _ in candidates]
                after = yield from advance(env, starts, moves * len(states))
                returns = yield from play_out(env, after, self.horizon, seed)
                earned += [float(each[root.state.player]) for each in returns]
                if len(returns) < len(starts):
                    break
        return earned

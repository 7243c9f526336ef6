"""A task: a stack of coroutines, and the ask that the top of it waits for.

At the bottom an episode, which asks players to decide; on top of it the search that decides; on top of that, in worlds
without a fixed grammar, the spelling of a move.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from ..agents.types import Lacking, Policy
from ..envs.types import Phrased
from .asks import Ask, Complete, Decision, Needing, Root, Search
from .budget import UNLIMITED, Account, BudgetSpent, Cost, Limits
from .spell import spell


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who decides: a search, the policy it asks, and the most one decision may cost.

    Raises:
        ValueError: if the policy lacks what the search goes by.
    """

    name: str
    search: Search
    policy: Policy
    limits: Limits = UNLIMITED

    def __post_init__(self) -> None:
        if not isinstance(self.search, Needing) or not isinstance(self.policy, Lacking):
            return
        if lacking := self.search.needs & self.policy.lacks:
            raise ValueError(
                f"{self.name} goes by {' and '.join(sorted(lacking))}, which this policy cannot give: choose a "
                "search that only samples, such as sample or alphacode, or a policy that was trained here"
            )


@dataclass(frozen=True, slots=True)
class Decide:
    """Asks a player for a decision; the answer is a `Decided`.

    Attributes:
        payer: by whom streams are marked that are paid for; the same throughout an episode, so that none is paid twice.
    """

    player: Player
    root: Root
    rng: np.random.Generator
    payer: object


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and its bill."""

    decision: Decision
    cost: Cost


@dataclass(slots=True)
class _Frame:
    generator: Generator[Any, Any, Any]
    decide: Decide | None = None
    account: Account | None = None
    spells: bool = False


class Task:
    """One episode on its way.

    Attributes:
        ask: what it waits for; None once `result` stands.
        account: whose bill the ask goes on; None where it is the episode's own, which nobody pays.
        result: what the episode returned.
    """

    def __init__(self, generator: Generator[Any, Any, Any]) -> None:
        self._stack = [_Frame(generator)]
        self.ask: Ask | Decide | None = None
        self.account: Account | None = None
        self.result: Any = None

    @property
    def decide(self) -> Decide:
        """The decision that the ask is part of; TypeError where an episode asks what only searches may."""
        decide = self._stack[-1].decide
        if decide is None:
            raise TypeError(f"an episode may ask a player to decide or a world to advance, not {self.ask}")
        return decide

    def go_on(self, answer: object, error: BudgetSpent | None = None) -> None:
        """Hands over an answer, or an error, and runs to the next ask that the stack cannot answer itself."""
        while self._stack:
            frame = self._stack[-1]
            start = perf_counter()
            try:
                ask = frame.generator.throw(error) if error is not None else frame.generator.send(answer)
            except StopIteration as stop:
                self._stack.pop()
                answer, error = stop.value, None
                if frame.account is not None:
                    frame.account.cost.seconds += perf_counter() - start
                    if frame.spells:
                        frame.account.pay(samples=len(stop.value))
                    else:
                        answer = Decided(stop.value, frame.account.cost)
                continue
            except BudgetSpent as spent:
                self._stack.pop()
                if not frame.spells:
                    name = frame.decide.player.name if frame.decide else "an episode"
                    raise ValueError(f"{name} let BudgetSpent pass: a search returns the best it has") from spent
                error = spent
                continue
            if frame.account is not None:
                frame.account.cost.seconds += perf_counter() - start
            answer = error = None
            if isinstance(ask, Complete) and not isinstance(ask.env, Phrased):
                assert frame.account is not None
                count = frame.account.payable_samples(ask.count)
                self._stack.append(_Frame(spell(replace(ask, count=count)), frame.decide, frame.account, spells=True))
            else:
                self.ask, self.account = ask, frame.account
                return
        self.ask, self.account, self.result = None, None, answer

    def plan(self) -> None:
        """Starts the plan of the decision that the task waits for."""
        ask = self.ask
        assert isinstance(ask, Decide)
        account = Account(ask.player.limits, ask.player.policy.flops_per_token)
        self._stack.append(_Frame(ask.player.search(ask.root, ask.rng), ask, account))
        self.go_on(None)

    def close(self) -> None:
        """Ends every coroutine that has not ended by itself."""
        while self._stack:
            self._stack.pop().generator.close()

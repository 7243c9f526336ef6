"""What search spends, and the most it may: the axis every comparison is drawn on."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Cost:
    """A bill. All but the two kinds of seconds are the same on every machine.

    Attributes:
        policy_tokens: tokens a policy read, each stream once for as long as a search holds it.
        predictions: streams at whose end logits and value were asked for; sampling whole phrases asks for none.
        samples: whole moves sampled from a policy.
        flops: 2 x parameters x policy_tokens.
        env_steps: moves the model world was asked to play.
        programs: those handed in, and candidates asked about, in a world that judges programs.
        judge_cpu_seconds: what running them took.
        seconds: by the clock, waiting for others in the same batch not counted.
    """

    policy_tokens: int = 0
    predictions: int = 0
    samples: int = 0
    flops: int = 0
    env_steps: int = 0
    programs: int = 0
    judge_cpu_seconds: float = 0.0
    seconds: float = 0.0

    def add(self, other: "Cost") -> None:
        """Adds `other` to this bill."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one decision may cost, in any units of `Cost`; None where it may cost anything.

    Attributes are those of `Cost`; prefer the reproducible ones.
    """

    policy_tokens: int | None = None
    predictions: int | None = None
    samples: int | None = None
    flops: int | None = None
    env_steps: int | None = None
    programs: int | None = None
    judge_cpu_seconds: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            limit = getattr(self, item.name)
            if limit is not None and limit < 0:
                raise ValueError(f"{item.name} limit {limit} is negative")

    def allow(self, cost: Cost) -> bool:
        """Returns True where `cost` passes no limit."""
        return all(
            (limit := getattr(self, item.name)) is None or getattr(cost, item.name) <= limit for item in fields(self)
        )


UNLIMITED = Limits()


class BudgetSpent(Exception):
    """Raised inside a plan at an ask it cannot pay for; the plan then returns the best it has."""


class Account:
    """The bill of one decision while it runs up: refuses what would pass a limit, to the unit.

    Seconds are measured, not foreseen, so their limits are looked at before an ask is answered and may be passed by
    the length of that one answer.
    """

    __slots__ = ("_countable", "_flops_per_token", "_timed", "cost")

    def __init__(self, limits: Limits, flops_per_token: int) -> None:
        self.cost = Cost()
        self._flops_per_token = flops_per_token
        named: list[tuple[str, Any]] = [(item.name, getattr(limits, item.name)) for item in fields(limits)]
        self._timed = [(name, most) for name, most in named if most is not None and name.endswith("seconds")]
        self._countable = [(name, most) for name, most in named if most is not None and not name.endswith("seconds")]

    def pay(
        self, tokens: int = 0, predictions: int = 0, samples: int = 0, env_steps: int = 0, programs: int = 0
    ) -> bool:
        """Adds to the bill and returns True, or returns False and adds nothing where a limit would be passed."""
        cost = self.cost
        cost.policy_tokens += tokens
        cost.flops += tokens * self._flops_per_token
        cost.predictions += predictions
        cost.samples += samples
        cost.env_steps += env_steps
        cost.programs += programs
        for name, most in self._countable:
            if getattr(cost, name) > most:
                self._refund(tokens, predictions, samples, env_steps, programs)
                return False
        return True

    def pay_moves(self, env_steps: int, programs: Sequence[int]) -> int:
        """Pays for moves at `env_steps` and the `programs` of each, from the front; returns how many were paid."""
        count = len(programs)
        while count and not self.pay(env_steps=count * env_steps, programs=sum(programs[:count])):
            count -= 1
        return count

    def tokens_left(self) -> int | None:
        """Returns how many more policy tokens can be paid for, or None where there is no limit."""
        left = None
        for name, most in self._countable:
            if name == "policy_tokens":
                left = _least(left, most - self.cost.policy_tokens)
            elif name == "flops" and self._flops_per_token:
                left = _least(left, (most - self.cost.flops) // self._flops_per_token)
        return left

    def payable_samples(self, count: int) -> int:
        """Returns how many of `count` sampled moves the limit leaves room for."""
        left: list[int] = [most - self.cost.samples for name, most in self._countable if name == "samples"]
        return min([count, *left])

    def out_of_time(self) -> bool:
        """Returns True where a limit of seconds is reached."""
        return bool(self._timed) and any(getattr(self.cost, name) >= most for name, most in self._timed)

    def _refund(self, tokens: int, predictions: int, samples: int, env_steps: int, programs: int) -> None:
        cost = self.cost
        cost.policy_tokens -= tokens
        cost.flops -= tokens * self._flops_per_token
        cost.predictions -= predictions
        cost.samples -= samples
        cost.env_steps -= env_steps
        cost.programs -= programs


def _least(left: int | None, right: int) -> int:
    return right if left is None else min(left, right)

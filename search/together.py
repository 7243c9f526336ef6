"""Decides at many roots at once: drives a joint plan, and puts on each decision's bill what its own plan would cost.

A joint plan holds all trees in arrays, so nothing is done tree by tree but what the policy does.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Policy, Prediction
from ..envs.types import Vectorized
from .asks import Decision, Joint, JointPlan, StepAll
from .billing import charge, mark_paid, unread_tokens
from .budget import Account, Cost
from .task import Decide, Decided

FEWEST = 8
"""Roots below which plans are faster."""

Read = Callable[[Policy, Sequence[Stream]], Prediction]
Clock = Callable[[float], float]


def joins(decide: Decide) -> bool:
    """Returns whether a decision may be made together with others of the same player in the same world.

    A budget that could end it early is kept by a plan alone.
    """
    player, root = decide.player, decide.root
    search = player.search
    if not isinstance(search, Joint) or search.reuse or not isinstance(root.env, Vectorized):
        return False
    tokens = root.stream.length + 1 + search.num_simulations * (len(root.state.tokens) + 1)
    most = Cost(
        policy_tokens=tokens,
        predictions=search.num_simulations + 1,
        flops=tokens * player.policy.flops_per_token,
        env_steps=search.num_simulations,
        seconds=np.inf,
    )
    return player.limits.allow(most)


def decide_together(decides: Sequence[Decide], read: Read, clock: Clock) -> list[Decided]:
    """Returns the decisions of one player at the roots of one world, each such as `joins` takes.

    Args:
        decides: what is to be decided.
        read: asks the policy.
        clock: is told, as an answer is there, when it was begun.
    """
    start, player = perf_counter(), decides[0].player
    assert isinstance(player.search, Joint)
    bills = np.zeros((len(decides), 3), np.int64)
    for bill, decide in zip(bills, decides, strict=True):
        bill[_TOKENS], bill[_PREDICTIONS] = unread_tokens(decide.root.stream, decide.payer), 1
        mark_paid(decide.root.stream, decide.payer)
    began = perf_counter()
    prediction = read(player.policy, [decide.root.stream for decide in decides])
    clock(began)
    plan = player.search.together([decide.root for decide in decides], [decide.rng for decide in decides], prediction)
    decisions = _driven(plan, player.policy, read, clock, bills)
    seconds, decided = (perf_counter() - start) / len(decides), []
    for decision, (tokens, predictions, env_steps) in zip(decisions, bills.tolist(), strict=True):
        account = Account(player.limits, player.policy.flops_per_token)
        account.pay(tokens=tokens, predictions=predictions, env_steps=env_steps)
        charge(account, seconds)
        decided.append(Decided(decision, account.cost))
    return decided


_TOKENS, _PREDICTIONS, _ENV_STEPS = range(3)


def _driven(plan: JointPlan, policy: Policy, read: Read, clock: Clock, bills: NDArray[np.int64]) -> Sequence[Decision]:
    """Returns what a plan decides, its asks answered. bills: `[B, 3]`, what they cost is added here."""
    answer: object = None
    while True:
        try:
            ask = plan.send(answer)
        except StopIteration as stop:
            decisions: list[Decision] = stop.value
            return decisions
        began = perf_counter()
        if isinstance(ask, StepAll):
            answer = ask.env.step_all(ask.inner, ask.players, ask.tokens)
            clock(began)
            np.add.at(bills[:, _ENV_STEPS], ask.roots, 1)
        else:
            answer = read(policy, ask.streams)
            clock(began)
            np.add.at(bills[:, _PREDICTIONS], ask.roots, 1)
            np.add.at(bills[:, _TOKENS], ask.roots, 1 + ask.streams[0].length)

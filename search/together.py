"""Decides at many roots at once: drives a joint plan, and puts on each decision's bill what its own plan would cost.

A joint plan holds all trees in arrays, so nothing is done tree by tree but what the policy does.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Policy, Prediction
from ..envs.types import Metered, States, Vectorized
from .asks import Decision, Joint, JointPlan, StepAll
from .billing import charge, mark_paid, unread_tokens
from .budget import Account, Cost
from .task import Decide, Decided

FEWEST = 8
"""Roots below which plans are faster."""

_TOKENS, _PREDICTIONS, _ENV_STEPS = range(3)
"""Rows of bills."""

Read = Callable[[Policy, Sequence[Stream]], Prediction]
Look = Callable[[NDArray[np.int32]], Prediction]
Clock = Callable[[float], float]


def joins(decides: Sequence[Decide]) -> bool:
    """Returns whether decisions of one player in one world are to be made together.

    A budget that could end one early is kept by a plan alone.
    """
    player, roots = decides[0].player, [decide.root for decide in decides]
    search = player.search
    if len(roots) < FEWEST or not isinstance(search, Joint) or search.reuse:
        return False
    if not isinstance(roots[0].env, Vectorized) or isinstance(roots[0].env, Metered):
        return False
    longest = max(root.stream.length for root in roots)
    tokens = longest + 1 + search.num_simulations * (len(roots[0].state.tokens) + 1)
    most = Cost(
        policy_tokens=tokens,
        predictions=search.num_simulations + 1,
        flops=tokens * player.policy.flops_per_token,
        env_steps=search.num_simulations,
        judge_cpu_seconds=np.inf,
        seconds=np.inf,
    )
    return player.limits.allow(most)


def decide_together(decides: Sequence[Decide], read: Read, look: Look, clock: Clock) -> list[Decided]:
    """Returns the decisions of one player in one world, such as `joins` takes.

    Args:
        decides: what is to be decided.
        read: asks a policy about streams.
        look: asks the player's about whole observations.
        clock: is told, as an answer is there, when it was begun.
    """
    start, player, roots = perf_counter(), decides[0].player, [decide.root for decide in decides]
    assert isinstance(player.search, Joint)
    bills = np.zeros((3, len(roots)), np.int64)
    bills[_TOKENS] = [unread_tokens(decide.root.stream, decide.payer) for decide in decides]
    bills[_PREDICTIONS] = 1
    for decide in decides:
        mark_paid(decide.root.stream, decide.payer)
    began = perf_counter()
    prediction = read(player.policy, [root.stream for root in roots])
    clock(began)
    plan = player.search.together(roots, [decide.rng for decide in decides], prediction)
    decisions = _driven(plan, look, clock, bills)
    seconds, decided = (perf_counter() - start) / len(roots), []
    for decision, (tokens, predictions, env_steps) in zip(decisions, bills.T.tolist(), strict=True):
        account = Account(player.limits, player.policy.flops_per_token)
        paid = account.pay(tokens=tokens, predictions=predictions, env_steps=env_steps)
        assert paid
        charge(account, seconds)
        decided.append(Decided(decision, account.cost))
    return decided


def _driven(plan: JointPlan, look: Look, clock: Clock, bills: NDArray[np.int64]) -> Sequence[Decision]:
    """Returns what a plan decides, its asks answered. bills: `[3, B]`, what they cost is added here."""
    answer: States | Prediction | None = None
    stepped, read, length = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], 0
    while True:
        try:
            ask = plan.send(answer)
        except StopIteration as stop:
            decisions: list[Decision] = stop.value
            break
        began = perf_counter()
        if isinstance(ask, StepAll):
            answer = ask.env.step_all(ask.inner, ask.players, ask.tokens)
            stepped.append(ask.roots)
        else:
            answer = look(ask.tokens)
            read.append(ask.roots)
            length = 1 + ask.tokens.shape[1]
        clock(began)
    bills[_ENV_STEPS] += np.bincount(np.concatenate(stepped), minlength=bills.shape[1])
    predictions = np.bincount(np.concatenate(read), minlength=bills.shape[1])
    bills[_PREDICTIONS] += predictions
    bills[_TOKENS] += predictions * length
    return decisions

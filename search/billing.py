"""What an ask costs, and how much of it a decision can pay."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..agents.recall import Recall
from ..agents.stream import Stream
from ..agents.types import Policy
from ..envs.types import Phrased, SequentialEnv
from .asks import Advance, WorldAsk
from .budget import Account


def unread_tokens(stream: Stream, payer: object) -> int:
    """Returns the tokens of `stream` that `payer` has not paid for; the one that opens a stream is read too."""
    length, node = 0, stream
    while payer not in node.notes:
        if node.parent is None:
            return stream.length + 1
        length += len(node.tokens)
        node = node.parent
    return length


def mark_paid(stream: Stream, payer: object) -> None:
    """Notes that `payer` has paid for `stream`; what is marked vouches for all before it."""
    node: Stream | None = stream
    while node is not None and payer not in node.notes:
        node.notes[payer] = True
        node = node.parent


def programs_judged(env: SequentialEnv[Any], ask: WorldAsk) -> list[int]:
    """Returns how many programs each state of an ask has judged: a phrase that goes on has none yet."""
    if isinstance(ask, Advance) and isinstance(env, Phrased):
        return [int(move[-1] == env.phrase(state).end) for state, move in zip(ask.states, ask.moves, strict=True)]
    return [1] * len(ask.states)


def pay_moves(account: Account | None, env_steps: int, programs: Sequence[int]) -> int:
    """Pays for the states of an ask, from the front; returns how many were paid. programs: what each has judged."""
    if account is None:
        return len(programs)
    return 0 if account.out_of_time() else account.pay_moves(env_steps, programs)


def cut(ask: WorldAsk, count: int) -> WorldAsk:
    """Returns an ask for the first `count` states alone."""
    if isinstance(ask, Advance):
        return Advance(ask.env, ask.states[:count], ask.moves[:count])
    return replace(ask, states=ask.states[:count])


def spared_seconds(policy: Policy) -> float:
    """Returns the time that recalled samples took when they were drawn, which whoever is handed them pays too."""
    return policy.spared_seconds if isinstance(policy, Recall) else 0.0


def charge(account: Account | None, seconds: float, judge_cpu_seconds: float = 0.0) -> None:
    """Puts measured seconds on the bill, where there is one."""
    if account is not None:
        account.cost.seconds += seconds
        account.cost.judge_cpu_seconds += judge_cpu_seconds

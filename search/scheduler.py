"""Runs many plans at once: gathers what all of them ask, answers in batches and keeps each decision's bill.

Worlds are asked as soon as somebody waits for them, the policy only when everybody does, so that its batches are as
wide as they can be. Decisions that can be made together, in arrays, are made at once (`together.py`).
"""

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..agents.types import Policy, Prediction, glance_of
from ..envs.types import Advancing, Behaving, Guided, Metered, Phrased, Playable, SequentialEnv, State, play
from .asks import Advance, Behave, Complete, Disguise, PlayOut, Predict, Root
from .billing import charge, cut, mark_paid, pay_moves, programs_judged, spared_seconds, unread_tokens
from .budget import BudgetSpent
from .task import Decide, Decided, Player, Task
from .together import decide_together, joins

Result = TypeVar("Result")


class Scheduler:
    """Runs tasks side by side.

    Attributes:
        answer_seconds: spent inside policies and worlds; the rest of a run is the scheduler's and the searches' own.
    """

    def __init__(self, batch_rows: int = 2048) -> None:
        self._batch_rows = batch_rows
        self.answer_seconds = 0.0

    def run(self, episodes: Iterable[Generator[Any, Any, Result]]) -> list[Result]:
        """Runs all `episodes` to their end and returns their results in order."""
        tasks = [Task(episode) for episode in episodes]
        with _collecting_only_what_is_new():
            try:
                for task in tasks:
                    task.go_on(None)
                waiting = [task for task in tasks if task.ask is not None]
                while waiting:
                    self._answer(waiting)
                    waiting = [task for task in waiting if task.ask is not None]
            finally:
                for task in tasks:
                    task.close()
        return [task.result for task in tasks]

    def decide(self, player: Player, roots: Sequence[Root], rngs: Sequence[np.random.Generator]) -> list[Decided]:
        """Returns `player`'s decision at each root, all searched at once."""

        def ask(root: Root, rng: np.random.Generator) -> Generator[Decide, Decided, Decided]:
            return (yield Decide(player, root, rng, object()))

        return self.run(ask(root, rng) for root, rng in zip(roots, rngs, strict=True))

    def _answer(self, waiting: list[Task]) -> None:
        worlds = [task for task in waiting if not isinstance(task.ask, Predict | Decide)]
        for task in [task for task in worlds if isinstance(task.ask, Complete)]:
            self._complete(task)
        for kind, answer in (
            (Advance, self._advance),
            (Behave, self._behave),
            (PlayOut, self._play_out),
            (Disguise, self._disguise),
        ):
            groups: dict[int, list[Task]] = {}
            for task in worlds:
                if isinstance(task.ask, kind):
                    groups.setdefault(id(task.ask.env), []).append(task)
            for group in groups.values():
                answer(group)
        if worlds:
            return
        deciding = [task for task in waiting if isinstance(task.ask, Decide)]
        if deciding:
            self._decide(deciding)
        else:
            self._predict(waiting)

    def _decide(self, tasks: list[Task]) -> None:
        """Decides together where that is possible and pays, and starts plans elsewhere."""
        groups: dict[tuple[int, int], list[tuple[Task, Decide]]] = {}
        for task in tasks:
            ask = task.ask
            assert isinstance(ask, Decide)
            groups.setdefault((id(ask.player), id(ask.root.env)), []).append((task, ask))
        size = self._batch_rows
        for group in groups.values():
            for part in (group[first : first + size] for first in range(0, len(group), size)):
                asks = [ask for _, ask in part]
                if joins(asks):
                    look = self._look(asks[0].player.policy)
                    decided = decide_together(asks, self._read, look, self._clock)
                    for (task, _), answer in zip(part, decided, strict=True):
                        task.go_on(answer)
                else:
                    for task, _ in part:
                        task.plan()

    def _predict(self, tasks: list[Task]) -> None:
        policies: dict[int, list[tuple[Task, Sequence[Stream]]]] = {}
        for task in tasks:
            streams = self._pay_streams(task)
            if streams:
                policies.setdefault(id(task.decide.player.policy), []).append((task, streams))
        for rows in policies.values():
            policy = rows[0][0].decide.player.policy
            start = perf_counter()
            prediction = self._read(policy, [stream for _, streams in rows for stream in streams])
            each = self._clock(start) / len(prediction.value)
            first = 0
            for task, streams in rows:
                last = first + len(streams)
                charge(task.account, each * len(streams))
                task.go_on(Prediction(prediction.logits[first:last], prediction.value[first:last]))
                first = last

    def _read(self, policy: Policy, streams: Sequence[Stream]) -> Prediction:
        return _in_parts(policy.predict, streams, self._batch_rows)

    def _look(self, policy: Policy) -> Callable[[NDArray[np.int32]], Prediction]:
        glance = glance_of(policy)
        return lambda tokens: _in_parts(glance, tokens, self._batch_rows)

    def _pay_streams(self, task: Task) -> Sequence[Stream]:
        """Pays for the streams a task wants read, from the front; hands it BudgetSpent where not one can be paid."""
        assert isinstance(task.ask, Predict)
        account, payer, streams = task.account, task.decide.payer, task.ask.streams
        assert account is not None
        paid = 0
        if not account.out_of_time():
            for stream in streams:
                if not account.pay(tokens=unread_tokens(stream, payer), predictions=1):
                    break
                mark_paid(stream, payer)
                paid += 1
        if paid == 0:
            task.go_on(None, BudgetSpent())
        return streams[:paid]

    def _complete(self, task: Task) -> None:
        ask, account, policy = task.ask, task.account, task.decide.player.policy
        assert isinstance(ask, Complete)
        assert isinstance(ask.env, Phrased)
        assert account is not None
        count = account.payable_samples(ask.count)
        prompt = unread_tokens(ask.stream, task.decide.payer)
        if count == 0 or account.out_of_time() or not account.pay(tokens=prompt):
            task.go_on(None, BudgetSpent())
            return
        mark_paid(ask.stream, task.decide.payer)
        start, spared = perf_counter(), spared_seconds(policy)
        left = account.tokens_left()
        grammar = ask.env.phrase(ask.state)
        completions = policy.complete(ask.stream, count, ask.sampling, grammar, ask.seed, left)
        charge(account, self._clock(start) + spared_seconds(policy) - spared)
        account.pay(tokens=sum(len(c.tokens) for c in completions), samples=len(completions))
        if len(completions) < count and left is not None:
            # The sample that the budget cut short was paid for as far as it went.
            account.pay(tokens=account.tokens_left() or 0)
        if completions:
            task.go_on(tuple(completions))
        else:
            task.go_on(None, BudgetSpent())

    def _advance(self, tasks: list[Task]) -> None:
        def answer(env: SequentialEnv[Any], paid: Sequence[Advance]) -> Sequence[State[Any]]:
            states = [state for ask in paid for state in ask.states]
            moves = [move for ask in paid for move in ask.moves]
            if isinstance(env, Advancing):
                return env.advance(states, moves)
            return [play(env, state, move) for state, move in zip(states, moves, strict=True)]

        self._ask_world(tasks, answer, lambda _: 1)

    def _behave(self, tasks: list[Task]) -> None:
        def answer(env: SequentialEnv[Any], paid: Sequence[Behave]) -> Sequence[bytes]:
            if not isinstance(env, Behaving):
                raise ValueError(
                    f"{type(env).__name__} cannot say how candidates behave: choose a search that never asks"
                )
            return [mark for ask in paid for mark in env.behaviour(ask.states, ask.seed)]

        self._ask_world(tasks, answer, lambda _: 0)

    def _play_out(self, tasks: list[Task]) -> None:
        def answer(env: SequentialEnv[Any], paid: Sequence[PlayOut]) -> Sequence[NDArray[np.float32]]:
            if not isinstance(env, Playable):
                raise ValueError(
                    f"{type(env).__name__} has no scripted players that play on: choose a search that never asks"
                )
            return [returns for ask in paid for returns in env.playouts(ask.states, ask.horizon, ask.seed)]

        self._ask_world(tasks, answer, lambda ask: ask.horizon)

    def _disguise(self, tasks: list[Task]) -> None:
        def answer(env: SequentialEnv[Any], paid: Sequence[Disguise]) -> Sequence[Any]:
            assert isinstance(env, Guided)
            return [env.guises(state, ask.seed) for ask in paid for state in ask.states]

        self._ask_world(tasks, answer, lambda ask: ask.env.guise_steps)

    def _ask_world(
        self, tasks: list[Task], answer: Callable[[Any, Any], Sequence[Any]], env_steps: Callable[[Any], int]
    ) -> None:
        """Answers tasks that wait for the same world, in one call.

        Args:
            tasks: who waits.
            answer: is handed the world and what each could pay for.
            env_steps: what one state of an ask costs.
        """
        env = tasks[0].ask.env  # type: ignore[union-attr]
        # Asked once: looking for a protocol's members takes as long as three simulations.
        meter = env.meter if isinstance(env, Metered) else None
        paid: list[tuple[Task, Any]] = []
        for task in tasks:
            ask: Any = task.ask
            count = pay_moves(
                task.account, env_steps(ask), programs_judged(env, ask) if meter else [0] * len(ask.states)
            )
            if count == 0 and len(ask.states):
                task.go_on(None, BudgetSpent())
            elif count < len(ask.states):
                paid.append((task, cut(ask, count)))
            else:
                paid.append((task, ask))
        if not paid:
            return
        judged_before = meter()[1] if meter else 0.0
        start = perf_counter()
        answers = answer(env, [ask for _, ask in paid])
        elapsed = self._clock(start)
        judged = meter()[1] - judged_before if meter else 0.0
        each, each_judged, first = elapsed / max(1, len(answers)), judged / max(1, len(answers)), 0
        for task, ask in paid:
            last = first + len(ask.states)
            charge(task.account, each * (last - first), each_judged * (last - first))
            task.go_on(tuple(answers[first:last]))
            first = last

    def _clock(self, start: float) -> float:
        elapsed = perf_counter() - start
        self.answer_seconds += elapsed
        return elapsed


def _in_parts(ask: Callable[[Any], Prediction], rows: Any, size: int) -> Prediction:
    """Returns what `ask` says of `rows`, asked about `size` of them at a time."""
    parts = [ask(rows[first : first + size]) for first in range(0, len(rows), size)]
    if len(parts) == 1:
        return parts[0]
    return Prediction(np.concatenate([p.logits for p in parts]), np.concatenate([p.value for p in parts]))


@contextmanager
def _collecting_only_what_is_new() -> Iterator[None]:
    """Spares the garbage collector what was there before.

    Growing trees make it go through everything again and again, and the libraries loaded are most of it.
    """
    if gc.get_freeze_count():
        # Somebody has done so for longer.
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()

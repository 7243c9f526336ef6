"""Plays every setting on every task at every budget and writes down what it scored and what it cost.

Episodes are played in fixed chunks, side by side, by one setting after the other. A chunk's records are written
together, so an interrupted evaluation repeats whole chunks and batches, and with them every figure but the times.

Seeds of problems, games and searches are the same for every setting: their scores are paired.
"""

import logging
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ..agents.recall import Recall
from ..agents.types import Policy
from ..envs.types import Advancing, Attempts, Described, SequentialEnv, play
from ..learners.progress import Meter
from ..search.asks import Search
from ..search.budget import Limits
from ..search.rollout import Episode, rollout
from ..search.scheduler import Scheduler
from ..search.scripted import Scripted
from ..search.task import Player
from .records import Key, Record, RecordFile
from .replay import write_replay
from .task import Task, budget_label
from .workers import require_portable, workers

logger = logging.getLogger(__name__)

Speak = Callable[[SequentialEnv[Any]], Policy]
"""Returns the policy that speaks a world's dialect."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Episodes that are evaluated together, by every setting at every budget.

    Attributes:
        env: the task's name.
        task: what is played.
        settings: searches by name.
        seeds: which episodes.
    """

    env: str
    task: Task
    settings: Mapping[str, Search]
    seeds: range

    def cells(self) -> Iterator[tuple[str, Search, Limits]]:
        """Yields setting, search and budget: the largest budget and the last setting first.

        So those that draw fewer samples find them drawn.
        """
        for limits in reversed(self.task.budgets):
            for setting, search in reversed(list(self.settings.items())):
                yield setting, search, limits

    def keys(self, training_seed: int) -> set[Key]:
        """Returns the keys of the records it leaves."""
        return {
            (self.env, setting, budget_label(limits), seed, training_seed, 0)
            for setting, _, limits in self.cells()
            for seed in self.seeds
        }


@dataclass(frozen=True, slots=True)
class Keep:
    """The episodes that are kept to look at: the first of each world, by every setting at every budget.

    Attributes:
        folder: where.
        num_episodes: how many.
    """

    folder: Path
    num_episodes: int

    def write(self, chunk: Chunk, player: Player, training_seed: int, episodes: Sequence[Episode]) -> None:
        """Writes the replays of those among `episodes`."""
        for episode in episodes:
            if episode.seed < self.num_episodes:
                key = (chunk.env, player.name, budget_label(player.limits), training_seed, episode.seed)
                name = re.sub(r"[^\w.]+", "-", "_".join(map(str, key)))
                write_replay(self.folder / f"{name}.parquet", chunk.env, chunk.task.world, episode)


def chunks(tasks: Mapping[str, Task], searches: Mapping[str, Search]) -> list[Chunk]:
    """Returns everything there is to evaluate, in the order it is done.

    Raises:
        ValueError: if no setting applies to a task.
    """
    found = []
    for env, task in tasks.items():
        settings = {name: search for name, search in searches.items() if not task.searches or name in task.searches}
        if not settings:
            raise ValueError(
                f"none of {', '.join(searches)} applies to {env!r}, which takes {', '.join(task.searches)}: choose one "
                f"of these with search=[...], or set envs.{env}.searches=[...] to what it shall take"
            )
        for first in range(0, task.num_episodes, task.episodes_per_chunk):
            seeds = range(first, min(first + task.episodes_per_chunk, task.num_episodes))
            found.append(Chunk(env, task, settings, seeds))
    return found


def tell_left_out(tasks: Mapping[str, Task], searches: Mapping[str, Search], is_asked: bool) -> None:
    """Logs which settings are left out of which tasks.

    Args:
        tasks: by name.
        searches: settings by name.
        is_asked: True where somebody chose them; a setting that no task names may then be one that was forgotten there.
    """
    named = {name for task in tasks.values() for name in task.searches}
    for env, task in tasks.items():
        for name in searches if task.searches else ():
            if name not in task.searches:
                logger.log(
                    logging.WARNING if is_asked and name not in named else logging.INFO,
                    "%s does not take %s: left out; set envs.%s.searches=[%s] to ask for it there",
                    *(env, name, env, ",".join([*task.searches, name])),
                )


def evaluate_chunks(
    work: Sequence[Chunk],
    speak: Speak,
    training_seed: int,
    records: RecordFile,
    processes: int = 1,
    keep: Keep | None = None,
) -> None:
    """Evaluates the chunks whose records are missing.

    Args:
        work: from `chunks`.
        speak: returns the policy that speaks a world's dialect; each process has its own.
        training_seed: of the policy, the unit of replication.
        records: where results go, a chunk at a time, as they are ready.
        processes: chunks evaluated at a time; with 1 it is done in this process.
        keep: which episodes are kept to look at.

    Raises:
        ValueError: if a task cannot be sent to another process.
    """
    done = records.keys()
    missing = [chunk for chunk in work if not chunk.keys(training_seed) <= done]
    with Meter("evaluate", len(work) - len(missing), len(work)) as meter:
        results = _evaluated(missing, speak, training_seed, min(processes, len(missing)), keep)
        for index, (chunk, found) in enumerate(results, len(work) - len(missing) + 1):
            records.append(found)
            meter.show(index, f"chunks  {chunk.env} {chunk.seeds.start} to {chunk.seeds.stop - 1}")


def _evaluated(
    work: Sequence[Chunk], speak: Speak, training_seed: int, processes: int, keep: Keep | None
) -> Iterator[tuple[Chunk, list[Record]]]:
    """Yields chunks with their records, as they are ready."""
    if processes < 2:
        for chunk in work:
            yield chunk, _evaluate(chunk, speak, training_seed, keep)
        return
    for name, task in {chunk.env: chunk.task for chunk in work}.items():
        require_portable(name, task)
    threads = max(1, torch.get_num_threads() // processes)
    with workers(processes, _prepare, threads, work, speak, training_seed, keep) as pool:
        jobs = {pool.submit(_evaluate_prepared, place): chunk for place, chunk in enumerate(work)}
        for job in as_completed(jobs):
            yield jobs[job], job.result()


def _evaluate(chunk: Chunk, speak: Speak, training_seed: int, keep: Keep | None) -> list[Record]:
    policy, found = Recall(speak(chunk.task.world)), []
    for setting, search, limits in chunk.cells():
        player = Player(setting, search, policy, limits)
        episodes = Scheduler().run(_episodes(chunk, player, training_seed))
        found += [_record(chunk, player, episode, training_seed) for episode in episodes]
        if keep is not None:
            keep.write(chunk, player, training_seed, episodes)
    return found


# What a process that evaluates was prepared with: sent once, so that its chunks share worlds and the policy.
_prepared: tuple[Sequence[Chunk], Speak, int, Keep | None]


def _prepare(threads: int, *prepared: Any) -> None:
    global _prepared
    torch.set_num_threads(threads)
    _prepared = prepared


def _evaluate_prepared(place: int) -> list[Record]:
    work, speak, training_seed, keep = _prepared
    return _evaluate(work[place], speak, training_seed, keep)


def seat(task: Task, seed: int) -> int:
    """Returns where the evaluated player sits in episode `seed`: every seat in turn."""
    return seed % task.world.num_players


def _episodes(chunk: Chunk, evaluated: Player, training_seed: int) -> Iterator[Generator[Any, Any, Episode]]:
    task = chunk.task
    for seed in chunk.seeds:
        players = [evaluated] * task.world.num_players
        if task.opponent is not None:
            opponent = Player("opponent", Scripted(task.opponent), evaluated.policy)
            players = [evaluated if i == seat(task, seed) else opponent for i in range(task.world.num_players)]
        yield rollout(task.world, seed, players, search_seed=training_seed)


def _record(chunk: Chunk, player: Player, episode: Episode, training_seed: int) -> Record:
    world, own = chunk.task.world, seat(chunk.task, episode.seed)
    return Record(
        env=chunk.env,
        setting=player.name,
        budget=budget_label(player.limits),
        task=episode.seed,
        seed=training_seed,
        sample=0,
        score=chunk.task.score(episode.returns, own),
        decisions=sum(turn.player == own for turn in episode.turns),
        cost=asdict(episode.bill(own)),
        outcome=_contest(world, episode) if isinstance(world, Attempts) else _game(chunk.task, episode),
    )


def _game(task: Task, episode: Episode) -> dict[str, Any]:
    player, world = seat(task, episode.seed), task.world
    told = world.describe(episode.final) if isinstance(world, Described) else {}
    opponents = [name for i, name in enumerate(told.get("strategies", [])) if i != player]
    opponent = " ".join([str(task.opponent), *opponents])
    own = {name: told[name][player] for name in ("told", "built") if name in told}
    return {"return": episode.returns[player], "seat": player, **told, **own, "opponent": opponent}


def _contest(world: SequentialEnv[Any], episode: Episode) -> dict[str, Any]:
    """Returns when the problem was solved, and how all candidates that passed the filter fare on the hidden tests."""
    (turn,) = episode.turns
    solved = episode.returns[0] > 0
    trace = turn.decision.trace
    outcome = {
        "solved_at": turn.attempts if solved else None,
        "handed_in": turn.attempts,
        "first": world.codec.decode(turn.decision.moves[0]),
        "samples": trace.get("samples"),
        **(world.describe(episode.final) if isinstance(world, Described) else {}),
    }
    if "passed" in trace:
        moves, draws = [move for move, _ in trace["passed"]], [count for _, count in trace["passed"]]
        start = world.init(episode.seed)
        ends = (
            world.advance([start] * len(moves), moves)
            if isinstance(world, Advancing)
            else [play(world, start, move) for move in moves]
        )
        outcome["passing"] = sum(draws)
        outcome["solving"] = sum(n for n, end in zip(draws, ends, strict=True) if end.rewards[0] > 0)
        outcome["clusters"] = trace.get("clusters")
    return outcome

"""Practice: a policy goes on by itself, by expert iteration in one of the run's worlds, in as many processes as asked.

Beside every iteration stand the records of what its policy plays alone and with search, against the tasks' opponents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch

from ..agents.networks import Network
from ..agents.vocabulary import Vocabulary
from ..envs.trajectory import Symmetric, Trajectory
from ..envs.types import Attempts, SequentialEnv
from ..learners.dataset import Batch, BatchConfig, Mixture
from ..learners.expert_iteration import ExpertIteration, ExpertIterationConfig, Seams
from ..learners.imitation import Imitation, ImitationConfig
from ..learners.practice import Harvest, match, practise, whole_episodes
from ..search.asks import Search
from ..search.budget import UNLIMITED, Limits
from .evaluate import chunks, evaluate_chunks
from .records import RecordFile
from .speaker import Speaker
from .task import Task
from .workers import workers


@dataclass(frozen=True, slots=True)
class PracticeConfig:
    """Expert iteration in a run.

    Attributes:
        env: the task in whose world the policy practises; where it has a school, in that.
        search: plays, and so teaches.
        learner: how its play is learnt; `learner.steps` counts the updates of all iterations.
        batch: shape of a batch.
        loop: how long, and how much of what.
        limits: the most one decision may cost.
        harvest: what is learnt from an episode.
        watched: names of the settings that an iteration's policy is evaluated with, the policy alone first.
        watched_every: iterations from one that is watched to the next; the last is watched too.
        watched_episodes: of each task, a setting and iteration.
    """

    env: str
    search: Search
    learner: ImitationConfig
    batch: BatchConfig = field(default_factory=BatchConfig)
    loop: ExpertIterationConfig = field(default_factory=ExpertIterationConfig)
    limits: Limits = UNLIMITED
    harvest: Harvest = whole_episodes
    watched: Sequence[str] = ()
    watched_every: int = 1
    watched_episodes: int = 50

    def check(self, tasks: Mapping[str, Task], searches: Mapping[str, Search]) -> None:
        """Refuses, with a `ValueError`, what these tasks and searches do not go with."""
        if self.env not in tasks:
            raise ValueError(f"practice.env: found {self.env!r}, wanted one of {', '.join(tasks)}")
        if isinstance(tasks[self.env].world, Attempts) and tasks[self.env].school is None:
            raise ValueError(
                f"practice.env: in {self.env!r} the policy would practise on the very problems it is evaluated on; "
                f"set envs.{self.env}.school to a world of training problems"
            )
        if self.learner.steps != (updates := self.loop.iterations * self.loop.updates):
            raise ValueError(
                f"practice.learner.steps: found {self.learner.steps}, wanted {updates}: {self.loop.iterations} times "
                f"{self.loop.updates} updates (practice.loop): the learning rate falls towards the last"
            )
        if self.watched_every < 1:
            raise ValueError(f"practice.watched_every: found {self.watched_every}, wanted 1 or more")
        if unknown := [name for name in self.watched if name not in searches]:
            raise ValueError(
                f"practice.watched: found {unknown[0]!r}, wanted searches that are chosen: {', '.join(searches)}"
            )


@dataclass(frozen=True, slots=True)
class Pupil:
    """Who practises.

    Attributes:
        model: the network; its weights change.
        vocabulary: what it speaks.
        export: writes its policy into a folder, or the weights that it is handed for it.
        seed: of its training.
    """

    model: Network
    vocabulary: Vocabulary
    export: Callable[..., None]
    seed: int


def practise_in_run(
    config: PracticeConfig,
    pupil: Pupil,
    tasks: Mapping[str, Task],
    searches: Mapping[str, Search],
    folder: Path,
    figures: Path,
    processes: int,
) -> Path:
    """Returns the folder of the strongest policy; everything else it leaves in `folder`.

    Args:
        config: how.
        pupil: who.
        tasks: those that are watched, and the one that is practised, in the pupil's words.
        searches: the settings among which `config.watched` are.
        folder: of all iterations of this pupil.
        figures: where TensorBoard will look.
        processes: chunks played at a time.
    """
    world, threads = tasks[config.env].classroom, max(1, torch.get_num_threads() // processes)
    device = str(next(pupil.model.parameters()).device)
    practice = _Practice(world, config.search, config.harvest, config.limits, pupil.seed, device)
    with workers(processes, _prepare, threads, practice) as pool:
        seams = Seams(
            partial(_play, pool),
            partial(_batches, world, pupil, config.batch),
            partial(_match, pool, processes),
            pupil.export,
            partial(_watch, config, tasks, searches, pupil.seed, device, processes),
        )
        learner = Imitation(pupil.model, config.learner)
        return ExpertIteration(learner, seams, config.loop, folder, figures).run()


@dataclass(frozen=True, slots=True)
class _Practice:
    """What every process that plays is told once."""

    world: SequentialEnv[Any]
    search: Search
    harvest: Harvest
    limits: Limits
    seed: int
    device: str

    def play(self, champion: Path, seeds: range) -> list[Trajectory]:
        policy = _speaker(champion, self.device)(self.world)
        return practise(self.world, self.search, policy, seeds, self.harvest, self.limits, self.seed)

    def match(self, candidate: Path, champion: Path, seeds: range) -> list[float]:
        new, old = (_speaker(path, self.device)(self.world) for path in (candidate, champion))
        return match(self.world, self.search, new, old, seeds, self.limits, self.seed)


@lru_cache(maxsize=2)
def _speaker(path: Path, device: str) -> Speaker:
    return Speaker(path, device)


_practice: _Practice


def _prepare(threads: int, practice: _Practice) -> None:
    global _practice
    torch.set_num_threads(threads)
    _practice = practice


def _play_prepared(champion: Path, seeds: range) -> list[Trajectory]:
    return _practice.play(champion, seeds)


def _match_prepared(candidate: Path, champion: Path, seeds: range) -> list[float]:
    return _practice.match(candidate, champion, seeds)


def _play(
    pool: ProcessPoolExecutor, champion: Path, missing: Sequence[range]
) -> Iterator[tuple[range, Sequence[Trajectory]]]:
    jobs: dict[Future[list[Trajectory]], range] = {
        pool.submit(_play_prepared, champion, seeds): seeds for seeds in missing
    }
    for job in as_completed(jobs):
        yield jobs[job], job.result()


def _match(pool: ProcessPoolExecutor, processes: int, candidate: Path, champion: Path, seeds: range) -> list[float]:
    size = -(-len(seeds) // processes)
    parts = [seeds[first : first + size] for first in range(0, len(seeds), size)]
    jobs = [pool.submit(_match_prepared, candidate, champion, part) for part in parts]
    return [score for job in jobs for score in job.result()]


def _batches(
    world: SequentialEnv[Any], pupil: Pupil, shape: BatchConfig, played: Sequence[Trajectory], iteration: int
) -> Callable[[int], Batch]:
    trajectories = list(played)
    if isinstance(world, Symmetric):
        trajectories += [reflection for trajectory in played for reflection in world.reflected(trajectory)]
    # Each pupil and iteration shuffles in its own way.
    seed = pupil.seed * 1_000_003 + iteration
    return Mixture({"practice": trajectories}, pupil.vocabulary, shape, seed).batch


def _watch(
    config: PracticeConfig,
    tasks: Mapping[str, Task],
    searches: Mapping[str, Search],
    seed: int,
    device: str,
    processes: int,
    iteration: int,
    folder: Path,
) -> None:
    """Evaluates the policy of an iteration that is due, alone and with search."""
    is_due = iteration % config.watched_every == 0 or iteration == config.loop.iterations
    if not config.watched or not is_due:
        return
    few = {
        name: replace(task, num_episodes=config.watched_episodes, budgets=(UNLIMITED,)) for name, task in tasks.items()
    }
    watched = {name: searches[name] for name in config.watched}
    records = RecordFile(folder / "records.jsonl")
    evaluate_chunks(chunks(few, watched), Speaker(folder / "policy", device), seed, records, processes)

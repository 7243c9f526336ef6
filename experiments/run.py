"""The main job from end to end: demonstrate, imitate, evaluate every setting at every bill, report.

Each stage leaves files and skips what is already there, so the same call goes on after an interruption.
"""

import logging
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from rich.console import Console
from torch import Tensor

from ..agents.checkpoint import load, save
from ..agents.engine import resolve_device
from ..agents.networks import NetworkConfig, network
from ..agents.precision import Precision, resolve_precision
from ..agents.vocabulary import Vocabulary
from ..envs.testing import check_env
from ..learners.crew import ALONE, Crew, Strategy
from ..learners.dataset import BatchConfig, Mixture
from ..learners.expert_iteration import strongest
from ..learners.imitation import Imitation, ImitationConfig
from ..learners.train import TrainConfig, newest
from ..learners.train import train as go_through
from ..search.asks import Search
from .absorbed import search_gain_absorbed, watched
from .acting import trained
from .compare import compare, render
from .demonstrate import demonstrate, learn_codecs, read_demonstrations
from .evaluate import Keep, chunks, evaluate_chunks
from .folder import RunFolder
from .markup import Markup
from .matching import How
from .points import UNITS
from .practise import PracticeConfig, Pupil, practise_in_run
from .records import RecordFile, read_records
from .report import Origin, write_report
from .speaker import Speaker
from .task import Task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunConfig:
    """An experiment.

    Attributes:
        name: the folder it is found under.
        envs: tasks by name; one policy learns them all.
        searches: settings by name.
        agent: the network; its vocabulary is laid out here.
        learner: how it imitates; where no task has a demonstrator, it does not.
        train: how long, and how often it is saved.
        batch: shape of a batch; the weights come from the tasks.
        practice: how the policy then goes on by itself, by expert iteration; None where it does not.
        seeds: training seeds; each trains a policy of its own.
        vocabulary_size: tokens of the codec learnt from text.
        baseline: the setting that all others are compared with.
        match: the unit in which bills must agree.
        how: what is done where they do not: strict, at_most, interpolate or none.
        threads: torch threads; None for one a core.
        processes: chunks evaluated at a time, in as many processes; None for one a core, or one that has a GPU.
        replays: episodes of each world, setting and budget that are kept for `alphakata view`.
        device: auto, cpu or cuda.
        precision: what samples of the trained transformer are computed in. What "auto" comes to, here and for
            learners, is settled when the run begins and told in `meta.json`.
        parallel: how the processes that torchrun started share training: ddp, fsdp, or alone where it started none.
    """

    name: str
    envs: Mapping[str, Task]
    searches: Mapping[str, Search]
    agent: NetworkConfig
    learner: ImitationConfig
    train: TrainConfig
    batch: BatchConfig = field(default_factory=BatchConfig)
    practice: PracticeConfig | None = None
    seeds: Sequence[int] = (0,)
    vocabulary_size: int = 1024
    baseline: str = "sample"
    match: str = "policy_tokens"
    how: How = "strict"
    threads: int | None = None
    processes: int | None = None
    replays: int = 1
    device: str = "auto"
    precision: Precision = "auto"
    parallel: Strategy = "alone"

    def __post_init__(self) -> None:
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds: found {list(self.seeds)}, wanted one or more, each once: for example [0, 1, 2]")
        if self.baseline not in self.searches:
            raise ValueError(
                f"baseline: found {self.baseline!r}, wanted a search that is chosen: "
                f"{', '.join(self.searches) or 'none is'}; set baseline=NAME, or choose it too with search=[...]"
            )
        if self.match not in UNITS:
            raise ValueError(f"match: found {self.match!r}, wanted one of {', '.join(UNITS)}")
        if self.practice is not None and self.parallel != "alone":
            raise ValueError(f"parallel: found {self.parallel}, wanted alone: practice has processes of its own")
        for name in ("threads", "processes"):
            if (count := getattr(self, name)) is not None and count < 1:
                raise ValueError(f"{name}: found {count}, wanted 1 or more, or null for as many as there are cores")
        if self.practice is not None:
            self.practice.check(self.envs, self.searches)
        elif untaught := [name for name, task in self.envs.items() if task.demonstrator is None]:
            raise ValueError(
                f"envs.{untaught[0]}: found neither a demonstrator nor a practice, wanted one of them to learn from"
            )
        # Refuses a world to which no setting applies.
        chunks(self.envs, self.searches)


def run(config: RunConfig, folder: RunFolder, crew: Crew = ALONE) -> None:
    """Does every stage; what is already in `folder` is not done again. Of a crew, the first evaluates."""
    config = _in_one_precision(config, folder, crew)
    train(config, folder, crew)
    if not crew.is_first:
        return
    for seed in config.seeds:
        _evaluate(config, folder, _result(config, folder, seed), seed)
    report(config, folder)


def train(config: RunConfig, folder: RunFolder, crew: Crew = ALONE) -> None:
    """Writes demonstrations down and trains one policy a seed on all of them, alone or as one of a crew.

    Raises:
        ContractError: if a world that is demonstrated breaks its contract.
        ValueError: if a file of the run is torn, a data set is empty, or a demonstration is longer than a row.
    """
    _set_threads(config)
    config = _in_one_precision(config, folder, crew)
    for task in config.envs.values():
        check_env(task.classroom, seeds=[0], max_moves=10)
    logger.info("demonstrate: %s", ", ".join(config.envs))
    with crew.in_turn():
        codecs = learn_codecs(config.envs, folder.trajectories, config.vocabulary_size)
        tasks = {name: task.spoken(codecs) for name, task in config.envs.items()}
        demonstrate(tasks, folder.trajectories)
    pupils = [_pupil(config, seed, tasks) for seed in config.seeds]
    _imitate(config, folder, tasks, pupils, crew)
    if config.practice is not None:
        logger.info("practise: %s", config.practice.env)
        for pupil in pupils:
            seed, processes = pupil.seed, _processes(config)
            where = folder.practice(seed), folder.tensorboard(seed) / "practice"
            practise_in_run(config.practice, pupil, tasks, config.searches, *where, processes)


def evaluate(config: RunConfig, folder: RunFolder, checkpoint: Path) -> None:
    """Evaluates the policy in `checkpoint`, the newest where it holds several, and reports.

    Raises:
        CheckpointError: if it is no whole checkpoint.
        ValueError: if it does not speak the dialect of a world.
    """
    _set_threads(config)
    config = _in_one_precision(config, folder, ALONE)
    path = trained(checkpoint)
    _evaluate(config, folder, path, int(load(path).metadata["seed"]))
    report(config, folder)


def report(config: RunConfig, folder: RunFolder) -> None:
    """Writes the report of everything evaluated so far, and prints its table and its path.

    Raises:
        ValueError: if nothing is, or `config.how` does not allow what the bills are.
    """
    records = read_records(folder.records) if folder.records.exists() else []
    if not records:
        raise ValueError(
            f"nothing evaluated yet in {folder.path}: found no records, wanted at least one; "
            "go on with the verb that started it and --resume"
        )
    logger.info("report: %d records", len(records))
    table = compare(records, config.baseline, config.match, config.how)
    commands = [shlex.join(folder.meta["command"]), f"alphakata report {folder.path}"]
    text = (folder.path / "config.yaml").read_text()
    origin = Origin(config.name, text, commands, folder.meta)
    write_report(folder.report, records, table, origin, _practice(config, folder))
    console = Console()
    console.print(render(table))
    console.print(f"Report: {folder.report.resolve()}", soft_wrap=True)


def _in_one_precision(config: RunConfig, folder: RunFolder, crew: Crew) -> RunConfig:
    """Returns `config` with what "auto" meant where the run began, so that it goes on alike on any machine."""

    def settled(precision: Precision, name: str) -> Precision:
        if precision != "auto":
            return precision
        choose = partial(resolve_precision, precision, resolve_device(config.device))
        choice = folder.settled(name, choose) if crew.is_first else ""
        return cast(Precision, crew.tell(choice))

    def taught(learner: ImitationConfig) -> ImitationConfig:
        return replace(learner, precision=settled(learner.precision, "learner_precision"))

    practice = config.practice and replace(config.practice, learner=taught(config.practice.learner))
    return replace(
        config, precision=settled(config.precision, "precision"), learner=taught(config.learner), practice=practice
    )


def _pupil(config: RunConfig, seed: int, tasks: Mapping[str, Task]) -> Pupil:
    """Returns a network that knows nothing yet but the words of all `tasks`."""
    spoken = {task.world.codec.name: task.world.codec for task in tasks.values()}
    vocabulary = Vocabulary.of({name: (codec.size, codec.fingerprint()) for name, codec in spoken.items()})
    agent = replace(config.agent, vocab_size=vocabulary.size)
    model = network(agent, torch.Generator().manual_seed(seed)).to(resolve_device(config.device))

    def export(path: Path, weights: Mapping[str, Tensor] | None = None) -> None:
        texts = {name: codec.to_json() for name, codec in spoken.items()}
        save(path, agent, model.state_dict() if weights is None else weights, vocabulary, texts, {"seed": seed})

    return Pupil(model, vocabulary, export, seed)


def _imitate(
    config: RunConfig, folder: RunFolder, tasks: Mapping[str, Task], pupils: Sequence[Pupil], crew: Crew
) -> None:
    """Trains every pupil on the demonstrations of all tasks that have any."""
    shown = {name: task for name, task in tasks.items() if task.demonstrator is not None}
    if not shown:
        return
    seeds, precision = ", ".join(str(pupil.seed) for pupil in pupils), config.learner.precision
    logger.info("imitate: %s, seeds %s, in %s", ", ".join(shown), seeds, precision)
    sources = {name: read_demonstrations(task, name, folder.trajectories) for name, task in shown.items()}
    shape = replace(config.batch, weights={name: task.weight for name, task in shown.items()})
    for pupil in pupils:
        learner, seed = Imitation(pupil.model, config.learner, crew), pupil.seed

        def export(path: Path, state: Mapping[str, Any], pupil: Pupil = pupil) -> None:
            # In a crew, the network itself may hold a share of its weights.
            pupil.export(path, state["model"])

        batches = Mixture(sources, pupil.vocabulary, shape, seed).batch
        where = folder.checkpoint(seed), folder.tensorboard(seed)
        if go_through(learner, batches, config.train, *where, export, crew=crew) < config.train.steps:
            raise KeyboardInterrupt


def _result(config: RunConfig, folder: RunFolder, seed: int) -> Path:
    """Returns the policy that training from `seed` ended with."""
    return newest(folder.checkpoint(seed)) if config.practice is None else strongest(folder.practice(seed))


def _practice(config: RunConfig, folder: RunFolder) -> Markup:
    """Returns the report's section on practice, empty where there was none."""
    if config.practice is None:
        return Markup("")
    records = watched([folder.practice(seed) for seed in config.seeds])
    return search_gain_absorbed(records, config.practice.watched)


def _evaluate(config: RunConfig, folder: RunFolder, path: Path, seed: int) -> None:
    logger.info("evaluate: %s", path)
    speaker = Speaker(path, config.device, config.precision)
    codecs = speaker.codecs()
    tasks = {name: task.spoken(codecs) for name, task in config.envs.items()}
    folder.replays.mkdir(exist_ok=True)
    records, keep = RecordFile(folder.records), Keep(folder.replays, config.replays)
    evaluate_chunks(chunks(tasks, config.searches), speaker, seed, records, _processes(config), keep)


def _processes(config: RunConfig) -> int:
    return config.processes or (_cores() if resolve_device(config.device).type == "cpu" else 1)


def _set_threads(config: RunConfig) -> None:
    torch.set_num_threads(config.threads or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0))

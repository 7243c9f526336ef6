"""Expert iteration: play with search, learn what the search made of it, keep what is stronger; over and over.

Anthony et al., Thinking fast and slow with deep learning and tree search (2017), https://arxiv.org/abs/1705.08439; the
gate is AlphaGo Zero's (Silver et al. 2017). The loop knows no world: how to play, to learn and to match are handed in.

Every iteration leaves a folder `iteration_<number>`, 0 being the policy as it came:

    play_<first seed>.parquet    what the strongest policy before it played
    policy/                      what had been learnt after it
    match.json                   how that fared against the strongest before; written last

What is there is not done again, so the same call goes on after an interruption, to the same weights.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..envs.shards import read_shard, write_shard
from ..envs.trajectory import Trajectory
from .dataset import Batch
from .progress import Meter
from .train import TrainConfig, train
from .types import Learner

Play = Callable[[Path, Sequence[range]], Iterable[tuple[range, Sequence[Trajectory]]]]
"""Plays chunks of episodes with the policy in a folder; yields each, as it is ready, with what is learnt from it."""
Match = Callable[[Path, Path, range], Sequence[float]]
"""Plays episodes between the policies in two folders; returns how the first fared, 1 for better, 0 for worse."""
Batches = Callable[[Sequence[Trajectory], int], Callable[[int], Batch]]
"""From everything to be learnt from in an iteration, and its number, to the batch of each of its updates."""
Export = Callable[[Path], None]
"""Writes the policy as it has learnt so far into a folder."""


@dataclass(frozen=True, slots=True)
class ExpertIterationConfig:
    """How long, and how much of what.

    Attributes:
        iterations: rounds of play, training and match.
        episodes: played a round.
        episodes_per_chunk: played side by side by one process, and lost together where the round is interrupted.
        window: rounds whose episodes are learnt from, the newest.
        updates: training steps a round.
        match_episodes: that decide whether what was learnt plays on; 0 lets it without a match.
        match_score: the mean that is wanted, where 0.5 is as strong as before.
        play_ahead: True plays a round while the one before it is learnt, so that neither waits for the other; who plays
            is then a round older.
    """

    iterations: int = 20
    episodes: int = 1000
    episodes_per_chunk: int = 250
    window: int = 5
    updates: int = 200
    match_episodes: int = 100
    match_score: float = 0.5
    play_ahead: bool = False

    def __post_init__(self) -> None:
        for name in ("iterations", "episodes", "episodes_per_chunk", "window", "updates"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 1 or more")
        if self.match_episodes < 0 or not 0 <= self.match_score <= 1:
            raise ValueError(
                "match_episodes >= 0 and match_score in [0, 1] wanted, "
                f"got {self.match_episodes} and {self.match_score}"
            )

    def chunks(self, iteration: int) -> list[range]:
        """Returns the seeds of an iteration, from 1 on; no two iterations share one."""
        first, last = (iteration - 1) * self.episodes, iteration * self.episodes
        size = self.episodes_per_chunk
        return [range(start, min(start + size, last)) for start in range(first, last, size)]

    def matched(self, iteration: int) -> range:
        """Returns the seeds of an iteration's match, which nobody learns from."""
        first = self.iterations * self.episodes + (iteration - 1) * self.match_episodes
        return range(first, first + self.match_episodes)


@dataclass(frozen=True, slots=True)
class Seams:
    """What the loop is handed.

    Attributes:
        play: see `Play`.
        batches: see `Batches`.
        match: see `Match`.
        export: see `Export`.
        watch: told of each iteration that is over, by number and folder; again after an interruption.
    """

    play: Play
    batches: Batches
    match: Match
    export: Export
    watch: Callable[[int, Path], None]


class ExpertIteration:
    """The loop.

    Args:
        learner: learns from batches; its first weights are the first policy.
        seams: how to play, learn and match.
        config: how long.
        folder: of all iterations.
        figures: where TensorBoard will look.
    """

    def __init__(
        self, learner: Learner[Batch], seams: Seams, config: ExpertIterationConfig, folder: Path, figures: Path
    ) -> None:
        self._learner, self._seams, self._config = learner, seams, config
        self._folder, self._figures = folder, figures

    def run(self) -> Path:
        """Goes through every iteration that is not over; returns the folder of the strongest policy.

        Raises:
            KeyboardInterrupt: after Ctrl-C, once the training step is kept.
        """
        config = self._config
        if not (beginning := _policy(self._folder, 0)).exists():
            self._seams.export(beginning)
        done = len(list(self._folder.glob("iteration_*/match.json")))
        with Meter("practise", done, config.iterations) as meter:
            for iteration in range(1, config.iterations + 1):
                if iteration > done:
                    self._play(iteration)
                    with self._playing(iteration + 1) if config.play_ahead else nullcontext():
                        self._train(iteration)
                        told = self._match(iteration)
                    meter.show(iteration, f"iterations  {told}")
                self._seams.watch(iteration, iteration_folder(self._folder, iteration))
        return strongest(self._folder)

    @contextmanager
    def _playing(self, iteration: int) -> Iterator[None]:
        """Plays an iteration beside the block, and waits for its end unless the block fails."""
        if iteration > self._config.iterations:
            yield
            return
        hand = ThreadPoolExecutor(1, "play")
        try:
            playing = hand.submit(self._play, iteration)
            yield
            playing.result()
        finally:
            hand.shutdown(wait=False)

    def _play(self, iteration: int) -> None:
        folder = iteration_folder(self._folder, iteration)
        folder.mkdir(parents=True, exist_ok=True)
        missing = [chunk for chunk in self._config.chunks(iteration) if not _shard(folder, chunk).exists()]
        if not missing:
            return
        champion = strongest(self._folder, max(1, iteration - self._config.play_ahead))
        chunks = self._config.chunks(iteration)
        with Meter(f"play {iteration}", len(chunks) - len(missing), len(chunks)) as meter:
            played = self._seams.play(champion, missing)
            for number, (chunk, trajectories) in enumerate(played, len(chunks) - len(missing) + 1):
                write_shard(_shard(folder, chunk), trajectories)
                meter.show(number, "chunks")

    def _train(self, iteration: int) -> None:
        config = self._config
        if (policy := _policy(self._folder, iteration)).exists():
            return
        batches = self._seams.batches(list(self._window(iteration)), iteration)
        before = (iteration - 1) * config.updates
        schedule = TrainConfig(iteration * config.updates, checkpoint_every=config.updates)
        done = train(
            self._learner,
            lambda step: batches(step - before),
            schedule,
            self._folder / "checkpoints",
            self._figures,
        )
        if done < schedule.steps:
            raise KeyboardInterrupt
        self._seams.export(policy)

    def _window(self, iteration: int) -> Iterator[Trajectory]:
        for number in range(max(1, iteration - self._config.window + 1), iteration + 1):
            folder = iteration_folder(self._folder, number)
            for chunk in self._config.chunks(number):
                yield from read_shard(_shard(folder, chunk))

    def _match(self, iteration: int) -> str:
        config, candidate = self._config, _policy(self._folder, iteration)
        scores: Sequence[float] = []
        if config.match_episodes:
            scores = self._seams.match(candidate, strongest(self._folder, iteration), config.matched(iteration))
        score = sum(scores) / len(scores) if scores else None
        accepted = score is None or score >= config.match_score
        result = {"iteration": iteration, "score": score, "episodes": len(scores), "accepted": accepted}
        _write(iteration_folder(self._folder, iteration) / "match.json", json.dumps(result, indent=2) + "\n")
        return "accepted" if score is None else f"{score:.2f} {'accepted' if accepted else 'refused'}"


def iteration_folder(folder: Path, iteration: int) -> Path:
    """Returns the folder of an iteration."""
    return folder / f"iteration_{iteration:04d}"


def matches(folder: Path) -> list[dict[str, Any]]:
    """Returns the results of all iterations that are over, in order."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("iteration_*/match.json"))]


def strongest(folder: Path, before: int | None = None) -> Path:
    """Returns the folder of the policy that passed its match last; before an iteration where one is named."""
    passed = [result["iteration"] for result in matches(folder) if result["accepted"]]
    return _policy(folder, max([0, *(number for number in passed if before is None or number < before)]))


def _policy(folder: Path, iteration: int) -> Path:
    return iteration_folder(folder, iteration) / "policy"


def _shard(folder: Path, chunk: range) -> Path:
    return folder / f"play_{chunk.start:08d}.parquet"


def _write(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text)
    os.replace(unfinished, path)

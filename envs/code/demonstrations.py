"""Contest problems with their programs as examples: right ones to copy, wrong ones to tell from them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..trajectory import Trajectory
from ..types import SequentialEnv
from .env import CodeContest, numbered


@dataclass(frozen=True, slots=True)
class ContestDemonstrator:
    """A demonstrator: one training problem a seed; no program is run.

    Attributes:
        correct: right programs of a problem, to be copied; each earns 1.
        incorrect: wrong programs a problem on average, nearest misses first, which teach the value alone; each earns 0.
    """

    correct: int = 1
    incorrect: float = 0.25

    def __call__(self, env: SequentialEnv[Any], seed: int) -> list[Trajectory]:
        """Returns a trajectory for each program that is short enough for `env`.

        Its metadata: the problem's `name`, `rating` and `tags`, and whether the program is `correct`.

        Raises:
            ValueError: if `env` is no `CodeContest`.
        """
        if not isinstance(env, CodeContest):
            raise ValueError(f"contest problems are demonstrated in a CodeContest, not in {type(env).__name__}")
        problem = numbered(env.training, seed)
        prompt = env.codec.encode(problem.prompt)
        about = {"name": problem.name, "rating": problem.rating, "tags": list(problem.tags)}
        # Whole numbers whose sum over the seeds keeps up with the average.
        num_incorrect = int(self.incorrect * (seed + 1)) - int(self.incorrect * seed)
        handed_in = [(solution.source, True) for solution in problem.solutions[: self.correct]]
        handed_in += [(solution.source, False) for solution in problem.incorrect_solutions[:num_incorrect]]
        trajectories = []
        for source, correct in handed_in:
            program = env.shown(problem, source)
            if len(program) <= env.max_tokens:
                rewards = np.zeros(len(program), np.float32)
                rewards[-1] = correct
                trajectories.append(
                    Trajectory(
                        codec=env.codec.name,
                        tokens=np.concatenate([prompt, program]),
                        is_action=np.arange(len(prompt) + len(program)) >= len(prompt),
                        segment=np.zeros(len(prompt) + len(program), np.int32),
                        rewards=rewards,
                        copy_weight=float(correct),
                        source=problem.source,
                        metadata={**about, "correct": correct},
                    )
                )
        return trajectories

"""Endless contest problems, each determined by a seed and its number."""

from dataclasses import dataclass

import numpy as np

from ..inputs import made_inputs
from ..judge import Case
from ..problem import Problem, Solution
from .composition import Split, compose
from .frames import FAMILIES, Family
from .operations import pick
from .reference import outputs
from .source import program
from .statements import state
from .styles import draw_style
from .tasks import Task, pose

_SALTS = {"train": 0, "test": 1}
_NUM_GENERATED = 3
_MAX_DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class GeneratedProblems:
    """Contest problems numbered 0, 1, 2...; those of the two splits share no composition.

    Attributes:
        split: "train" or "test".
        levels: how many operations precede printing; each entry is as likely as the others.
        seed: another seed, other problems.
        hidden_rule: probability that a step is left out of the statement, for the examples to tell.
        weak_examples: probability that examples are chosen to tell little: near misses pass them where they can.
        families: what problems are about; each entry is as likely as the others.
        num_solutions: correct programs a problem has, each in a style of its own.
        num_mistakes: the most incorrect programs a problem has.
    """

    split: Split = "train"
    levels: tuple[int, ...] = (1, 1, 2, 2, 3)
    seed: int = 0
    hidden_rule: float = 0.25
    weak_examples: float = 0.5
    families: tuple[Family, ...] = FAMILIES
    num_solutions: int = 2
    num_mistakes: int = 4

    def __post_init__(self) -> None:
        if not self.levels or min(self.levels) < 1:
            raise ValueError(f"levels {self.levels}: one or more wanted, each at least 1 operation")

    def __getitem__(self, index: int) -> Problem:
        """Returns problem `index`.

        Raises:
            IndexError: if it is negative.
            ValueError: if the settings leave no fair problem to be found.
        """
        if index < 0:
            raise IndexError(f"problem {index}: problems are numbered 0, 1, 2...")
        rng = np.random.default_rng([self.seed, _SALTS[self.split], index])
        for _ in range(_MAX_DRAWS):
            if (task := self._task(rng)) is not None:
                return self._problem(rng, index, task)
        raise ValueError(
            f"no fair problem of split {self.split!r} in {_MAX_DRAWS} draws from levels {self.levels} and families "
            f"{self.families}: allow other levels or more families"
        )

    def _task(self, rng: np.random.Generator) -> Task | None:
        """Draws a composition; None where it is of the other split or makes no fair task."""
        composition = compose(rng, pick(rng, self.families), pick(rng, self.levels))
        if composition is None or composition.split != self.split:
            return None
        return pose(rng, composition, 2 * self.num_mistakes)

    def _problem(self, rng: np.random.Generator, index: int, task: Task) -> Problem:
        """Writes a task down."""
        composition = task.composition
        shown = task.examples(rng, bool(rng.random() < self.weak_examples))
        statement, num_untold = state(rng, composition, self.hidden_rule)
        cases = [Case(given, wanted + "\n") for given, wanted in zip(task.inputs, task.outputs, strict=True)]
        hidden = [i for i in range(len(cases)) if i not in shown]
        caught = [miss for miss in task.misses if any(miss.outputs[i] != task.outputs[i] for i in hidden)]
        caught.sort(key=lambda miss: -sum(miss.outputs[i] == task.outputs[i] for i in shown))
        made = made_inputs([task.inputs[i] for i in shown], _NUM_GENERATED, index)
        answers = zip(made, outputs(composition, made), strict=True)
        return Problem(
            name=f"generated/{self.split}/{self.seed}/{index}",
            statement=statement,
            examples=tuple(cases[i] for i in shown),
            hidden=tuple(cases[i] for i in hidden),
            generated=tuple(Case(given, wanted + "\n") for given, wanted in answers if wanted is not None),
            time_limit_seconds=1.0,
            tags=tuple(dict.fromkeys((composition.family, *composition.tags))),
            rating=600 + 100 * (composition.level + composition.hardness + num_untold),
            difficulty=f"level {composition.level}",
            solutions=tuple(
                Solution("python3", program(composition, draw_style(rng))) for _ in range(self.num_solutions)
            ),
            incorrect_solutions=tuple(
                Solution("python3", program(miss.composition, draw_style(rng))) for miss in caught[: self.num_mistakes]
            ),
            source="generated",
        )

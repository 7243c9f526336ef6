"""A composition with its tests: inputs, what is right for them, and who gets which of them wrong.

A task is fair where every step matters to some output, and its outputs are neither all alike nor long.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .composition import Composition
from .frames import Size
from .mistakes import near_misses, shortened
from .operations import pick
from .reference import outputs

_SIZES: tuple[Size, ...] = ("small",) * 5 + ("edge",) * 2 + ("large",) * 6
_NUM_SMALL = _SIZES.count("small")
_WIDEST_OUTPUT = 48
_COMMONEST = 0.7


@dataclass(frozen=True, slots=True)
class Miss:
    """A composition mistaken for another.

    Attributes:
        composition: what was understood.
        outputs: what its reference program prints for each of the task's inputs, None where it fails.
    """

    composition: Composition
    outputs: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A composition with its tests.

    Attributes:
        composition: what is asked.
        inputs: the small ones, fit for examples, first.
        outputs: what is right for each.
        misses: near misses, each wrong for some input.
    """

    composition: Composition
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    misses: tuple[Miss, ...]

    def examples(self, rng: np.random.Generator, weak: bool) -> tuple[int, ...]:
        """Returns the numbers of the two or three tests to show; `weak` ones let as many near misses pass as they can.

        Two that print the same are shown only where there are no others.
        """
        choices = list(combinations(range(_NUM_SMALL), pick(rng, (2, 2, 3))))
        rng.shuffle(choices)
        telling = [choice for choice in choices if len({self.outputs[i] for i in choice}) > 1] or choices
        return max(telling, key=self._num_passing) if weak else telling[0]

    def _num_passing(self, tests: tuple[int, ...]) -> int:
        return sum(all(miss.outputs[i] == self.outputs[i] for i in tests) for miss in self.misses)


def pose(rng: np.random.Generator, composition: Composition, num_misses: int) -> Task | None:
    """Returns a task of `composition` with inputs drawn anew and at most `num_misses` near misses; None if unfair."""
    inputs = tuple(composition.frame.draw(rng, size) for size in _SIZES)
    right = tuple(output for output in outputs(composition, inputs) if output is not None)
    if len(right) < len(inputs) or not _is_fair(right):
        return None
    if any(outputs(shorter, inputs) == right for shorter in shortened(composition)):
        return None
    neighbours = near_misses(composition)
    order = rng.permutation(len(neighbours))[:num_misses]
    misses = (Miss(neighbours[i], outputs(neighbours[i], inputs)) for i in order)
    return Task(composition, inputs, right, tuple(miss for miss in misses if miss.outputs != right))


def _is_fair(right: tuple[str, ...]) -> bool:
    """Says whether outputs differ enough to judge by, and small inputs' are short enough to show."""
    commonest = Counter(right).most_common(1)[0][1]
    return commonest <= _COMMONEST * len(right) and all(len(output) <= _WIDEST_OUTPUT for output in right[:_NUM_SMALL])

"""Near misses: the compositions that somebody solves who misread a problem by a little.

A wrong program is a right program for a neighbouring problem, which keeps the split clean: a neighbour that belongs to
the other split is never handed out.
"""

from collections.abc import Iterator
from dataclasses import replace

from .composition import Composition, Step, choosable, retake


def near_misses(composition: Composition) -> list[Composition]:
    """Returns the neighbours of `composition` in its own split: one edit away, whose types still fit."""
    neighbours = []
    for steps in _edits(composition.steps):
        if (fitted := retake(steps, composition.frame)) is not None:
            neighbour = replace(composition, steps=fitted)
            if neighbour.split == composition.split:
                neighbours.append(neighbour)
    return neighbours


def shortened(composition: Composition) -> list[Composition]:
    """Returns `composition` without one of its steps, for each that can be left out."""
    steps = composition.steps
    shorter = (retake(steps[:i] + steps[i + 1 :], composition.frame) for i in range(len(steps) - 1))
    return [replace(composition, steps=fitted) for fitted in shorter if fitted is not None]


def _edits(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yields the steps with one step forgotten, swapped with the next, mistaken for a sibling, off by one or sloppy."""
    for i, step in enumerate(steps):
        before, after = steps[:i], steps[i + 1 :]
        if i + 1 < len(steps):
            yield before + after
        if i + 2 < len(steps):
            yield (*before, after[0], step, *after[1:])
        for sibling in _mistaken(step):
            yield (*before, sibling, *after)


def _mistaken(step: Step) -> Iterator[Step]:
    """Yields what a step may be taken for."""
    operation, constant = step.operation, step.constant
    if operation.sloppy:
        yield replace(step, sloppy=True)
    if isinstance(constant, int):
        yield replace(step, constant=constant + 1)
        # Below its least constant an operation may be another one: divisible by 2 is even.
        if constant > min(int(known) for known in operation.constants):
            yield replace(step, constant=constant - 1)
    for sibling in choosable(step.takes, operation.kind, max(1, operation.hardness)):
        if sibling.group == operation.group != "" and sibling.name != operation.name:
            other = constant if sibling.constants and constant is not None else next(iter(sibling.constants), None)
            yield Step(sibling, step.takes, other)

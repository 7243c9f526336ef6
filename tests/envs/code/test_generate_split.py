"""Training and test share no composition, no program and no statement that says it all."""

import ast
import re
from itertools import islice

import numpy as np
import pytest

from alphakata.envs.code import GeneratedProblems, Problem
from alphakata.envs.code.generate.composition import Composition, compose
from alphakata.envs.code.generate.frames import FAMILIES
from alphakata.envs.code.generate.mistakes import near_misses
from alphakata.envs.code.generate.source import program
from alphakata.envs.code.generate.styles import PLAIN

COUNT = 400


@pytest.fixture(scope="module")
def training() -> list[Problem]:
    return [GeneratedProblems("train", hidden_rule=0.1)[i] for i in range(COUNT)]


@pytest.fixture(scope="module")
def test() -> list[Problem]:
    return [GeneratedProblems("test", hidden_rule=0.1)[i] for i in range(COUNT)]


def normalised(source: str) -> str:
    """Returns a program with the names it binds numbered in order of appearance, in one spelling."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    names: dict[str, str] = {}
    return re.sub(
        r"\b[a-z]+\b",
        lambda found: names.setdefault(found[0], f"n{len(names)}") if found[0] in bound else found[0],
        ast.unparse(tree),
    )


def shingles(problem: Problem) -> set[tuple[str, ...]]:
    """Returns the runs of five words of a problem as a player reads it, numbers in the examples included."""
    words = problem.prompt.lower().split()
    return set(zip(*(islice(words, i, None) for i in range(5)), strict=False))


def compositions(seed: int) -> list[Composition]:
    """Returns some 8,000 compositions of either split."""
    rng = np.random.default_rng(seed)
    drawn = (compose(rng, family, level) for _ in range(550) for family in FAMILIES for level in (1, 2, 3))
    return [composition for composition in drawn if composition is not None]


def test_a_composition_belongs_to_one_split_whatever_its_constants_are() -> None:
    splits: dict[str, set[str]] = {}
    for composition in compositions(0):
        splits.setdefault(composition.key, set()).add(composition.split)
    assert all(len(split) == 1 for split in splits.values())
    share = sum(split == {"test"} for split in splits.values()) / len(splits)
    assert 0.17 < share < 0.23


def test_thousands_of_test_programs_differ_from_all_training_programs_and_their_near_misses() -> None:
    drawn = compositions(1)
    training = [c for c in drawn if c.split == "train"]
    known = {program(c, PLAIN) for seen in training for c in (seen, *near_misses(seen))}
    asked = {program(c, PLAIN) for c in drawn if c.split == "test"}
    assert len(known) > 30_000
    assert len(asked) > 1_000
    assert not known & asked


def test_no_test_program_is_a_training_program_right_or_wrong(training: list[Problem], test: list[Problem]) -> None:
    known = {normalised(s.source) for p in training for s in p.solutions + p.incorrect_solutions}
    asked = {normalised(s.source) for p in test for s in p.solutions}
    assert len(known) > COUNT
    assert not known & asked


def test_no_test_problem_reads_like_a_training_problem(training: list[Problem], test: list[Problem]) -> None:
    owners: dict[tuple[str, ...], list[int]] = {}
    sets = [shingles(problem) for problem in training]
    for i, words in enumerate(sets):
        for shingle in words:
            owners.setdefault(shingle, []).append(i)
    for problem in test:
        words = shingles(problem)
        shared: dict[int, int] = {}
        for shingle in words:
            for i in owners.get(shingle, ()):
                shared[i] = shared.get(i, 0) + 1
        overlap = max((n / len(words | sets[i]) for i, n in shared.items()), default=0.0)
        assert overlap < 0.9, problem.prompt


def test_a_problem_is_determined_by_split_seed_and_number() -> None:
    assert GeneratedProblems("train", seed=3)[7] == GeneratedProblems("train", seed=3)[7]
    others = [
        GeneratedProblems("train", seed=4)[7],
        GeneratedProblems("train", seed=3)[8],
        GeneratedProblems("test")[7],
    ]
    assert all(GeneratedProblems("train", seed=3)[7].prompt != other.prompt for other in others)


def test_problems_have_no_negative_numbers() -> None:
    with pytest.raises(IndexError, match="numbered 0, 1, 2"):
        GeneratedProblems()[-1]

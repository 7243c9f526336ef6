"""How many wrong programs a problem's tests let pass, before and after augmentation, where the truth is known.

    python benchmarks/augmentation.py [--quick] [--json FILE] [--problems 200] [--tests 50] [--agreeing 3]

Problems are generated, so a reference program says what is right for any number of fresh inputs: a program is wrong if
it fails one of 200 of these, drawn as the problem's own inputs are. Programs are near misses of the problem, mutants of
a right program, and right programs in several hands. Only those that pass the examples count, as in AlphaCode. Tests
are the examples and the first k hidden ones; augmentation mutates those and asks the right programs. Intervals are
95 %, over problems.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from alphakata.envs.code.augmentation import Augmentation, augmented
from alphakata.envs.code.generate.composition import Composition, compose
from alphakata.envs.code.generate.frames import FAMILIES, Size
from alphakata.envs.code.generate.mistakes import near_misses
from alphakata.envs.code.generate.operations import pick
from alphakata.envs.code.generate.reference import outputs
from alphakata.envs.code.generate.source import program
from alphakata.envs.code.generate.styles import HANDS, PLAIN, draw_style
from alphakata.envs.code.generate.tasks import Task, pose
from alphakata.envs.code.judge import Case, Job, Pool, TestSet, Verdict
from alphakata.envs.code.judge.corpus import mutants
from alphakata.envs.code.problem import Problem, Solution
from alphakata.envs.code.runs import limits_of
from alphakata.experiments.statistics import Estimate, estimate

LEVELS = (1, 2, 2, 2, 3)
SIZES: tuple[Size, ...] = ("small", "large", "large", "edge")
NUM_FRESH = 200
MOST_OF_A_KIND = 12


@dataclass(frozen=True, slots=True)
class Exam:
    """A problem whose truth is known.

    Attributes:
        problem: with all its hidden tests and none generated.
        fresh: tests that decide what is wrong.
        programs: near misses, mutants and right programs, by their text alone.
    """

    problem: Problem
    fresh: tuple[Case, ...]
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a set of tests made of one problem's programs that pass the examples.

    Attributes:
        wrong: wrong programs.
        right: programs that no fresh input tells from the right one.
        wrong_accepted: wrong ones that pass.
        right_accepted: right ones that pass.
        num_tests: tests beside the examples.
    """

    wrong: int
    right: int
    wrong_accepted: int
    right_accepted: int
    num_tests: int


def exams(count: int, seed: int) -> Iterator[Exam]:
    """Yields `count` problems of the generator's training split."""
    rng = np.random.default_rng([seed, 3])
    while count:
        composition = compose(rng, pick(rng, FAMILIES), pick(rng, LEVELS))
        task = pose(rng, composition, 8) if composition is not None and composition.split == "train" else None
        if task is not None:
            yield _exam(rng, task)
            count -= 1


def _exam(rng: np.random.Generator, task: Task) -> Exam:
    composition = task.composition
    # As in the generator, half of the examples are chosen to tell little.
    shown = task.examples(rng, weak=bool(rng.random() < 0.5))
    cases = [Case(text, output + "\n") for text, output in zip(task.inputs, task.outputs, strict=True)]
    right = tuple(dict.fromkeys(program(composition, hand) for hand in HANDS))
    misses = [program(miss, draw_style(rng)) for miss in near_misses(composition)]
    edits = mutants(program(composition, PLAIN), MOST_OF_A_KIND, rng)
    wrong = (*_some(rng, misses), *edits)
    hidden = [case for place, case in enumerate(cases) if place not in shown]
    problem = Problem(
        name=composition.key,
        statement="",
        examples=tuple(cases[place] for place in shown),
        hidden=tuple(hidden[place] for place in rng.permutation(len(hidden))),
        time_limit_seconds=1.0,
        solutions=tuple(Solution("python3", source) for source in right),
    )
    return Exam(problem, _fresh(rng, composition), tuple(dict.fromkeys((*wrong, *right))))


def _some(rng: np.random.Generator, sources: Sequence[str]) -> list[str]:
    return [sources[place] for place in rng.permutation(len(sources))[:MOST_OF_A_KIND]]


def _fresh(rng: np.random.Generator, composition: Composition) -> tuple[Case, ...]:
    texts = dict.fromkeys(composition.frame.draw(rng, pick(rng, SIZES)) for _ in range(NUM_FRESH))
    answers = zip(texts, outputs(composition, list(texts)), strict=True)
    return tuple(Case(text, output) for text, output in answers if output is not None)


def accepted(pool: Pool, problem: Problem, programs: Sequence[str], cases: tuple[Case, ...]) -> list[bool]:
    """Returns of each program whether it passes all of `cases`."""
    jobs = [Job(source, TestSet(cases), limits_of(problem)) for source in programs]
    return [result.verdict is Verdict.AC for result in pool.map(jobs)]


def scores(exam: Exam, num_hidden: Sequence[int], pool: Pool, settings: Augmentation) -> list[tuple[Score, Score]]:
    """Returns what the tests make of the programs before and after augmentation, for each number of hidden tests."""
    passing = accepted(pool, exam.problem, exam.programs, exam.problem.examples)
    programs = [source for source, passes in zip(exam.programs, passing, strict=True) if passes]
    truth = accepted(pool, exam.problem, programs, exam.fresh)
    pairs = []
    for count in num_hidden:
        before = replace(exam.problem, hidden=exam.problem.hidden[:count])
        after = augmented(before, pool, settings).problem
        sets = (problem.hidden + problem.generated for problem in (before, after))
        old, new = (_score(truth, accepted(pool, before, programs, cases), len(cases)) for cases in sets)
        pairs.append((old, new))
    return pairs


def _score(truth: Sequence[bool], passing: Sequence[bool], num_tests: int) -> Score:
    wrong_accepted = sum(passes and not right for right, passes in zip(truth, passing, strict=True))
    right_accepted = sum(passes and right for right, passes in zip(truth, passing, strict=True))
    return Score(len(truth) - sum(truth), sum(truth), wrong_accepted, right_accepted, num_tests)


def share(parts: Sequence[int], wholes: Sequence[int]) -> Estimate:
    """Returns the mean of `parts` over `wholes`, problem by problem; those with nothing to count are left out."""
    return estimate(np.array([[part / whole for part, whole in zip(parts, wholes, strict=True) if whole]]))


def row(found: Sequence[Score]) -> tuple[Estimate, Estimate, Estimate, float]:
    """Returns wrong programs accepted, wrong ones among those accepted, right ones rejected, and tests a problem."""
    wrong, right = [s.wrong_accepted for s in found], [s.right_accepted for s in found]
    return (
        share(wrong, [s.wrong for s in found]),
        share(wrong, [a + b for a, b in zip(wrong, right, strict=True)]),
        share([s.right - s.right_accepted for s in found], [s.right for s in found]),
        float(np.mean([s.num_tests for s in found])),
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few problems; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--tests", type=int, default=50, help="tests that augmentation may make for a problem")
    parser.add_argument("--agreeing", type=int, default=3, help="right programs that must agree on an output")
    arguments = parser.parse_args()
    count, num_hidden = (12, (0, 3)) if arguments.quick else (arguments.problems, (0, 1, 3, 10))
    settings = Augmentation(arguments.agreeing, num_tests=arguments.tests, num_inputs=8 * arguments.tests)
    start = perf_counter()
    with Pool() as pool:
        found = [scores(exam, num_hidden, pool, settings) for exam in exams(count, seed=0)]
        cpu_seconds = pool.stats().cpu_seconds
    firsts = [pairs[0][0] for pairs in found]
    num_wrong, num_right = sum(score.wrong for score in firsts), sum(score.right for score in firsts)
    print(f"{count} problems; of the programs that pass the examples {num_wrong} are wrong and {num_right} right")
    print(f"{perf_counter() - start:.0f} s, of which the programs took {cpu_seconds:.0f} s of CPU")
    print("hidden  tests          wrong accepted        wrong among accepted  right rejected")
    figures = []
    for place, hidden in enumerate(num_hidden):
        before, after = (row([pairs[place][when] for pairs in found]) for when in (0, 1))
        for when, (wrong, among, rejected, num_tests) in (("before", before), ("after", after)):
            print(f"{hidden:6}  {when:6}  {num_tests:5.1f}  {wrong:.3f}  {among:.3f}  {rejected:.3f}")
        value, peer = after[0].value, before[0].value
        name = f"wrong_accepted_with_{hidden}_hidden_tests"
        figures.append({"name": name, "value": value, "unit": "share", "peer": "not augmented", "ratio": value / peer})
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Generated problems: what they promise to whoever learns from them or is judged by them."""

import numpy as np
import pytest

from alphakata.envs.code import GeneratedProblems, Problem
from alphakata.envs.code.generate import problems as generate_problems
from alphakata.envs.code.generate.composition import compose
from alphakata.envs.code.generate.frames import FAMILIES
from alphakata.envs.code.generate.mistakes import shortened
from alphakata.envs.code.generate.reference import outputs
from alphakata.envs.code.generate.tasks import pose
from alphakata.envs.code.judge import Job, Pool, TestSet, Verdict


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    return [GeneratedProblems("test", levels=(1, 2, 3, 4))[i] for i in range(300)]


def test_the_judge_accepts_solutions_and_catches_mistakes_on_a_hidden_test(problems: list[Problem]) -> None:
    with Pool() as pool:
        right = [Job(p.solutions[0].source, TestSet(p.tests)) for p in problems[:40]]
        wrong = [Job(s.source, TestSet(p.hidden)) for p in problems[:40] for s in p.incorrect_solutions[:2]]
        assert {result.verdict for result in pool.map(right)} == {Verdict.AC}
        assert Verdict.AC not in {result.verdict for result in pool.map(wrong)}


def test_hidden_tests_tell_programs_apart_that_print_one_thing(problems: list[Problem]) -> None:
    for problem in problems:
        outputs = [case.output for case in (*problem.hidden, *problem.examples)]
        assert len(problem.hidden) >= 10
        assert max(outputs.count(output) for output in outputs) <= 0.7 * len(outputs)


def test_many_near_misses_pass_all_examples_where_those_are_weak(problems: list[Problem]) -> None:
    def share(weak_examples: float) -> float:
        source = GeneratedProblems("train", weak_examples=weak_examples)
        with Pool() as pool:
            jobs = [
                Job(miss.source, TestSet(problem.examples))
                for problem in map(source.__getitem__, range(40))
                for miss in problem.incorrect_solutions[:2]
            ]
            return float(np.mean([result.verdict is Verdict.AC for result in pool.map(jobs)]))

    assert share(weak_examples=1.0) > max(0.4, share(weak_examples=0.0))


def test_problems_are_short_enough_for_a_small_network(problems: list[Problem]) -> None:
    assert np.mean([len(problem.statement) for problem in problems]) < 200
    assert max(len(problem.prompt) for problem in problems) < 600
    assert np.mean([len(problem.solutions[0].source) for problem in problems]) < 180


def test_ratings_rise_with_the_level_and_reach_2000(problems: list[Problem]) -> None:
    means = [np.mean([p.rating for p in problems if p.difficulty == f"level {level}"]) for level in (1, 2, 3, 4)]
    assert means == sorted(means)
    assert min(problem.rating for problem in problems) == 800
    assert max(problem.rating for problem in problems) >= 2000


def test_all_families_occur_and_are_the_first_tag(problems: list[Problem]) -> None:
    assert {problem.tags[0] for problem in problems} == set(FAMILIES)
    only = GeneratedProblems("train", families=("strings",))
    assert {only[i].tags[0] for i in range(10)} == {"strings"}


def test_the_hidden_rule_setting_decides_how_much_is_left_to_the_examples() -> None:
    def hinted(hidden_rule: float) -> float:
        source = GeneratedProblems("train", hidden_rule=hidden_rule)
        return float(np.mean(["hidden" in source[i].statement or "examples" in source[i].statement for i in range(60)]))

    assert hinted(0.0) == 0.0
    assert hinted(0.2) < hinted(0.9)


def test_settings_that_leave_no_fair_problem_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_problems, "_MAX_DRAWS", 20)
    with pytest.raises(
        ValueError, match=r"of split 'test' in 20 draws from levels \(20,\) and families \('strings',\)"
    ):
        GeneratedProblems("test", levels=(20,), families=("strings",))[0]


def test_every_step_of_a_problem_changes_some_output() -> None:
    rng = np.random.default_rng(0)
    drawn = (compose(rng, "lists", 2) for _ in range(100))
    tasks = [task for c in drawn if c is not None and (task := pose(rng, c, num_misses=0)) is not None]
    assert 20 < len(tasks) < 100
    for task in tasks:
        assert all(outputs(shorter, task.inputs) != task.outputs for shorter in shortened(task.composition))


@pytest.mark.parametrize("levels", [(), (0,), (1, -1)])
def test_a_problem_without_an_operation_is_refused(levels: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="each at least 1 operation"):
        GeneratedProblems(levels=levels)

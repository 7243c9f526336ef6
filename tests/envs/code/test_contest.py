"""The code contest as a world: attempts, judging, and a model that knows examples alone."""

from collections.abc import Iterator
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from alphakata.envs.code import CodeContest, GeneratedProblems, Problem, Solution
from alphakata.envs.code.inputs import made_inputs
from alphakata.envs.code.judge import Case, Floats, Tokens
from alphakata.envs.codec import BpeCodec, WordCodec
from alphakata.envs.testing import check_env
from alphakata.envs.types import (
    Advancing,
    Attempts,
    Behaving,
    Described,
    Graded,
    Metered,
    Phrased,
    Rendering,
    Textual,
    play,
)

DOUBLE = Problem(
    name="secret/name",
    statement="Print twice the number.",
    examples=(Case("2", "4"),),
    hidden=(Case("3", "6"),),
    generated=(Case("987654", "1975308"),),
    tags=("a secret tag",),
    rating=876_543,
    difficulty="a secret level",
    solutions=(Solution("python3", "print(2 * int(input()))"),),
    incorrect_solutions=(Solution("python3", "print(int(input()) ** 2)  # a_secret"),),
    source="a secret archive",
)
RIGHT, SQUARE, BROKEN = "print(int(input())*2)", "print(int(input())**2)", "print("


@pytest.fixture(scope="module")
def env() -> CodeContest:
    return CodeContest((DOUBLE,), attempts=3)


def move(env: CodeContest, program: str) -> list[int]:
    return [*env.codec.encode(program).tolist(), env.end]


def test_the_contest_holds_the_contract_and_offers_every_ability() -> None:
    env = CodeContest(GeneratedProblems("test"), attempts=2, max_tokens=12, made_inputs=2)
    check_env(env, seeds=range(2), max_moves=3)
    for ability in (Phrased, Advancing, Behaving, Described, Graded, Metered, Attempts, Textual, Rendering):
        assert isinstance(env, ability)


def test_a_right_program_earns_one_and_ends_the_episode(env: CodeContest) -> None:
    state = play(env, env.init(0), move(env, RIGHT))
    assert (state.rewards.tolist(), state.terminal) == ([1.0], True)


def test_a_wrong_program_costs_an_attempt_and_shows_the_same_words(env: CodeContest) -> None:
    first = env.init(0)
    second = play(env, first, move(env, SQUARE))
    assert (second.rewards.tolist(), second.terminal, second.restart) == ([0.0], False, True)
    assert second.tokens.tolist() == first.tokens.tolist()
    assert play(env, second, move(env, RIGHT)).rewards.tolist() == [1.0]
    third = play(env, second, move(env, BROKEN))
    last = play(env, third, move(env, SQUARE))
    assert (last.rewards.tolist(), last.terminal) == ([0.0], True)


def test_a_contest_and_its_model_compare_as_the_problem_says() -> None:
    problem = Problem("near", "Print a third.", (Case("", "0.3333333"),), checker=Floats(absolute=1e-3))
    env = CodeContest((problem, replace(problem, checker=Tokens())))
    for seed, reward in ((0, 1.0), (1, 0.0)):
        world, state = env.model(env.init(seed), seed=0)
        assert play(env, env.init(seed), move(env, "print(1/3)")).rewards.tolist() == [reward]
        assert play(world, state, move(env, "print(1/3)")).rewards.tolist() == [reward]


def test_the_model_rewards_passing_the_examples_and_has_one_attempt(env: CodeContest) -> None:
    world, state = env.model(env.init(0), seed=0)
    after = world.advance([state, state], [move(env, SQUARE), move(env, BROKEN)])
    assert [(s.rewards.tolist(), s.terminal) for s in after] == [([1.0], True), ([0.0], True)]
    assert world.attempts == 1


def test_graded_a_program_earns_the_share_of_tests_it_passes() -> None:
    half = replace(DOUBLE, examples=(Case("3", "6"), Case("2", "4")), hidden=(), generated=())
    world, state = CodeContest((half,)).graded().model(CodeContest((half,)).init(0), 0)
    after = world.advance([state] * 3, [move(world, program) for program in (RIGHT, SQUARE, BROKEN)])
    assert [s.rewards.tolist() for s in after] == [[1.0], [0.5], [0.0]]
    assert CodeContest((half,)).advance([state], [move(world, SQUARE)])[0].rewards.tolist() == [0.0]


def test_what_is_left_of_a_program_has_less_room(env: CodeContest) -> None:
    state = play(env, env.init(0), move(env, RIGHT)[:5])
    assert env.phrase(state).max_tokens == env.max_tokens - 5


def test_headings_are_drawn_from_those_of_training_problems_and_never_the_problems_own() -> None:
    one = replace(DOUBLE, rating=800, tags=("strings",))
    training = (one, replace(one, rating=1200), replace(one, tags=("math", "lists")))
    env = CodeContest((DOUBLE,), training, headings="drawn")
    world, state = env.model(env.init(0), seed=0)
    lines = ["# 800 strings\n", "# 800 math, lists\n", "# 1200 strings\n", "# 1200 math, lists\n"]
    assert [env.codec.decode(opening) for opening in env.phrase(env.init(0)).openings] == lines
    assert [world.codec.decode(opening) for opening in world.phrase(state).openings] == lines
    assert play(world, state, move(world, lines[0] + RIGHT)).rewards.tolist() == [1.0]
    assert env.phrase(play(env, env.init(0), [5])).openings == ()
    assert CodeContest((DOUBLE,), training, headings="own").phrase(env.init(0)).openings == ()


def test_headings_must_leave_room_for_a_program() -> None:
    env = CodeContest((DOUBLE,), headings="drawn", max_tokens=10)
    with pytest.raises(ValueError, match=r"a heading takes 22 tokens, a program may have 10: raise max_tokens"):
        env.with_codec(env.codec)


def test_headings_want_problems_that_have_ratings_or_tags() -> None:
    plain = replace(DOUBLE, rating=0, tags=())
    with pytest.raises(ValueError, match="none of 1 training problems has a rating or tags"):
        CodeContest((plain,), headings="drawn")
    with pytest.raises(ValueError, match="headings: found 'some', wanted none, own, drawn"):
        CodeContest((plain,), headings="some")  # type: ignore[arg-type]


def reachable(thing: Any, seen: set[int]) -> Iterator[Any]:
    """Yields everything that can be reached from `thing` by attributes, items, closures and bound methods."""
    if id(thing) in seen or isinstance(thing, (type, ModuleType, np.ndarray)):
        return
    seen.add(id(thing))
    yield thing
    held: list[Any] = list(getattr(thing, "__dict__", {}).values())
    held += [
        getattr(thing, name)
        for kind in type(thing).__mro__
        for name in getattr(kind, "__slots__", ())
        if hasattr(thing, name)
    ]
    if isinstance(thing, dict):
        held += [*thing.keys(), *thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset)):
        held += thing
    elif isinstance(thing, FunctionType):
        held += [cell.cell_contents for cell in thing.__closure__ or ()]
    held += [getattr(thing, "__self__", None)]
    for part in held:
        yield from reachable(part, seen)


def test_the_model_holds_no_hidden_test_nobodys_program_and_nothing_that_names_the_problem() -> None:
    env = CodeContest((DOUBLE,), attempts=3)
    state = play(env, env.init(0), move(env, SQUARE))
    texts = [thing for thing in reachable((env, state), set()) if isinstance(thing, str)]
    told = {DOUBLE.name, *DOUBLE.tags, DOUBLE.difficulty, DOUBLE.source}
    assert {"987654", "1975308", DOUBLE.solutions[0].source, *told} <= set(texts)
    world, imagined = env.model(state, seed=0)
    world.advance([imagined], [move(world, RIGHT)])
    held = list(reachable((world, imagined), set()))
    texts = [thing for thing in held if isinstance(thing, str)]
    assert DOUBLE.rating not in [thing for thing in held if isinstance(thing, int)]
    assert "Print twice the number." in texts
    assert not [text for text in texts if "987654" in text or "1975308" in text or "secret" in text]
    assert DOUBLE.solutions[0].source not in texts


def test_equal_behaviour_has_equal_fingerprints(env: CodeContest) -> None:
    world, state = env.model(env.init(0), seed=0)
    programs = [RIGHT, "n=int(input());print(n+n)", SQUARE, BROKEN, "1/0"]
    after = world.advance([state] * 5, [move(env, program) for program in programs])
    double, same, square, broken, failing = world.behaviour(after, seed=1)
    assert double == same
    assert len({double, square, broken, failing}) == 4
    assert world.behaviour(after[:1], seed=1) == [double]


def test_a_report_names_the_problem_though_the_model_cannot(env: CodeContest) -> None:
    state = play(env, env.init(0), move(env, RIGHT))
    assert env.describe(state) == {"name": "secret/name", "rating": 876_543, "tags": ["a secret tag"]}
    world, seen = env.model(env.init(0), seed=0)
    assert world.describe(seen) == {"name": "", "rating": 0, "tags": []}


def test_behaviour_never_draws_the_hidden_inputs_though_count_and_seed_be_theirs() -> None:
    problem = GeneratedProblems("test")[4]
    env = CodeContest((problem,), made_inputs=3)
    world, state = env.model(env.init(0), seed=0)
    hidden = {case.input for case in problem.generated}
    assert hidden == set(made_inputs([case.input for case in problem.examples], 3, 4))
    world.behaviour([play(world, state, move(world, RIGHT))], seed=4)
    ran = {thing for thing in reachable(world, set()) if isinstance(thing, str)}
    assert ran.isdisjoint(hidden)


def test_a_program_that_meets_the_token_limit_can_only_end(env: CodeContest) -> None:
    short = CodeContest((DOUBLE,), max_tokens=3)
    state = play(short, short.init(0), [5, 6])
    assert np.flatnonzero(state.legal).tolist() == [short.end]
    with pytest.raises(ValueError, match=r"token 7 in place 1 of 1"):
        short.step(state, 7)


def test_illegal_moves_are_refused(env: CodeContest) -> None:
    state = env.init(0)
    with pytest.raises(ValueError, match="token 999 in place 1"):
        env.step(state, 999)
    with pytest.raises(ValueError, match="1 tokens follow 256, which ends a program"):
        env.advance([state], [[256, 5]])
    with pytest.raises(ValueError, match="over after 1 attempts"):
        env.step(play(env, state, move(env, RIGHT)), 5)


def test_programs_in_one_batch_are_judged_together_with_unfinished_ones(env: CodeContest) -> None:
    state = env.init(0)
    done, going = env.advance([state, state], [move(env, RIGHT), [4, 5]])
    assert (done.terminal, going.terminal, going.inner.written) == (True, False, (4, 5))


def test_every_program_asked_about_is_on_the_meter_of_who_asked() -> None:
    env = CodeContest((DOUBLE,))
    world, state = env.model(env.init(0), seed=0)
    after = world.advance([state] * 3, [move(env, RIGHT)] * 3)
    world.behaviour(after[:2], seed=0)
    programs, cpu_seconds = world.meter()
    assert (programs, env.meter()[0]) == (5, 0)
    assert cpu_seconds > 0


def test_seeds_number_the_problems_of_a_list() -> None:
    env = CodeContest((DOUBLE, replace(DOUBLE, name="again")))
    assert [env.init(seed).inner.problem.name for seed in range(3)] == [DOUBLE.name, "again", DOUBLE.name]


def test_another_codec_speaks_the_same_contest(env: CodeContest) -> None:
    texts = env.texts(1)
    assert texts == [DOUBLE.prompt + DOUBLE.solutions[0].source]
    other = env.with_codec(BpeCodec.train("text", texts, 270))
    assert len(other.init(0).tokens) < len(env.init(0).tokens)
    assert other.codec.decode(other.init(0).tokens.tolist()) == DOUBLE.prompt
    assert play(other, other.init(0), move(other, RIGHT)).rewards.tolist() == [1.0]


def test_there_are_no_more_texts_than_problems_and_one_may_lack_a_solution() -> None:
    unsolved = replace(DOUBLE, solutions=())
    assert CodeContest((DOUBLE, unsolved)).texts(9) == [DOUBLE.prompt + DOUBLE.solutions[0].source, DOUBLE.prompt]


def test_a_watcher_sees_problem_and_program(env: CodeContest) -> None:
    state = env.advance([env.init(0)], [env.codec.encode("print(").tolist()])[0]
    assert env.render(state) == DOUBLE.prompt + "print("


def test_settings_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="attempts=0, max_tokens=96, made_inputs=8; each must be 1 or more"):
        CodeContest((DOUBLE,), attempts=0)


def test_a_codec_of_words_is_refused() -> None:
    with pytest.raises(ValueError, match="codec 'w' is a WordCodec; programs are text, pass a BpeCodec"):
        CodeContest((DOUBLE,), codec=WordCodec("w", ["a"]))

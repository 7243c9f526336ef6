"""The tables of operations: every style of every one does the same, and says so in English."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from alphakata.envs.code.generate.composition import OPERATIONS, Composition, Step, choosable, retake
from alphakata.envs.code.generate.frames import FRAMES
from alphakata.envs.code.generate.reference import outputs
from alphakata.envs.code.generate.source import program
from alphakata.envs.code.generate.statements import state
from alphakata.envs.code.generate.styles import PLAIN, Style, draw_style


def run(source: str, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns what a program of ours prints, run with the real `input`, `print` and `sys.stdin`."""
    monkeypatch.setattr("sys.stdin", StringIO(text))
    with redirect_stdout(StringIO()) as written:
        exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    return written.getvalue().rstrip("\n")


def compositions() -> Iterator[Composition]:
    """Yields for every operation a shortest composition with it in."""
    for operation in OPERATIONS:
        for takes in operation.takes:
            steps = [*_way_to(takes), Step(operation, takes, next(iter(operation.constants), None))]
            while steps[-1].operation.kind != "print":
                steps.append(_next(steps[-1].gives))
            for frame in FRAMES:
                fitted = retake(steps, frame)
                if fitted is not None:
                    yield Composition(frame.families[0], frame, fitted)
                    break
            else:
                pytest.fail(f"no frame leads to {operation.name}")


def _way_to(takes: str) -> list[Step]:
    """Returns steps after which the value has a type no frame gives."""
    way: list[Step] = []
    while takes not in {frame.gives for frame in FRAMES}:
        opening = next(item for item in OPERATIONS if item.gives == takes and takes not in item.takes)
        way.insert(0, Step(opening, opening.takes[0], next(iter(opening.constants), None)))
        takes = opening.takes[0]
    return way


def _next(takes: str) -> Step:
    kind = "print" if choosable(takes, "print", 9) else "then" if choosable(takes, "then", 9) else "else"
    kind = kind if choosable(takes, kind, 9) else "whole"
    operation = choosable(takes, kind, 9)[0]
    return Step(operation, takes, next(iter(operation.constants), None))


@pytest.mark.parametrize("composition", list(compositions()), ids=lambda composition: composition.key)
def test_all_styles_of_an_operation_print_the_same(composition: Composition, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    styles = [draw_style(rng) for _ in range(12)]
    inputs = [composition.frame.draw(rng, size) for size in ("small", "large", "edge")]
    for text, wanted in zip(inputs, outputs(composition, inputs), strict=True):
        for style in styles if wanted is not None else ():
            assert run(program(composition, style), text, monkeypatch) == wanted


def test_operations_that_take_one_type_have_different_names() -> None:
    for takes in {takes for operation in OPERATIONS for takes in operation.takes}:
        names = [operation.name for operation in OPERATIONS if takes in operation.takes]
        assert sorted(names) == sorted(set(names))


def test_constants_stand_in_code_and_phrases_alike() -> None:
    for operation in OPERATIONS:
        wanted = bool(operation.constants)
        assert all(("K" in code) == wanted for code in operation.code), operation.name
        assert all(("K" in phrase) == wanted for phrase in operation.phrases), operation.name


def test_a_program_is_spelt_in_its_style() -> None:
    composition = next(c for c in compositions() if c.steps[0].operation.name == "even")
    composition = replace(composition, steps=(composition.steps[0], Step(choosable("ints", "print", 9)[1], "ints")))
    assert program(composition, PLAIN) == (
        "a = list(map(int, input().split()))\na = [x for x in a if x % 2 == 0]\nprint(sum(a))"
    )
    assert program(composition, Style(spaced=False, inline=True)) == (
        "a=list(map(int,input().split()))\nprint(sum([x for x in a if x%2==0]))"
    )
    assert program(composition, Style("xs", "e", indent=" ", form="loop", helper="f")) == (
        "def f(xs):\n b = []\n for e in xs:\n  if e % 2 == 0:\n   b.append(e)\n xs = b\n return sum(xs)\n"
        "print(f(list(map(int, input().split()))))"
    )


def test_a_statement_without_hidden_rules_says_every_step() -> None:
    composition = next(c for c in compositions() if c.steps[0].operation.name == "even")
    for seed in range(20):
        text, num_untold = state(np.random.default_rng(seed), composition, hidden_rule=0.0)
        said = any(word in text for word in ("even", "multiple of two"))
        assert (said, num_untold) == (True, 0)


def test_a_single_step_may_be_hidden_but_then_the_question_is_not() -> None:
    composition = next(c for c in compositions() if c.steps[0].operation.name == "even")
    texts = [state(np.random.default_rng(seed), composition, hidden_rule=1.0)[0] for seed in range(20)]
    assert all("even" not in text and "multiple" not in text for text in texts)
    assert all(any(phrase.split()[-1] in text for phrase in composition.steps[-1].operation.phrases) for text in texts)

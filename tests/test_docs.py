"""What the documents say is so: their examples run and their commands can be given."""

import doctest
import re
import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import alphakata
from alphakata.agents import UniformPolicy
from alphakata.envs.board import TicTacToe
from alphakata.experiments.cli import main
from alphakata.experiments.configure import compose, sweep
from alphakata.search import check_search

HOUSE = Path(__file__).parents[1]
ROOMS = ("agents", "configs", "envs", "experiments", "learners", "search")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(only_cheap: bool) -> list[list[str]]:
    """Returns the `alphakata` commands of the README; blocks opened by "```sh cheap" can be run in no time."""
    blocks = BLOCK.findall((HOUSE / "README.md").read_text())
    chosen = [text for kind, mark, text in blocks if kind == "sh" and (mark.strip() == "cheap" or not only_cheap)]
    lines = [line.partition("  #")[0] for text in chosen for line in text.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("alphakata ")]


def test_examples_in_docstrings_run() -> None:
    tried = 0
    for info in walk_packages(alphakata.__path__, "alphakata."):
        if info.name.split(".")[1] in ROOMS:
            failed, examples = doctest.testmod(import_module(info.name))
            assert failed == 0, info.name
            tried += examples
    assert tried


@pytest.mark.parametrize("command", commands(only_cheap=True), ids=" ".join)
def test_cheap_commands_of_the_readme_succeed(command: list[str]) -> None:
    assert main(command) == 0


@pytest.mark.usefixtures("nim_installed")
@pytest.mark.parametrize("command", commands(only_cheap=False), ids=" ".join)
def test_the_readme_names_only_choices_that_exist(command: list[str]) -> None:
    overrides = [word for word in command[1:] if "=" in word and not word.startswith(("-", "checkpoint=", "file="))]
    verb = command[0] if command[0] in ("play", "solve") else "config"

    for single in sweep(overrides):
        compose(single, verb)


def test_python_in_the_readme_runs() -> None:
    blocks = [block for language, _, block in BLOCK.findall((HOUSE / "README.md").read_text()) if language == "python"]

    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_the_search_in_the_readme_keeps_the_contract_of_searches() -> None:
    (block,) = (text for _, _, text in BLOCK.findall((HOUSE / "README.md").read_text()) if "class Greedy" in text)
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), names)

    check_search(names["Greedy"](), TicTacToe(), UniformPolicy(TicTacToe().codec.size))

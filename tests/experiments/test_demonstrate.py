"""Demonstrations are written by other processes, to which a task must be able to go."""

from pathlib import Path

import pytest

from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.demonstrations import ExpertGames, UniformExpert
from alphakata.experiments.demonstrate import demonstrate
from alphakata.experiments.task import Task


def test_a_world_that_cannot_be_sent_to_another_process_is_named(tmp_path: Path) -> None:
    class Nowhere(TicTacToe):
        pass

    task = Task(Nowhere(), ExpertGames([UniformExpert()]), opponent=UniformExpert())

    with pytest.raises(ValueError, match=r"envs.here: Nowhere, .* define classes and functions at the top of a module"):
        demonstrate({"here": task}, tmp_path)

"""Tic-tac-toe holds the contract, tells its mover what stands, and ends as it should."""

import numpy as np
import pytest

from alphakata.envs.board.tictactoe import FIRST_MOVE, WORDS, Board, TicTacToe
from alphakata.envs.testing import check_env
from alphakata.envs.types import State, play

ENV = TicTacToe()


def after(cells: str) -> State[Board]:
    return play(ENV, ENV.init(0), ENV.codec.encode(" ".join(cells)).tolist())


def test_it_holds_the_contract() -> None:
    check_env(ENV)


def test_the_mover_reads_its_own_stones_as_x() -> None:
    assert ENV.codec.decode(after("15").tokens.tolist()) == "x . . . o . . . ."
    assert ENV.codec.decode(after("159").tokens.tolist()) == "o . . . x . . . o"


def test_the_first_player_is_drawn_as_x_whoever_moves() -> None:
    assert ENV.render(after("15")) == "X . .\n. O .\n. . ."
    assert ENV.render(after("159")) == "X . .\n. O .\n. . X"


@pytest.mark.parametrize("line", ["123", "456", "789", "147", "258", "369", "159", "357"])
def test_three_in_a_line_end_the_game_and_pay_their_player(line: str) -> None:
    first, second = [cell for cell in "123456789" if cell not in line][:2]
    state = after(line[0] + first + line[1] + second + line[2])
    assert state.terminal
    assert state.rewards.tolist() == [1, -1]


def test_the_second_player_wins_too() -> None:
    assert after("174859").rewards.tolist() == [-1, 1]


def test_a_full_board_is_a_draw() -> None:
    state = after("123546879")
    assert state.terminal
    assert state.rewards.tolist() == [0, 0]


@pytest.mark.parametrize("word", ["1", "x"])
def test_a_taken_cell_or_no_cell_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"tictactoe: token \d+ is no legal move"):
        ENV.step(after("1"), int(ENV.codec.encode(word)[0]))


@pytest.mark.parametrize("token", [FIRST_MOVE, FIRST_MOVE - 1, len(WORDS)])
def test_many_boards_refuse_a_cell_that_is_taken_or_none(token: int) -> None:
    states = [after("1")] * 2
    with pytest.raises(ValueError, match="is no legal move"):
        ENV.step_all(ENV.gather(states), np.ones(2, np.int32), np.array([FIRST_MOVE + 1, token], np.int32))

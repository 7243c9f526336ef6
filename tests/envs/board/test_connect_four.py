"""Connect Four holds the contract, tells its mover what stands, and ends as it should."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.envs.board.connect_four import NUM_FILLINGS, SIZE, Board, ConnectFour, has_four
from alphakata.envs.testing import check_env
from alphakata.envs.types import State, play

ENV = ConnectFour()


def after(columns: str) -> State[Board]:
    return play(ENV, ENV.init(0), ENV.codec.encode(" ".join(columns)).tolist())


def test_it_holds_the_contract() -> None:
    check_env(ENV)


def test_it_has_a_word_for_every_filling_of_a_column_and_for_every_move() -> None:
    assert ENV.codec.size == 127 + 7
    assert ENV.codec.decode(range(127, 134)) == "1 2 3 4 5 6 7"


def test_the_mover_reads_its_own_stones_as_x_from_the_bottom_up() -> None:
    assert ENV.codec.decode(after("4453").tokens.tolist()) == "- - o xo x - -"
    assert ENV.codec.decode(after("44534").tokens.tolist()) == "- - x oxo o - -"


def test_the_words_say_what_the_picture_shows_all_through_a_game() -> None:
    rng = np.random.default_rng(0)
    state = ENV.init(0)
    while not state.terminal:
        state = ENV.step(state, int(rng.choice(np.flatnonzero(state.legal))))
        own, other = ("X", "O") if state.player == 0 else ("O", "X")
        drawn = ["".join(row.split()) for row in ENV.render(state).splitlines()[-2::-1]]
        columns = ["".join(column).replace(own, "x").replace(other, "o") for column in zip(*drawn, strict=True)]
        assert ENV.codec.decode(state.tokens.tolist()) == " ".join(column.rstrip(".") or "-" for column in columns)


def four_by_looking(stones: NDArray[np.bool_]) -> bool:
    return any(
        all(0 <= x + i * dx < 7 and 0 <= y + i * dy < 6 and stones[x + i * dx, y + i * dy] for i in range(4))
        for x in range(7)
        for y in range(6)
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1))
    )


def test_four_in_a_row_is_what_looking_along_every_line_finds() -> None:
    rng = np.random.default_rng(0)
    boards = [rng.random((7, 6)) < 0.45 for _ in range(300)]
    found = [has_four(sum(1 << 8 * x + y for x, y in np.argwhere(board).tolist())) for board in boards]
    assert found == [four_by_looking(board) for board in boards]
    assert {True, False} == set(found)


@pytest.mark.parametrize(("columns", "rewards"), [("1212121", [1, -1]), ("71212121", [-1, 1])])
def test_four_in_a_row_end_the_game_and_pay_their_player(columns: str, rewards: list[float]) -> None:
    state = after(columns)
    assert state.terminal
    assert state.rewards.tolist() == rewards


def test_a_full_column_is_no_legal_move() -> None:
    state = after("111111")
    assert np.flatnonzero(state.legal).tolist() == list(range(NUM_FILLINGS + 1, 134))
    with pytest.raises(ValueError, match=r"token 127 is no legal move, \[128, .*\nO \. \. \."):
        ENV.step(state, 127)


def test_a_full_board_is_a_draw() -> None:
    state = after("121212212121343434434343565656656565777777")
    assert state.terminal
    assert state.rewards.tolist() == [0, 0]


def test_equal_boards_behave_alike_and_others_do_not() -> None:
    one, same, other = ENV.behaviour([after("1234"), after("3214"), after("1243")], 0)
    assert one == same != other


def test_masks_are_shared_and_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        ENV.init(0).legal[0] = True


@pytest.mark.parametrize("token", [NUM_FILLINGS, NUM_FILLINGS - 1, SIZE])
def test_many_boards_refuse_a_stone_that_does_not_fit(token: int) -> None:
    state = ENV.init(0)
    for _ in range(6):
        state = ENV.step(state, NUM_FILLINGS)
    with pytest.raises(ValueError, match=f"token {token} is no legal move on board 1 of 2"):
        ENV.step_all(ENV.gather([state] * 2), np.zeros(2, np.int32), np.array([NUM_FILLINGS + 1, token], np.int32))

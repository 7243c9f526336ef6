"""Experts win what can be won, block what must be blocked, and differ only where moves are equally good."""

from typing import Any

import numpy as np
import pytest

from alphakata.envs.board.connect_four import Board, ConnectFour
from alphakata.envs.board.experts import AlphaBeta, OnePly, PerfectTicTacToe
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.demonstrations import Expert
from alphakata.envs.types import SequentialEnv, State

FOUR = ConnectFour()

WIN_IN_ONE = """
    . . . . . . .
    . . . . . . .
    . . . . . . .
    . . . . . . .
    o o . . . . .
    x x x . o . .
"""
MUST_BLOCK = """
    . . . . . . .
    . . . . . . .
    . o . . . . .
    . o . . . . .
    . o . x . . .
    . x . x . . .
"""
WIN_IN_TWO = """
    . . . . . . .
    . . . . . . .
    . . . . . . .
    . . . . . . .
    . . . o o . .
    . . . x x . .
"""


def drawn(picture: str) -> State[Board]:
    """The state of a board whose mover has the x."""
    rows = [row.split() for row in reversed(picture.strip().splitlines())]
    bits = {(x, y): 1 << 8 * x + y for y in range(6) for x in range(7)}
    own = sum(bits[x, y] for x, y in bits if rows[y][x] == "x")
    stones = sum(bits[x, y] for x, y in bits if rows[y][x] != ".")
    empty = FOUR.init(0)
    return State(Board(own, stones), empty.tokens, True, empty.legal, 0, empty.rewards, False)


def choices(expert: Expert, state: State[Any]) -> str:
    """The columns the expert picks over many draws."""
    moves = {expert(FOUR, state, np.random.default_rng(seed))[0] for seed in range(40)}
    return FOUR.codec.decode(sorted(moves))


def score(env: SequentialEnv[Any], one: Expert, other: Expert, games: int) -> float:
    """The mean return of `one`, which moves first in every second game."""
    total = 0.0
    for seed in range(games):
        rng, state = np.random.default_rng(seed), env.init(seed)
        players = (one, other) if seed % 2 == 0 else (other, one)
        while not state.terminal:
            state = env.step(state, players[state.player](env, state, rng)[0])
        total += float(state.rewards[seed % 2])
    return total / games


@pytest.mark.parametrize("expert", [OnePly(), AlphaBeta(1), AlphaBeta(2), AlphaBeta(4)])
def test_a_win_at_hand_is_taken(expert: Expert) -> None:
    assert choices(expert, drawn(WIN_IN_ONE)) == "4"


@pytest.mark.parametrize("expert", [OnePly(), AlphaBeta(2), AlphaBeta(4)])
def test_a_loss_at_hand_is_blocked(expert: Expert) -> None:
    assert choices(expert, drawn(MUST_BLOCK)) == "2"


def test_a_win_in_two_is_seen_three_plies_ahead() -> None:
    assert choices(AlphaBeta(3), drawn(WIN_IN_TWO)) == "3 6"


def test_where_nothing_is_at_stake_one_ply_plays_anything() -> None:
    assert choices(OnePly(), FOUR.init(0)) == "1 2 3 4 5 6 7"


def brute_force(state: State[Board], depth: int, player: int) -> float:
    """What the next `depth` plies can force for `player`: 1, 0 or -1."""
    if state.terminal or depth == 0:
        return float(state.rewards[player])
    worth = [brute_force(FOUR.step(state, int(token)), depth - 1, player) for token in np.flatnonzero(state.legal)]
    return max(worth) if state.player == player else min(worth)


def test_alpha_beta_plays_no_move_that_brute_force_would_not() -> None:
    rng = np.random.default_rng(1)
    decisive = 0
    for _ in range(12):
        state = FOUR.init(0)
        for _ in range(14):
            state = state if state.terminal else FOUR.step(state, int(rng.choice(np.flatnonzero(state.legal))))
        if not state.terminal:
            best = brute_force(state, 4, state.player)
            chosen = FOUR.step(state, AlphaBeta(4)(FOUR, state, rng)[0])
            assert brute_force(chosen, 3, state.player) == best
            decisive += best != 0
    assert decisive > 0


def test_six_plies_beat_one() -> None:
    assert score(FOUR, AlphaBeta(6), AlphaBeta(1), games=20) > 0.5


def test_a_depth_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="depth 0: at least its own move"):
        AlphaBeta(0)


def test_perfect_play_loses_to_no_line_of_replies() -> None:
    env, expert, rng = TicTacToe(), PerfectTicTacToe(), np.random.default_rng(0)

    def worst(state: State[Any], seat: int) -> float:
        if state.terminal:
            return float(state.rewards[seat])
        moves = expert(env, state, rng) if state.player == seat else np.flatnonzero(state.legal)
        return min(worst(env.step(state, int(token)), seat) for token in moves)

    assert worst(env.init(0), 0) == 0
    assert worst(env.init(0), 1) == 0

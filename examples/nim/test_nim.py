"""Nim keeps the contract, and its expert wins wherever Nim can be won."""

import numpy as np
import pytest

from alphakata.envs.testing import check_env
from nim import Nim, Optimal


def test_nim_keeps_the_contract_of_a_world() -> None:
    check_env(Nim())


@pytest.mark.parametrize("left", [1, 2, 3, 5, 6, 7, 21])
def test_the_expert_leaves_a_multiple_of_four(left: int) -> None:
    nim = Nim()
    state = next(state for state in map(nim.init, range(1000)) if state.inner == left)

    (move,) = Optimal()(nim, state, np.random.default_rng(0))

    assert nim.step(state, move).inner % 4 == 0

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.types import SequentialEnv
from alphakata.search import AlphaCode, Beam, BestOfN, Limits, Puct, Sample, Search, check_search

EVERYWHERE: tuple[Search, ...] = (Sample(), BestOfN(40, chunk=16), Beam(2, 16), Puct(30, noise_fraction=0.25))
LIMITS = (
    Limits(),
    Limits(predictions=20),
    Limits(policy_tokens=37),
    Limits(env_steps=9, samples=7),
    Limits(predictions=0),
)


@pytest.mark.parametrize("search", EVERYWHERE, ids=lambda search: type(search).__name__)
@pytest.mark.parametrize("env", [TicTacToe(), ConnectFour()], ids=["tictactoe", "connect_four"])
def test_every_search_keeps_its_contract_on_board_games(search: Search, env: SequentialEnv[Any]) -> None:
    check_search(search, env, UniformPolicy(env.codec.size), LIMITS)


@pytest.mark.parametrize("search", [*EVERYWHERE, AlphaCode(60, chunk=16), AlphaCode(60, rank="value")], ids=repr)
def test_every_search_keeps_its_contract_where_moves_are_phrases(search: Search, spelling: Any) -> None:
    policy = NGramPolicy(2, 4).fit([[0, 0, 1, 3], [0, 0, 2, 3]])
    check_search(search, spelling, policy, (*LIMITS[1:], Limits(policy_tokens=100)))


@settings(max_examples=8, deadline=None)
@given(tokens=st.integers(0, 99), predictions=st.integers(0, 20), steps=st.integers(0, 20), seed=st.integers(0, 99))
def test_no_search_ever_exceeds_its_limit_by_one_unit(tokens: int, predictions: int, steps: int, seed: int) -> None:
    limit = Limits(policy_tokens=tokens, predictions=predictions, env_steps=steps)
    for search in (*EVERYWHERE, AlphaCode(20, chunk=8, cluster=False)):
        check_search(search, TicTacToe(), UniformPolicy(12), [limit], seeds=[seed])


def test_check_search_catches_a_search_whose_randomness_is_its_own() -> None:
    class Careless:
        generator = np.random.default_rng(0)

        def __call__(self, root: Any, rng: np.random.Generator) -> Any:
            return Sample()(root, self.generator)

    with pytest.raises(AssertionError, match="Careless decided"):
        check_search(Careless(), TicTacToe(), UniformPolicy(12))

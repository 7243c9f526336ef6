from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.engine import Engine
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.code import CodeContest, GeneratedProblems
from alphakata.envs.types import SequentialEnv
from alphakata.search import AlphaCode, Beam, BestOfN, Gumbel, Limits, Puct, Sample, Search, check_search

EVERYWHERE: tuple[Search, ...] = (
    Sample(),
    BestOfN(40, chunk=16),
    Beam(2, 16),
    Puct(30, noise_fraction=0.25),
    Gumbel(30),
    Gumbel(30, by_rounds=True),
)
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


def test_a_transformer_decides_alike_alone_and_among_others() -> None:
    env = ConnectFour()
    vocabulary = Vocabulary.of({env.codec.name: (env.codec.size, env.codec.fingerprint())})
    config = TransformerConfig(vocabulary.size, d_model=32, num_layers=2, num_heads=2, d_ff=64, max_length=64)
    engine = Engine(Transformer(config, torch.Generator().manual_seed(0)), vocabulary, "cpu")
    for search in (Sample(), BestOfN(8), Puct(12), Gumbel(12), Gumbel(12, by_rounds=True)):
        check_search(
            search, env, engine.speak(vocabulary.dialects[env.codec.name]), [Limits(predictions=13)], seeds=[1]
        )


def test_every_search_of_programs_keeps_to_its_budget_of_programs_and_flops() -> None:
    class Wealthy(NGramPolicy):
        flops_per_token = 10

    env = CodeContest(GeneratedProblems("test"), attempts=3, max_tokens=3, made_inputs=2)
    policy = Wealthy(1, env.codec.size).fit([env.codec.encode("1\n2\n").tolist()])
    limits = (Limits(programs=5), Limits(flops=1234 * 10), Limits(programs=0, policy_tokens=900))
    for search in (Sample(), AlphaCode(12, chunk=5)):
        check_search(search, env, policy, limits, seeds=[3])


def test_unread_values_rank_last_and_are_handed_in_as_unknown() -> None:
    for search in (BestOfN(20), AlphaCode(20)):
        check_search(search, ConnectFour(), UniformPolicy(134), [Limits(predictions=1), Limits(predictions=3)])


@pytest.mark.parametrize(
    ("search", "settings", "message"),
    [
        (Beam, {"width": 8, "max_width": 4}, "1 <= width <= max_width"),
        (BestOfN, {"chunk": 0}, "at least 1"),
        (AlphaCode, {"num_samples": 0}, "at least 1"),
        (AlphaCode, {"rank": "luck"}, "'size' or 'value'"),
        (Puct, {"noise_fraction": 2.0}, "noise_fraction in"),
        (Puct, {"backup": "median"}, "'mean' or 'maximum'"),
        (Gumbel, {"max_considered": 0}, "max_considered >= 1"),
        (Sample, {"temperature": -1.0}, "negative"),
    ],
)
def test_settings_that_make_no_sense_are_refused(search: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        search(**settings)

"""Tree search over drawn moves: the policy plays everybody else, and nothing that is hidden is read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Prediction
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.demonstrations import UniformExpert
from alphakata.envs.openspiel import OpenSpiel
from alphakata.envs.rts import MapSettings
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.words import NUM_WORDS
from alphakata.envs.types import SequentialEnv, State, play
from alphakata.search import Limits, Player, Root, SampledTree, Scheduler, check_search
from alphakata.search.asks import Advance, Complete, Predict
from alphakata.search.outline import Outline
from alphakata.search.task import Decided

RTS, POLICY = Skirmish(MapSettings(limit=60)), UniformPolicy(NUM_WORDS)


def decided(search: SampledTree, env: SequentialEnv[Any], state: State[Any], policy: Any, seed: int = 0) -> Decided:
    root = Root(env, state, Stream(state.tokens), 0)
    return Scheduler().decide(Player("tree", search, policy), [root], [np.random.default_rng(seed)])[0]


def tictactoe(words: str) -> State[Any]:
    return play(TicTacToe(), TicTacToe().init(0), TicTacToe().codec.encode(words).tolist())


LIMITS = (Limits(predictions=9), Limits(policy_tokens=40), Limits(env_steps=7, samples=9), Limits(predictions=0))


@pytest.mark.parametrize("search", [SampledTree(12), SampledTree(9, 5, prior="renormalised", num_deals=3)], ids=repr)
def test_it_keeps_the_contract_of_a_search_in_every_kind_of_world(search: SampledTree, spelling: Any) -> None:
    check_search(search, TicTacToe(), UniformPolicy(12), LIMITS)
    check_search(search, spelling, NGramPolicy(2, 4).fit([[0, 0, 1, 3]]), LIMITS)


def test_it_keeps_the_contract_where_moves_are_many_orders_in_fog() -> None:
    limits = (Limits(predictions=60), Limits(policy_tokens=300), Limits(env_steps=20))
    check_search(SampledTree(4, num_candidates=3, num_deals=2), RTS, POLICY, limits, seeds=[0, 1])


def test_it_takes_the_win_and_sees_that_a_policy_might_win_next() -> None:
    # x x .
    # o o .   x to move: 3 wins at once; where it does not play 6, the policy wins there some of the time.
    # . . .
    decision = decided(SampledTree(400, 64), TicTacToe(), tictactoe("1 4 2 5"), UniformPolicy(12)).decision
    assert TicTacToe().codec.decode(decision.moves[0]) == "3"
    q = dict(zip(map(tuple, decision.trace["candidates"]["moves"]), decision.trace["candidates"]["q"], strict=True))
    assert q[decision.moves[0]] == 1.0
    assert decision.weights is not None
    assert decision.weights.argmax() == decision.moves[0][0]


def test_a_golden_tree_of_drawn_moves() -> None:
    # x o x
    # o x x   o to move. After 8 the policy can only take 9, and wins along two lines; after 9 it fills the board.
    # o . .
    search = SampledTree(7, 64, outline=Outline(depth=3, width=3))
    decision = decided(search, TicTacToe(), tictactoe("1 2 3 4 5 7 6"), UniformPolicy(12)).decision

    def drawn(nodes: Sequence[Any]) -> dict[str, Any]:
        return {TicTacToe().codec.decode(n["move"]): (n["visits"], n["q"], drawn(n["children"])) for n in nodes}

    assert drawn(decision.trace["tree"]) == {"9": (6, 0.0, {}), "8": (1, -1.0, {})}
    assert decision.value == pytest.approx(-1 / 8)


def test_visits_are_shared_out_among_deals_and_add_up_to_the_simulations() -> None:
    trace = decided(SampledTree(20, 6, num_deals=3), RTS, RTS.init(0), POLICY).decision.trace
    assert trace["simulations"] == sum(trace["candidates"]["visits"]) == 20


def test_where_nothing_is_hidden_one_tree_takes_every_simulation() -> None:
    board = decided(SampledTree(0, num_deals=3), TicTacToe(), TicTacToe().init(0), UniformPolicy(12))
    alone = decided(SampledTree(0), TicTacToe(), TicTacToe().init(0), UniformPolicy(12))
    assert board.cost.predictions == alone.cost.predictions
    # In fog a root is valued in each tree.
    dealt = [decided(SampledTree(0, num_deals=n), RTS, RTS.init(0), POLICY).cost.predictions for n in (1, 3)]
    assert dealt[1] == dealt[0] + 2


def test_equal_draws_are_one_candidate_with_the_prior_of_all() -> None:
    policy = NGramPolicy(1, 12).fit([[3 + 4] * 20 + [3]])
    search = SampledTree(1, 64)
    trace = decided(search, TicTacToe(), TicTacToe().init(0), policy).decision.trace
    prior = dict(zip(map(tuple, trace["candidates"]["moves"]), trace["candidates"]["prior"], strict=True))
    assert len(prior) < 10
    assert sum(prior.values()) == pytest.approx(1, abs=1e-3)
    assert max(prior, key=lambda move: prior[move]) == (7,)
    assert all(share * 64 == pytest.approx(round(share * 64), abs=0.01) for share in prior.values())


def test_a_renormalised_prior_is_what_the_policy_gives() -> None:
    policy = NGramPolicy(1, 12).fit([[3 + 4] * 20 + [3] * 10])
    decision = decided(SampledTree(1, 64, "renormalised"), TicTacToe(), TicTacToe().init(0), policy).decision
    trace = decision.trace["candidates"]
    logits = policy.log_probabilities([])[[move[0] for move in trace["moves"]]]
    np.testing.assert_allclose(trace["prior"], np.exp(logits) / np.exp(logits).sum(), atol=1e-3)


def test_everybody_else_moves_as_the_policy_would_from_what_they_read_themselves() -> None:
    state = RTS.init(0)
    plan = SampledTree(3, num_candidates=2)(Root(RTS, state, Stream(state.tokens), 0), np.random.default_rng(0))
    asked = Counter[int]()
    answer: Any = None
    policy = UniformPolicy(NUM_WORDS)
    try:
        while True:
            ask = plan.send(answer)
            if isinstance(ask, Complete):
                asked[ask.state.player] += ask.count
                assert ask.stream.all_tokens().tolist() == ask.state.tokens.tolist()
                rngs = [np.random.default_rng([ask.seed, i]) for i in range(ask.count)]
                answer = tuple(completion(ask.env, ask.state, rng) for rng in rngs)
            elif isinstance(ask, Advance):
                answer = tuple(play(ask.env, s, m) for s, m in zip(ask.states, ask.moves, strict=True))
            else:
                assert isinstance(ask, Predict)
                answer = policy.predict(ask.streams)
    except StopIteration:
        pass
    assert asked[1] == 3
    assert asked[0] >= 2


def completion(env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> Completion:
    tokens = np.array(UniformExpert()(env, state, rng), np.int32)
    return Completion(tokens, np.zeros(len(tokens), np.float32), 0.0)


def test_games_of_more_than_two_players_are_searched() -> None:
    world = OpenSpiel("oh_hell")
    check_search(SampledTree(5, 4, num_deals=2), world, UniformPolicy(world.codec.size), [Limits()], seeds=[0])


class Wishful(UniformPolicy):
    """Expects more of a board the more stones it reads."""

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        prediction = super().predict(streams)
        prediction.value[:] = [np.count_nonzero(stream.tokens) for stream in streams]
        return prediction


def test_the_discount_counts_moves_of_the_player() -> None:
    decision = decided(SampledTree(1, discount=0.5), TicTacToe(), TicTacToe().init(0), Wishful(12)).decision
    assert max(decision.trace["candidates"]["q"]) == 0.5 * 2


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"num_candidates in \[1, 64\]"):
        SampledTree(num_candidates=65)
    with pytest.raises(ValueError, match="'empirical' or 'renormalised'"):
        SampledTree(prior="flat")  # type: ignore[arg-type]

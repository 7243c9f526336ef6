"""No search reads what the opponent has written and not yet shown: whatever is planted there changes no decision."""

from typing import Any

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.envs.demonstrations import UniformExpert
from alphakata.envs.rts import MapSettings
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.words import NUM_WORDS
from alphakata.envs.types import State, play
from alphakata.search import BestOfN, Decision, Gumbel, Limits, Player, Playouts, Puct, Root, SampledTree, Scheduler

ENV = Skirmish(MapSettings(limit=60))
SEARCHES = (BestOfN(6), Playouts(4, 2, 8), Puct(24), Gumbel(24), SampledTree(8, 4, num_deals=2))


def second_to_move(seed: int) -> State[Any]:
    """Returns the first player's move written, by chance, and the second asked for its own."""
    state = ENV.init(0)
    return play(ENV, state, UniformExpert()(ENV, state, np.random.default_rng(seed)))


def decide(search: Any, state: State[Any]) -> Decision:
    model, dealt = ENV.model(state, 5)
    root = Root(model, dealt, Stream(state.tokens), seed=0)
    player = Player("it", search, UniformPolicy(NUM_WORDS), Limits(policy_tokens=6000))
    return Scheduler().decide(player, [root], [np.random.default_rng(0)])[0].decision


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: type(search).__name__)
def test_a_planted_move_of_the_opponent_changes_no_decision(search: Any) -> None:
    planted = [second_to_move(seed) for seed in range(3)]
    assert {state.player for state in planted} == {1}
    assert len({state.inner.commands for state in planted}) == 3
    first, *others = [decide(search, state) for state in planted]
    for other in others:
        assert (other.moves, other.value) == (first.moves, first.value)

from collections.abc import Sequence

import numpy as np

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.recall import Recall
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Sampling
from alphakata.envs.types import Phrase

GRAMMAR = Phrase(np.ones(4, np.bool_), 3, 6)


class Counting(UniformPolicy):
    asked = 0

    def complete(self, *question: object) -> Sequence[Completion]:
        self.asked += 1
        return super().complete(*question)  # type: ignore[arg-type]


def tokens(completions: Sequence[Completion]) -> list[list[int]]:
    return [completion.tokens.tolist() for completion in completions]


def test_a_shorter_question_is_answered_from_memory_as_if_asked_afresh() -> None:
    policy = Counting(4)
    recall = Recall(policy)
    recall.complete(Stream([1, 2]), 20, Sampling(), GRAMMAR, 7)
    fewer = recall.complete(Stream([1, 2]), 5, Sampling(), GRAMMAR, 7)
    bounded = recall.complete(Stream([1, 2]), 20, Sampling(), GRAMMAR, 7, 11)
    assert policy.asked == 1
    assert tokens(fewer) == tokens(UniformPolicy(4).complete(Stream([1, 2]), 5, Sampling(), GRAMMAR, 7))
    assert tokens(bounded) == tokens(UniformPolicy(4).complete(Stream([1, 2]), 20, Sampling(), GRAMMAR, 7, 11))
    assert recall.spared_seconds > 0


def test_a_longer_question_another_seed_or_another_prompt_is_asked_afresh() -> None:
    policy = Counting(4)
    recall = Recall(policy)
    for stream, count, seed in (([1], 5, 7), ([1], 6, 7), ([1], 5, 8), ([2], 5, 7)):
        recall.complete(Stream(stream), count, Sampling(), GRAMMAR, seed)
    assert policy.asked == 4
    assert recall.spared_seconds == 0.0

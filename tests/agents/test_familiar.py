"""What was thought of an observation is remembered, and of nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.familiar import Familiar
from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction


class Summing(UniformPolicy):
    """Values a stream at the sum of its tokens, and keeps the streams it was asked about."""

    def __init__(self) -> None:
        super().__init__(4)
        self.asked: list[list[int]] = []

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        self.asked += [stream.all_tokens().tolist() for stream in streams]
        sums = np.array([stream.all_tokens().sum() for stream in streams], np.float32)
        return Prediction(np.repeat(sums[:, None], 4, 1), sums)


def predicted(policy: Familiar, *tokens: Sequence[int]) -> list[float]:
    prediction = policy.predict([Stream(each) for each in tokens])
    assert (prediction.logits == prediction.value[:, None]).all()
    return [float(value) for value in prediction.value]


def test_the_same_observation_is_thought_about_once() -> None:
    policy = Summing()
    familiar = Familiar(policy)
    assert predicted(familiar, [1, 2], [3], [1, 2]) == [3, 3, 3]
    assert predicted(familiar, [2, 2], [1, 2]) == [4, 3]
    assert policy.asked == [[1, 2], [3], [2, 2]]


def test_a_stream_that_goes_on_is_always_asked_about() -> None:
    policy = Summing()
    familiar = Familiar(policy)
    longer = Stream([1]).then([2])
    assert [familiar.predict([longer]).value.item() for _ in range(2)] == [3, 3]
    assert policy.asked == [[1, 2], [1, 2]]


def test_a_glance_remembers_and_recalls_as_a_prediction_does() -> None:
    policy = Summing()
    familiar = Familiar(policy)
    assert familiar.glance(np.array([[1, 2], [3, 3], [1, 2]], np.int32)).value.tolist() == [3, 6, 3]
    assert predicted(familiar, [3, 3], [4]) == [6, 4]
    assert familiar.glance(np.array([[4], [1]], np.int32)).value.tolist() == [4, 1]
    assert policy.asked == [[1, 2], [3, 3], [4], [1]]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_what_there_is_no_room_for_is_asked_again(most: int) -> None:
    familiar = Familiar(Summing(), most)
    for _ in range(2):
        assert predicted(familiar, [1], [2], [1]) == [1, 2, 1]
        assert predicted(familiar, [3], [1]) == [3, 1]


def test_where_a_world_has_many_tokens_less_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alphakata.agents.familiar.MOST_BYTES", 2 * 4 * 4)
    policy = Summing()
    familiar = Familiar(policy)
    for _ in range(2):
        assert predicted(familiar, [1]) == [1]
    assert predicted(familiar, [2], [3]) == [2, 3]
    assert predicted(familiar, [1]) == [1]
    assert policy.asked == [[1], [2], [3], [1]]

import numpy as np
import pytest

from alphakata.agents.baselines import NGramPolicy, UniformPolicy
from alphakata.agents.stream import Stream


def probabilities(policy: NGramPolicy, tokens: list[int]) -> list[float]:
    return [float(np.exp(logit)) for logit in policy.predict([Stream(tokens)]).logits[0]]


def test_an_n_gram_that_read_nothing_is_uniform() -> None:
    assert probabilities(NGramPolicy(3, 4), [1, 2]) == pytest.approx([0.25] * 4)


def test_each_order_is_smoothed_by_the_one_below() -> None:
    policy = NGramPolicy(2, 2).fit([[0, 1, 0, 1, 1]])
    unigram = [(2 + 1 / 2) / 6, (3 + 1 / 2) / 6]

    assert probabilities(policy, [0]) == pytest.approx([unigram[0] / 3, (2 + unigram[1]) / 3])
    assert probabilities(policy, []) == pytest.approx(unigram)


def test_an_unseen_context_leaves_what_the_shorter_one_says() -> None:
    policy = NGramPolicy(3, 3).fit([[0, 1, 2]])

    assert probabilities(policy, [2, 1]) == pytest.approx(probabilities(policy, [1]))


def test_what_followed_before_is_likeliest_to_follow() -> None:
    policy = NGramPolicy(4, 8).fit([[1, 2, 3, 4], [5, 2, 3, 6]])

    assert np.argmax(probabilities(policy, [0, 1, 2, 3])) == 4
    assert np.argmax(probabilities(policy, [0, 5, 2, 3])) == 6


def test_uniform_prefers_nothing_and_expects_what_it_is_told() -> None:
    prediction = UniformPolicy(3, value=-0.5).predict([Stream([0]), Stream()])

    assert prediction.logits.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert prediction.value.tolist() == [-0.5, -0.5]


def test_an_order_or_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="order >= 1 and size >= 1 wanted, got order 0 and size 3"):
        NGramPolicy(0, 3)

import numpy as np
import pytest

from alphakata.agents.exponential import exponentials, greatest


@pytest.mark.parametrize("most", [0.0, 3.25, -40.0])
def test_it_is_the_exponential_of_the_distance_to_the_most(most: float) -> None:
    scores = (most - np.linspace(0, 80, 4001)).astype(np.float32)
    wanted = np.exp(scores.astype(np.float64) - most)
    total = exponentials(scores, np.float32(most))

    np.testing.assert_allclose(scores, wanted, atol=2e-7)
    assert total == pytest.approx(wanted.sum(), rel=1e-5)


def test_the_most_itself_becomes_one_and_what_is_far_below_nothing() -> None:
    scores = np.array([5, 5 - 120, -1e30], np.float32)
    exponentials(scores, np.float32(5))

    assert scores.tolist() == [1, 0, 0]


@pytest.mark.parametrize("scores", [[1.5, -2, 3.25, -7], [-1.5, -2], [-np.inf, -3], [np.inf, 1], [-0.0, -1e-30], [0.5]])
def test_the_greatest_is_the_greatest(scores: list[float]) -> None:
    assert greatest(np.array(scores, np.float32)) == np.float32(max(scores))


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_no_number_is_not_passed_over(sign: int) -> None:
    scores = np.array([1, np.copysign(np.nan, sign), 2], np.float32)
    assert np.isnan(greatest(scores)) == (sign > 0)
    assert np.isnan(exponentials(scores, np.float32(2)))

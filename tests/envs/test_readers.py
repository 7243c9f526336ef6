"""Foreign observations are read as words: choices one each, numbers in bins."""

import numpy as np
import pytest

from alphakata.envs.readers import bins, choice


def test_a_choice_is_one_word() -> None:
    reader = choice(3, start=5)
    assert reader.words == ("o5", "o6", "o7")
    assert reader.read(np.int64(6)).tolist() == [1]


def test_bounded_numbers_fall_into_equal_bins_and_the_bounds_hold_the_rest() -> None:
    reader = bins(low=[0, -1], high=[4, 1], count=4)
    assert reader.words == ("b0", "b1", "b2", "b3")
    assert reader.read([0.9, 0.0]).tolist() == [0, 2]
    assert reader.read([4.0, -7.0]).tolist() == [3, 0]


def test_unbounded_numbers_are_squeezed_as_gato_squeezes_them() -> None:
    # log(101) / log(25601) = 0.4547 of the way from 0 to 1: bin 1000 * 1.4547 / 2.
    reader = bins(low=-np.inf, high=3.4e38, count=1000)
    assert reader.read([0.0, 1.0, -1.0]).tolist() == [500, 727, 272]
    assert reader.read([256.0, 1e9, -1e9]).tolist() == [999, 999, 0]


def test_an_array_is_read_number_by_number() -> None:
    reader = bins(low=0, high=1, count=2)
    assert reader.read(np.array([[0.0, 1.0], [0.6, 0.4]])).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("low", "high", "count"), [(0, 1, 1), (1, 1, 4)])
def test_bins_that_tell_nothing_apart_are_refused(low: float, high: float, count: int) -> None:
    with pytest.raises(ValueError, match="at least 2 bins and low < high"):
        bins(low, high, count)

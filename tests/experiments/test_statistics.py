import numpy as np
import pytest

from alphakata.experiments.statistics import (
    bootstrap,
    estimate,
    interquartile_mean,
    optimality_gap,
    paired_difference,
    probability_of_improvement,
    wilson,
)


def solved(*counts: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Returns a row of solved and failed tasks a training seed."""
    return np.array([[1.0] * won + [0.0] * lost for won, lost in counts])


def test_aggregates_equal_rliables_on_its_ten_by_twenty_beta_scores() -> None:
    rng = np.random.default_rng(0)
    scores, others = rng.beta(2, 3, (10, 20)), rng.beta(2, 4, (10, 20))
    assert round(interquartile_mean(scores), 5) == 0.41198  # rliable 1.2.0, aggregate_iqm
    assert round(float(scores.mean()), 5) == 0.41643  # aggregate_mean
    assert probability_of_improvement(scores, others) == pytest.approx(0.6465)


def test_the_interquartile_mean_drops_a_quarter_at_each_end() -> None:
    assert interquartile_mean(np.array([[0.0, 2.0, 3.0, 100.0]])) == 2.5


def test_the_optimality_gap_forgives_what_is_more_than_enough() -> None:
    assert optimality_gap(np.array([[0.5, 3.0]])) == 0.25


def test_a_tie_is_half_an_improvement() -> None:
    assert probability_of_improvement(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])) == 0.75


def test_wilsons_intervals_are_the_textbooks() -> None:
    assert (wilson(0.0, 10).low, wilson(0.0, 10).high) == pytest.approx((0.0, 0.2775), abs=5e-5)
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81 of 263 and 15 of 148.
    assert (wilson(81 / 263, 263).low, wilson(81 / 263, 263).high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (wilson(15 / 148, 148).low, wilson(15 / 148, 148).high) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_a_score_near_an_end_gets_wilsons_interval_and_any_other_the_bootstraps() -> None:
    assert estimate(solved((0, 10))) == wilson(0.0, 10)
    assert estimate(solved((96, 4))) == wilson(0.96, 100)
    assert estimate(solved((50, 50))) == bootstrap(solved((50, 50)))


def test_returns_outside_zero_and_one_are_always_bootstrapped() -> None:
    assert estimate(np.array([[-1.0, -1.0, 1.0]])) == bootstrap(np.array([[-1.0, -1.0, 1.0]]))


def test_seeds_that_share_their_tasks_add_no_tasks_to_wilsons_count() -> None:
    assert estimate(solved((0, 10), (0, 10))) == wilson(0.0, 10)


def test_the_bootstrap_over_tasks_has_the_width_of_the_standard_error() -> None:
    interval = bootstrap(solved((50, 50)))
    assert interval.value == 0.5
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.05, rel=0.05)


def test_seeds_that_disagree_widen_the_interval_however_many_tasks_they_agree_on() -> None:
    interval = bootstrap(np.array([[0.2] * 1000, [0.8] * 1000]))
    assert (interval.low, interval.high) == pytest.approx((0.2, 0.8))


def test_tasks_that_differ_widen_the_interval_however_many_seeds_played_them() -> None:
    one, many = bootstrap(solved((50, 50))), bootstrap(solved(*[(50, 50)] * 20))
    assert many.high - many.low == pytest.approx(one.high - one.low, abs=0.02)


def test_cells_nobody_played_count_nowhere() -> None:
    nobody = np.full((1, 100), np.nan)
    assert estimate(np.concatenate([solved((50, 50)), nobody])) == estimate(solved((50, 50)))


def test_differences_are_paired_so_hard_tasks_do_not_blur_them() -> None:
    difficulty = np.linspace(0, 1, 100)[None] * 0.5
    difference = paired_difference(difficulty + 0.2, difficulty)
    assert (difference.low, difference.value, difference.high) == pytest.approx((0.2, 0.2, 0.2))


def test_a_few_solved_more_and_none_fewer_is_not_certainty() -> None:
    difference = paired_difference(solved((2, 8)), solved((0, 10)))
    assert difference.value == 0.2
    assert difference.low < 0 < 0.5 < difference.high


def test_ten_of_ten_against_none_of_ten_is_a_difference_but_not_one_without_doubt() -> None:
    difference = paired_difference(solved((10, 0)), solved((0, 10)))
    # By hand: gains 1 [0.7225, 1], losses 0 [0, 0.2775]; 1 - sqrt(2) * 0.2775.
    assert (difference.low, difference.value, difference.high) == pytest.approx((0.6075, 1.0, 1.0), abs=1e-4)


def test_an_estimate_writes_itself_with_its_interval() -> None:
    assert f"{wilson(0.5, 100):.2f}" == "0.50 [0.40, 0.60]"
    assert f"{paired_difference(solved((10, 0)), solved((0, 10))):+.2f}" == "+1.00 [+0.61, +1.00]"

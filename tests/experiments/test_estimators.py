from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphakata.experiments.estimators import false_positive_rate, n_at_k, pass_at_k


def brute_force(samples: int, passing: int, solving: int, n: int, k: int) -> float:
    """Returns n@k over every draw of k samples and every choice of n hand-ins; a sample's rank says what it can."""
    chances = []
    for draw in combinations(range(samples), k):
        filtered = [sample for sample in draw if sample < passing]
        choices = list(combinations(filtered, min(n, len(filtered))))
        chances.append(sum(any(sample < solving for sample in choice) for choice in choices) / len(choices))
    return sum(chances) / len(chances)


def algorithm_1(samples: int, passing: int, solving: int, n: int, k: int, draws: int) -> float:
    """Returns n@k as AlphaCode estimates it (arXiv 2203.07814, Algorithm 1)."""
    rng = np.random.default_rng(0)
    filtered = rng.hypergeometric(passing, samples - passing, k, size=draws)
    handed_in = np.minimum(filtered, n)
    return float((rng.hypergeometric(solving, passing - solving, handed_in) > 0).mean())


def human_eval(samples: int, solving: int, k: int) -> float:
    """Returns pass@k as openai/human-eval computes it (evaluation.py)."""
    if samples - solving < k:
        return 1.0
    return 1.0 - float(np.prod(1.0 - k / np.arange(samples - solving + 1, samples + 1)))


@pytest.mark.parametrize("counts", [(5, 0, 1), (5, 5, 1), (10, 3, 1), (10, 3, 5), (200, 7, 100), (512, 1, 512)])
def test_pass_at_k_is_the_reference_implementations(counts: tuple[int, int, int]) -> None:
    assert pass_at_k(*counts) == pytest.approx(human_eval(*counts), abs=1e-12)


@given(st.data())
def test_n_at_k_is_what_every_possible_draw_says(data: st.DataObject) -> None:
    samples = data.draw(st.integers(1, 7))
    passing = data.draw(st.integers(0, samples))
    solving = data.draw(st.integers(0, passing))
    n, k = data.draw(st.integers(1, 4)), data.draw(st.integers(1, samples))
    assert n_at_k(samples, passing, solving, n, k) == pytest.approx(brute_force(samples, passing, solving, n, k))


@pytest.mark.parametrize("counts", [(512, 40, 6, 10, 256), (512, 40, 6, 10, 32), (1000, 8, 2, 10, 500)])
def test_n_at_k_is_the_limit_of_alphacodes_algorithm_1(counts: tuple[int, int, int, int, int]) -> None:
    assert n_at_k(*counts) == pytest.approx(algorithm_1(*counts, draws=200_000), abs=0.004)


def test_handing_in_everything_that_passes_is_pass_at_k() -> None:
    assert n_at_k(100, 30, 5, n=100, k=20) == pytest.approx(pass_at_k(100, 5, 20))


def test_n_at_k_is_exact_for_a_hundred_thousand_samples() -> None:
    assert n_at_k(100_000, 1, 1, n=10, k=25_000) == 0.25


def test_more_samples_than_were_drawn_are_not_a_number() -> None:
    assert isnan(pass_at_k(10, 0, 11))
    assert isnan(n_at_k(10, 5, 5, n=1, k=11))


def test_the_false_positive_rate_is_of_those_that_pass() -> None:
    assert false_positive_rate(passing=8, solving=6) == 0.25
    assert isnan(false_positive_rate(passing=0, solving=0))


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="found solving 3, passing 2, samples 5"):
        n_at_k(5, 2, 3, n=1, k=1)

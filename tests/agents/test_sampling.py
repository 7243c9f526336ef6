import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.agents.sampling import choice_weights, draw
from alphakata.agents.types import Sampling

LOGITS = np.log(np.array([[0.1, 0.2, 0.0625, 0.6375]], dtype=np.float32))
EVENLY = ((np.arange(800) + 0.5) / 800).astype(np.float32)


def frequencies(sampling: Sampling, logits: NDArray[np.float32] = LOGITS) -> list[float]:
    """Returns how often each choice is drawn by uniform numbers that lie evenly."""
    choices, _ = draw(logits.repeat(800, axis=0), sampling, EVENLY)
    return [count / 800 for count in np.bincount(choices, minlength=logits.shape[1]).tolist()]


def test_choices_are_drawn_as_often_as_they_are_likely() -> None:
    assert frequencies(Sampling()) == [0.1, 0.2, 0.0625, 0.6375]


def test_temperature_two_takes_the_square_root_of_probabilities() -> None:
    weights = choice_weights(LOGITS, Sampling(temperature=2))[0]

    np.testing.assert_allclose(weights / weights[3], np.sqrt(np.array([0.1, 0.2, 0.0625, 0.6375]) / 0.6375), rtol=1e-5)


def test_temperature_zero_takes_the_likeliest_with_certainty() -> None:
    choices, logprobs = draw(LOGITS, Sampling(temperature=0), np.array([0.05], dtype=np.float32))

    assert (choices.tolist(), logprobs.tolist()) == ([3], [0])


def test_top_k_keeps_the_k_likeliest() -> None:
    assert np.flatnonzero(frequencies(Sampling(top_k=2))).tolist() == [1, 3]


def test_top_k_of_more_than_there_are_keeps_all() -> None:
    assert frequencies(Sampling(top_k=9)) == frequencies(Sampling())


@pytest.mark.parametrize(("top_p", "kept"), [(0.6, [3]), (0.64, [1, 3]), (0.9, [0, 1, 3]), (1.0, [0, 1, 2, 3])])
def test_top_p_keeps_the_likeliest_that_together_hold_p(top_p: float, kept: list[int]) -> None:
    assert np.flatnonzero(frequencies(Sampling(top_p=top_p))).tolist() == kept


def test_logprobs_are_those_of_the_distribution_drawn_from() -> None:
    _, logprobs = draw(LOGITS, Sampling(top_k=2), np.array([0.0], dtype=np.float32))

    np.testing.assert_allclose(logprobs, np.log(0.2 / (0.2 + 0.6375)), rtol=1e-5)


@pytest.mark.parametrize("uniform", [0.0, np.nextafter(np.float32(1), np.float32(0))])
def test_a_choice_of_no_weight_is_never_drawn(uniform: float) -> None:
    logits = np.array([[-200, 0, -200, 1, -200]], dtype=np.float32)

    assert draw(logits, Sampling(), np.array([uniform], dtype=np.float32))[0][0] in (1, 3)


def test_a_row_is_drawn_alike_whatever_the_others_are() -> None:
    rng = np.random.default_rng(0)
    logits, uniforms = rng.normal(size=(64, 300)).astype(np.float32), rng.random(64, dtype=np.float32)
    together, _ = draw(logits, Sampling(), uniforms)

    assert [draw(logits[[i]], Sampling(), uniforms[[i]])[0][0] for i in range(64)] == together.tolist()


@pytest.mark.parametrize("settings", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.5}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="temperature >= 0, top_k >= 0 and top_p in \\(0, 1\\] wanted, got"):
        Sampling(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 31, 32, 33, 64, 512, 2047])
def test_the_choice_is_the_first_whose_sum_of_weights_passes_the_share(size: int) -> None:
    rng = np.random.default_rng(size)
    logits = (3 * rng.normal(size=(500, size))).astype(np.float32)
    logits[:, rng.permutation(size)[size // 3 + 1 :]] -= 200  # Two of three have no weight at all.
    uniforms = rng.random(500, dtype=np.float32)
    uniforms[:2] = 0, np.nextafter(np.float32(1), np.float32(0))

    choices, logprobs = draw(logits, Sampling(), uniforms)

    weights = np.exp(logits - logits.max(1, keepdims=True)).astype(np.float64)
    sums = weights.cumsum(1)
    ends, target = sums[np.arange(500), choices], uniforms * sums[:, -1]
    assert (ends >= target * (1 - 1e-5)).all()
    assert (ends - weights[np.arange(500), choices] <= target * (1 + 1e-5)).all()
    assert (logits[np.arange(500), choices] > -100).all()
    np.testing.assert_allclose(logprobs, np.log(weights[np.arange(500), choices] / sums[:, -1]), atol=1e-5)

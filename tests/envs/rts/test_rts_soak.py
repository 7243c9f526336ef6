"""Random legal play never leaves the rules; `benchmarks/rts.py --soak 100000` plays more of it."""

import numpy as np
import pytest

from alphakata.envs.rts import LARGE, MIDDLE, SMALL, Games, MapSettings, kernels, soak

MAPS = pytest.mark.parametrize("settings", [SMALL, MIDDLE, LARGE], ids=["8x8", "12x12", "16x16"])


@MAPS
def test_no_state_of_random_games_is_invalid_and_none_drifts_from_the_oracle(settings: MapSettings) -> None:
    assert soak.soak(settings, range(64)) > 64 * settings.limit * 0.9


@pytest.mark.slow
@MAPS
def test_none_of_thousands_does(settings: MapSettings) -> None:
    for first in range(0, 2560, 512):
        soak.soak(settings, range(first, first + 512))


def test_a_kernel_that_forgets_a_load_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(games: Games, orders: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> None:
        kernels.step(games, orders)
        games["stock"][games["tick"] == 30] -= 1

    monkeypatch.setattr(soak, "step", leaky)
    with pytest.raises(ValueError, match="drift: 8 games left the oracle's, first that of seed 4 at tick 30"):
        soak.soak(SMALL, range(4, 12))


def test_rules_that_forget_a_load_are_found_where_both_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(games: Games, orders: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> Games:
        after = games.copy()
        kernels.step(after, orders)
        after["stock"][after["tick"] == 30] -= 1
        return after

    monkeypatch.setattr(soak, "step", lambda games, orders: games.__setitem__(slice(None), leaky(games, orders)))
    monkeypatch.setattr(soak, "oracle_step", leaky)
    with pytest.raises(ValueError, match="no load appears or disappears: broken in 8 of 8 games, first 0 at tick 30"):
        soak.soak(SMALL, range(4, 12))

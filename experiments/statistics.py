"""How sure a mean score is: bootstrap over seeds and tasks, Wilson near the ends, robust aggregates.

Scores come as a matrix with a row a training seed and a column a task; a cell nobody played is NaN and counts nowhere.

Shapes: `S` training seeds, `N` tasks, `R` bootstrap draws.
"""

from dataclasses import dataclass
from math import hypot, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; `f"{estimate:.2f}"` writes `0.72 [0.63, 0.80]`.

    Attributes:
        value: the mean.
        low: lower end.
        high: upper end.
    """

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def estimate(scores: Scores) -> Estimate:
    """Returns the mean of `[S, N]` scores with its interval: `wilson` near 0 and 1, `bootstrap` elsewhere.

    Near means: scores lie in [0, 1] and fewer than five tasks' worth of them are won, or lost. There the bootstrap,
    which only ever redraws what was seen, makes intervals too narrow, and of no width when all scores are equal.
    """
    mean = _mean(scores)
    return wilson(mean, _num_tasks(scores)) if _near_an_end(scores) else bootstrap(scores)


def paired_difference(scores: Scores, baseline: Scores) -> Estimate:
    """Returns the mean of `[S, N]` differences, taken task by task under the same seed, with its interval.

    `bootstrap`, save where the differences are so nearly all none or all one that it would claim too much (as in
    `estimate`). There gains and losses get a `wilson` interval each, and the two are joined by squaring and adding
    their margins (Newcombe 1998, Statistics in Medicine 17:2635; Zou and Donner 2008, ibid. 27:1693).
    """
    differences = scores - baseline
    if not _near_an_end(np.abs(differences)):
        return bootstrap(differences)
    count = _num_tasks(differences)
    gain = wilson(_mean(np.maximum(differences, 0)), count)
    loss = wilson(_mean(np.maximum(-differences, 0)), count)
    value = gain.value - loss.value
    return Estimate(
        value,
        value - hypot(gain.value - gain.low, loss.high - loss.value),
        value + hypot(gain.high - gain.value, loss.value - loss.low),
    )


def bootstrap(scores: Scores, seed: int = 0, draws: int = 4000) -> Estimate:
    """Returns the mean of `[S, N]` scores with the percentile interval of a hierarchical bootstrap.

    Each draw takes `S` seeds with replacement, then `N` tasks with replacement, the same for every seed taken: seeds
    share the tasks, so drawing tasks for each seed anew would average away how much the tasks matter. With one seed
    only tasks are drawn, and the interval says nothing about training again.
    """
    scores = _played(scores)
    rng = np.random.default_rng(seed)
    seeds, tasks = (rng.multinomial(size, np.full(size, 1 / size), size=draws) for size in scores.shape)
    cells = (~np.isnan(scores)).astype(np.float64)
    total = ((seeds @ np.nan_to_num(scores)) * tasks).sum(axis=1)
    count = ((seeds @ cells) * tasks).sum(axis=1)
    # Where cells are missing, a draw may hit none at all; it says nothing.
    low, high = np.quantile((total / np.maximum(count, 1))[count > 0], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(_mean(scores), float(low), float(high))


def wilson(mean: float, count: int) -> Estimate:
    """Returns Wilson's score interval for a mean of `count` independent scores in [0, 1].

    Exact scores of 0 and 1 spread the most, so it is wide enough for draws and averages too (Wilson 1927; Brown, Cai
    and DasGupta 2001, https://doi.org/10.1214/ss/1009213286). Several seeds on one task are one score, their average.
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    shrunk = 1 + z**2 / count
    centre = (mean + z**2 / (2 * count)) / shrunk
    margin = z * sqrt(mean * (1 - mean) / count + (z / (2 * count)) ** 2) / shrunk
    return Estimate(mean, max(0.0, centre - margin), min(1.0, centre + margin))


def interquartile_mean(scores: Scores) -> float:
    """Returns the mean of the middle half of all scores (Agarwal et al. 2021, https://arxiv.org/abs/2108.13264)."""
    played = np.sort(scores[~np.isnan(scores)])
    cut = len(played) // 4
    return float(played[cut : len(played) - cut].mean())


def optimality_gap(scores: Scores, target: float = 1.0) -> float:
    """Returns by how much scores fall short of `target` on average, more than enough counting as enough (ibid.)."""
    return target - _mean(np.minimum(scores, target))


def probability_of_improvement(scores: Scores, baseline: Scores) -> float:
    """Returns the chance that a run of `[S, N]` scores beats a run of the baseline's on a task drawn at random.

    Any two runs on the same task are compared, ties counting half: the Mann-Whitney statistic, averaged over tasks
    (ibid.). Both matrices must be complete.
    """
    ahead = np.sign(scores[:, None] - baseline[None])
    return float((1 + ahead.mean()) / 2)


def _near_an_end(scores: Scores) -> bool:
    mean = _mean(scores)
    within = np.nanmin(scores) >= 0 and np.nanmax(scores) <= 1
    return bool(within and _num_tasks(scores) * min(mean, 1 - mean) < 5)


def _mean(scores: Scores) -> float:
    return float(np.nanmean(scores))


def _num_tasks(scores: Scores) -> int:
    return int((~np.isnan(scores)).any(axis=0).sum())


def _played(scores: Scores) -> Scores:
    """Returns `scores` without the seeds and tasks nobody played."""
    cells = ~np.isnan(scores)
    return scores[cells.any(axis=1)][:, cells.any(axis=0)]

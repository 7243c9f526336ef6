"""What a finished batch of samples says about smaller ones: pass@k, n@k and false positives, without bias.

All take counts of one problem: of `samples` drawn, `passing` pass the examples and of these `solving` pass the hidden
tests too. Where the counts cannot answer, they return NaN; a plain 0 or 1 would enter an average unnoticed.
"""

from math import comb, nan


def pass_at_k(samples: int, solving: int, k: int) -> float:
    """Returns the chance that at least one of `k` samples solves the problem.

    `1 - C(samples - solving, k) / C(samples, k)` (Chen et al. 2021, https://arxiv.org/abs/2107.03374, equation 1). NaN
    where `k > samples`: nobody drew that many, though the reference implementation says 1.

    Raises:
        ValueError: if more solve than were drawn.
    """
    _check(samples, samples, solving)
    return 1 - comb(samples - solving, k) / comb(samples, k) if k <= samples else nan


def n_at_k(samples: int, passing: int, solving: int, n: int, k: int) -> float:
    """Returns the chance to solve the problem by `n` hand-ins drawn from those of `k` samples that pass the examples.

    Of the `k`, `e ~ Hypergeometric` pass; of `m = min(e, n)` handed in, one solves with probability
    `1 - C(passing - solving, m) / C(passing, m)`. Both expectations are summed exactly, where AlphaCode
    (https://arxiv.org/abs/2203.07814, Algorithm 1) draws them. NaN where `k > samples`.

    Raises:
        ValueError: if more solve than pass, or more pass than were drawn.
    """
    _check(samples, passing, solving)
    if k > samples:
        return nan
    most = min(n, k, passing)
    chances = [comb(passing, e) * comb(samples - passing, k - e) / comb(samples, k) for e in range(most)]
    chances.append(1 - sum(chances))  # `most` are handed in whenever so many pass, or more.
    return sum(chance * (1 - comb(passing - solving, m) / comb(passing, m)) for m, chance in enumerate(chances))


def false_positive_rate(passing: int, solving: int) -> float:
    """Returns the share of those that pass the examples and fail the hidden tests; NaN where none passes.

    Raises:
        ValueError: if more solve than pass.
    """
    _check(passing, passing, solving)
    return (passing - solving) / passing if passing else nan


def _check(samples: int, passing: int, solving: int) -> None:
    if not 0 <= solving <= passing <= samples:
        raise ValueError(
            f"0 <= solving <= passing <= samples wanted, found solving {solving}, passing {passing}, samples {samples}"
        )

"""Elo ratings: how strong settings and their opponents are on one scale, from who scored what against whom."""

from collections.abc import Sequence

import numpy as np

_ROUNDS = 1000


def elo(games: Sequence[tuple[str, str, float]]) -> dict[str, float]:
    """Returns the rating of everybody who played; opponents who are nobody's player have 0 in the mean.

    The likeliest ratings under Bradley and Terry's model (1952, https://doi.org/10.2307/2334029), by the iteration of
    Hunter (2004, https://doi.org/10.1214/aos/1079120141). Each pair that met is given one drawn game more, so that who
    won all of its games has a rating too.

    Args:
        games: who played, against whom, and what it scored: 1 for a win, 0.5 for a draw, 0 for a loss.
    """
    players, opponents, scores = zip(*games, strict=True)
    names = sorted({*players, *opponents})
    ours, theirs = ([names.index(name) for name in side] for side in (players, opponents))
    won = np.zeros((len(names), len(names)))
    np.add.at(won, (ours, theirs), scores)
    np.add.at(won, (theirs, ours), 1 - np.array(scores))
    won += 0.5 * (won + won.T > 0)
    met, strength = won + won.T, np.ones(len(names))
    for _ in range(_ROUNDS):
        strength = won.sum(1) / (met / (strength[:, None] + strength)).sum(1)
    ratings = 400 * np.log10(strength)
    anchors = sorted(set(theirs) - set(ours)) or [*range(len(names))]
    return dict(zip(names, (ratings - ratings[anchors].mean()).tolist(), strict=True))

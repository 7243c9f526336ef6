"""How the bots of the strategy game fare against each other, as the table of envs/rts/README.md.

    python benchmarks/rts_bots.py [--maps 500] [--skill 100] [--json FILE]

Every pair plays every map once from either side, and gives its orders once a beat. A figure is the row's average score
against the column: 1 for a win, 1/2 for a draw.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alphakata.envs.rts import MIDDLE, SMALL, Games, MapSettings, new_games
from alphakata.envs.rts.bots import BOTS, bots
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.rules import BEAT, SIDES, UNITS
from alphakata.envs.rts.steering import steer


def play(start: Games, scripts: NDArray[np.int64], skill: int, seed: int) -> tuple[Games, float, float]:
    """Returns the finished games, decisions a side and game, and orders a decision."""
    games, orders = start.copy(), np.zeros((len(start), UNITS), np.int16)
    skills = np.full((len(start), SIDES), skill)
    draws = np.random.default_rng(seed).integers(1 << 63, size=len(start)).astype(np.uint64)
    num_orders = 0
    while not games["over"].all():
        bots(games, scripts, skills, draws, orders)
        steer(games, orders, orders)
        num_orders += np.count_nonzero(orders)
        step(games, orders, BEAT)
    decisions = float(games["tick"].sum()) / BEAT
    return games, decisions / len(games), num_orders / decisions / SIDES


def matrix(settings: MapSettings, num_maps: int, skill: int) -> NDArray[np.float64]:
    """Prints the table; returns `[bots, bots]` average scores."""
    count = len(BOTS)
    pairs = np.array([(a, b) for a in range(count) for b in range(count)])
    start = new_games(settings, range(num_maps))
    scores, lengths, sizes = np.zeros((count, count)), np.zeros(count), np.zeros(count)
    draws, early = 0.0, 0.0
    for a, b in pairs:
        games, decisions, size = play(start, np.tile([a, b], (num_maps, 1)), skill, seed=int(count * a + b))
        points = float((games["winner"] == 0).mean() + (games["winner"] == -1).mean() / 2)
        scores[a, b] += points / 2
        scores[b, a] += (1 - points) / 2
        np.add.at(lengths, [a, b], decisions / count / 2)
        sizes[a] += size / count
        draws += float((games["winner"] == -1).mean()) / len(pairs)
        early += float((games["tick"] < settings.limit).mean()) / len(pairs)
    print(f"\n{settings.size} x {settings.size}, {num_maps} maps, limit {settings.limit} ticks, skill {skill}\n")
    print("| | " + " | ".join(name.replace("_", " ") for name in BOTS) + " | mean of the six | decisions | orders |")
    print("|---" * (count + 4) + "|")
    for a, name in enumerate(BOTS):
        cells = " | ".join(f"{score:.2f}" for score in scores[a])
        print(f"| {name} | {cells} | {scores[a, :-1].mean():.2f} | {lengths[a]:.0f} | {sizes[a]:.1f} |")
    print(f"\n{draws:.1%} draws; {early:.0%} of the games end before the limit")
    return scores


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--maps", type=int, default=500, help="maps of each size")
    parser.add_argument("--skill", type=int, default=100, help="in percent, of all bots")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    rows = []
    for settings in (SMALL, MIDDLE):
        scores = matrix(settings, arguments.maps, arguments.skill)
        rows += [
            {"name": f"{a}_{settings.size}x{settings.size}", "value": scores[i, j], "unit": "score", "peer": b}
            | {"ratio": scores[i, j] / 0.5}
            for i, a in enumerate(BOTS)
            for j, b in enumerate(BOTS)
        ]
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

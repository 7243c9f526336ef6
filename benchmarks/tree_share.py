"""What tree, scheduler and world take of a search beside a network of 1 M, with 64 games of Connect Four at a time.

    python benchmarks/tree_share.py [--quick] [--json FILE] [--checkpoint runs/NAME/DATE/checkpoints/seed_0]

Decided together, in arrays that hold all games, as the scheduler does where it can; and by a plan a game, as it does
where a budget may end a search early. In CPU time, one thread. Goal: at most 0.03.
"""

import argparse
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from scheduler import policies

from alphakata.agents.stream import Stream
from alphakata.agents.types import Policy, Prediction, glance_of
from alphakata.envs.types import SequentialEnv, State
from alphakata.experiments.build import build
from alphakata.experiments.configure import compose
from alphakata.experiments.run import RunConfig
from alphakata.search import Gumbel, Limits, Player, Puct, Root, Scheduler, Search
from alphakata.search.budget import UNLIMITED

GAMES, SIMULATIONS, GOAL = 64, 64, 0.03
World = SequentialEnv[Any]
States = list[State[Any]]


class Timed:
    """Another policy, the CPU-seconds it took, and the batches of tokens it read."""

    def __init__(self, policy: Policy) -> None:
        self.flops_per_token, self.complete = policy.flops_per_token, policy.complete
        self._policy, self._glance = policy, glance_of(policy)
        self.seconds, self.batches = 0.0, list[Any]()

    def predict(self, streams: Any) -> Prediction:
        """Returns what the other policy says."""
        self.batches.append(np.stack([stream.all_tokens() for stream in streams]))
        return self._timed(lambda: self._policy.predict(streams))

    def glance(self, tokens: Any) -> Prediction:
        """Returns what the other policy says of whole observations."""
        self.batches.append(tokens)
        return self._timed(lambda: self._glance(tokens))

    def _timed(self, ask: Callable[[], Prediction]) -> Prediction:
        start = process_time()
        prediction = ask()
        self.seconds += process_time() - start
        return prediction


def decide(search: Search, budget: Limits, world: World, states: States, policy: Policy) -> None:
    """Decides at all states at once; a budget of seconds is kept by plans alone."""
    roots = [Root(world, state, Stream(state.tokens), 0) for state in states]
    player = Player("searcher", search, policy, budget)
    Scheduler().decide(player, roots, [np.random.default_rng(i) for i in range(len(roots))])


def some_moves_in(world: World, seed: int) -> States:
    """Returns the states of as many games after four random moves."""
    rng = np.random.default_rng(seed)
    states = [world.init(i) for i in range(GAMES)]
    for _ in range(4):
        states = [world.step(state, int(rng.choice(np.flatnonzero(state.legal)))) for state in states]
    return states


def measure(search: Callable[[World, States, Policy], None], world: World, policy: Policy, times: int) -> Any:
    """Returns medians: the share beside the network, and its microseconds a simulation."""
    found = []
    for attempt in range(times + 1):
        timed, states = Timed(policy), some_moves_in(world, attempt)
        start = process_time()
        search(world, states, timed)
        total = process_time() - start
        found.append((1 - timed.seconds / total, (total - timed.seconds) / GAMES / SIMULATIONS * 1e6))
    # The first compiled and warmed up.
    return np.median(found[1:], axis=0)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer times; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--checkpoint", type=Path, help="a policy of another size in place of a fresh one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # A layer more than the quickstart's makes a million parameters.
    config = build(compose(["experiment=quickstart", "env=connect_four", "agent.num_layers=5"]), RunConfig)
    tasks, speakers = policies(config, arguments.checkpoint)
    searches = {"puct": Puct(SIMULATIONS), "gumbel": Gumbel(SIMULATIONS)}
    searches["gumbel by rounds"] = Gumbel(SIMULATIONS, by_rounds=True)
    budgets = {"together": UNLIMITED, "plans": Limits(seconds=3600.0)}
    ways = {
        f"{name}, {how}": partial(decide, search, budget)
        for how, budget in budgets.items()
        for name, search in searches.items()
    }
    rows = []
    for name, search in ways.items():
        world, policy = tasks["connect_four"].world, speakers["connect_four"]
        share, each = measure(search, world, policy, 2 if arguments.quick else 7)
        print(f"{name:26} {share:6.1%} of the time (goal {GOAL:.0%}), {each:5.1f} us a simulation", flush=True)
        rows.append({"name": name, "value": share, "unit": "share", "peer": "goal", "ratio": share / GOAL})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

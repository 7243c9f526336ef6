"""What tree search takes for itself, against mctx on CPU and OpenSpiel's MCTS, in CPU time and interleaved.

    python benchmarks/tree.py [--quick] [--json FILE]

The batched form and mctx search the same table of 4096 states, whose look-ups count on both sides: 64 roots of 64
tokens, 8 roots for mctx at 800 simulations, where 64 take minutes. Plans alone and OpenSpiel play Connect Four;
OpenSpiel is left out where it is not installed.
"""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np

from alphakata.agents.stream import Stream
from alphakata.agents.types import Prediction
from alphakata.envs.board.connect_four import ConnectFour
from alphakata.search import Gumbel, Player, Puct, Root, Scheduler, Search
from alphakata.search.asks import Advance, Predict
from alphakata.search.forest import Forest
from alphakata.search.halving import due_visits

STATES, TOKENS, ROOTS = 4096, 64, 64
GOALS = {
    ("puct", 32): 25,
    ("puct", 128): 70,
    ("puct", 800): 250,
    ("gumbel", 32): 4,
    ("gumbel", 128): 15,
    ("gumbel", 800): 60,
}
GOAL_PLAN_US = 25.0
Rows = list[dict[str, Any]]


def table() -> tuple[Any, Any, Any]:
    """Returns logits, values and rewards of every state."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(STATES, TOKENS)).astype(np.float32)
    return logits, *rng.uniform(-1, 1, (2, STATES)).astype(np.float32)


def follow(state: Any, token: Any) -> Any:
    return (state * 1009 + token * 7919 + 12345) % STATES


def forest_search(rule: str, simulations: int, num_roots: int) -> Callable[[], object]:
    """Returns a call that searches the table with our batched form."""
    logits, values, rewards = table()
    # For whoever moved there.
    rewards = np.stack([rewards, rewards], 1)
    over = np.zeros(num_roots, np.bool_)
    rng = np.random.default_rng(1)
    legal, schedules = np.ones((num_roots, TOKENS), np.bool_), np.tile(due_visits(16, simulations), (num_roots, 1))

    def search() -> object:
        rows = rng.integers(STATES, size=num_roots)
        forest = Forest(rows[:, None], simulations + 1, TOKENS)
        if rule == "gumbel":
            forest.order = logits[rows] + rng.gumbel(size=(num_roots, TOKENS))
        forest.plant(np.zeros(num_roots, np.int32), legal, logits[rows], values[rows])
        for _ in range(simulations):
            if rule == "gumbel":
                forest.select_gumbel(schedules, 50.0, 0.1, True)
            else:
                forest.select_puct(1.25, 19652.0)
            _, above, players, tokens = forest.open()
            rows = follow(above[:, 0], tokens)
            forest.expand(rows[:, None], 1 - players, rewards[rows], legal, over, logits[rows], values[rows])
        return forest.visits(TOKENS)

    return search


def mctx_search(rule: str, simulations: int, num_roots: int) -> Callable[[], object]:
    """Returns a call that searches the table with mctx, compiled."""
    import jax
    import jax.numpy as jnp
    import mctx

    logits, values, rewards = map(jnp.asarray, table())

    def step(params: Any, key: Any, token: Any, state: Any) -> Any:
        state = follow(state, token)
        output = mctx.RecurrentFnOutput(
            reward=rewards[state], discount=-jnp.ones(state.shape), prior_logits=logits[state], value=values[state]
        )
        return output, state

    @jax.jit
    def run(key: Any, rows: Any) -> Any:
        root = mctx.RootFnOutput(prior_logits=logits[rows], value=values[rows], embedding=rows)
        if rule == "gumbel":
            output = mctx.gumbel_muzero_policy((), key, root, step, simulations)
        else:
            output = mctx.muzero_policy((), key, root, step, simulations, dirichlet_fraction=0.0)
        return output.search_tree.summary().visit_counts

    rng = np.random.default_rng(1)
    return lambda: run(jax.random.key(0), rng.integers(STATES, size=num_roots).astype(np.int32)).block_until_ready()


def seconds(calls: list[Callable[[], object]], times: int) -> list[float]:
    """Returns the median CPU-seconds of each call, taken in turn after one to warm up."""
    took: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(times):
        for call, mine in zip(calls, took, strict=True):
            start = process_time()
            call()
            mine.append(process_time() - start)
    return [float(np.median(mine)) for mine in took]


def against_mctx(quick: bool) -> Rows:
    rows = []
    for (rule, simulations), goal in GOALS.items():
        if quick and simulations > 128:
            continue
        few = ROOTS if simulations <= 128 else 8
        calls = [forest_search(rule, simulations, ROOTS), mctx_search(rule, simulations, few)]
        ours, theirs = seconds(calls, 3 if quick else 5)
        mine, other = (s / n / simulations * 1e6 for s, n in ((ours, ROOTS), (theirs, few)))
        print(
            f"{rule:6} {simulations:4} simulations: {mine:6.2f} us each, mctx {other:8.1f}: "
            f"{other / mine:6.1f} times cheaper (goal {goal})",
            flush=True,
        )
        rows.append(figure(f"forest_{rule}_{simulations}", mine, "us", "mctx", other / mine))
    return rows


class Cheap:
    """Answers at once with random logits and values."""

    flops_per_token = 0

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self._logits = rng.normal(size=(512, 134)).astype(np.float32)
        self._values = rng.uniform(-1, 1, 512).astype(np.float32)
        self._next = 0

    def predict(self, streams: Any) -> Prediction:
        """Returns the next rows of a table."""
        first = self._next = (self._next + len(streams)) % 256
        return Prediction(self._logits[first : first + len(streams)], self._values[first : first + len(streams)])

    def complete(self, *arguments: Any, **options: Any) -> Any:
        """Is never asked."""
        raise AssertionError("a tree search samples no moves")


def plan_alone(search: Search, simulations: int) -> float:
    """Returns the median CPU-microseconds a simulation of one plan, those of world and policy left out."""
    world, policy, took = ConnectFour(), Cheap(), []
    for _ in range(40):
        state = world.init(0)
        plan = search(Root(world, state, Stream(state.tokens), 0), np.random.default_rng(0))
        answer: object = None
        own, start = 0.0, process_time()
        try:
            while True:
                ask = plan.send(answer)
                own += process_time() - start
                assert isinstance(ask, Advance | Predict)
                if isinstance(ask, Predict):
                    answer = policy.predict(ask.streams)
                else:
                    answer = [world.step(s, int(m[0])) for s, m in zip(ask.states, ask.moves, strict=True)]
                start = process_time()
        except StopIteration:
            took.append((own + process_time() - start) / simulations * 1e6)
    return float(np.median(took))


def plans() -> Rows:
    rows = []
    searches = {"puct": Puct(128), "gumbel": Gumbel(128), "gumbel_rounds": Gumbel(128, by_rounds=True)}
    for name, search in searches.items():
        value = plan_alone(search, 128)
        print(f"{name:14} a plan alone: {value:5.1f} us a simulation (goal {GOAL_PLAN_US:.0f})", flush=True)
        rows.append(figure(f"plan_{name}", value, "us", "goal", GOAL_PLAN_US / value))
    return rows


def against_open_spiel(quick: bool) -> Rows:
    try:
        import pyspiel
        from open_spiel.python.algorithms import mcts
    except ImportError:
        print("open_spiel is not installed: no comparison")
        return []

    class Constant(mcts.Evaluator):  # type: ignore[misc]
        def evaluate(self, state: Any) -> Any:
            return np.zeros(2)

        def prior(self, state: Any) -> Any:
            return [(token, 1 / 7) for token in state.legal_actions()]

    game, world, player = pyspiel.load_game("connect_four"), ConnectFour(), Player("puct", Puct(200), Cheap())
    bot = mcts.MCTSBot(game, 1.25, 200, Constant(), child_selection_fn=mcts.SearchNode.puct_value)
    fast = pyspiel.MCTSBot(game, pyspiel.RandomRolloutEvaluator(1, 0), 1.25, 20_000, 100, False, 0, False)

    def decide() -> object:
        states = [world.init(seed) for seed in range(64)]
        roots = [Root(world, state, Stream(state.tokens), 0) for state in states]
        return Scheduler().decide(player, roots, [np.random.default_rng(seed) for seed in range(64)])

    calls = [
        decide,
        lambda: bot.mcts_search(game.new_initial_state()),
        lambda: fast.mcts_search(game.new_initial_state()),
    ]
    ours, theirs, compiled = seconds(calls, 3 if quick else 9)
    mine, python, rollouts = ours / 64 / 200 * 1e6, theirs / 200 * 1e6, compiled / 20_000 * 1e6
    print(
        f"connect_four, scheduler and world included: {mine:.1f} us a simulation; OpenSpiel in Python {python:.1f} us,"
    )
    print(f"    in C++ with a random game at each leaf {rollouts:.1f} us")
    return [
        figure("connect_four_puct", mine, "us", "open_spiel_python", python / mine),
        figure("connect_four_puct", mine, "us", "open_spiel_cpp_with_rollouts", rollouts / mine),
    ]


def figure(name: str, value: float, unit: str, peer: str, ratio: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="no searches of 800; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    rows = [*plans(), *against_open_spiel(arguments.quick), *against_mctx(arguments.quick)]
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

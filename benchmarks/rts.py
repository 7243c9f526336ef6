"""What a tick of the strategy game costs: the kernels against the same rules in C, in numpy, and against microRTS.

    python benchmarks/rts.py [--quick] [--json FILE] [--microrts DIRECTORY] [--soak N]

Rates are game-ticks per second of CPU time of one thread, each the best of several interleaved repeats, so that they
stand on a busy machine. C needs gcc; its states are compared with the kernels', bit by bit, as numpy's are. microRTS
(https://github.com/Farama-Foundation/MicroRTS, in Java) needs a JDK and its archive:

    pip download gym-microrts==0.6.0 --no-deps --no-binary :all: --ignore-requires-python
    tar xzf gym-microrts-0.6.0.tar.gz
    python benchmarks/rts.py --microrts gym-microrts-0.6.0/gym_microrts/microrts

Its rules are not ours (its bots find paths, its units act longer), so that ratio says what a tick of a game of that
kind costs, no more; its figure leaves out the threads that compile and collect for it.

With `--soak N` nothing is timed: N games of random legal play on maps of all three sizes are held to the invariants and
to numpy's states at every tick.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from _rts_peers import Orders, Step, compile_c, microrts

from alphakata.envs.rts import LARGE, MIDDLE, SMALL, Games, MapSettings, Unit, new_games, rules, with_units
from alphakata.envs.rts.bots import BOTS, bots
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.kernels import step
from alphakata.envs.rts.masks import masks, random_legal
from alphakata.envs.rts.observe import COLUMNS, ROWS, observe
from alphakata.envs.rts.oracle import oracle_step
from alphakata.envs.rts.players import Bot
from alphakata.envs.rts.rules import SIDES, UNITS
from alphakata.envs.rts.soak import soak
from alphakata.envs.rts.state import PATCH, words
from alphakata.envs.rts.steering import steer

BATCH, TICKS = 512, 32
"""512 records of 768 bytes stay in a core's second cache."""


class Table:
    """The figures, printed as they come."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def add(self, name: str, value: float, unit: str, peer: str, peer_value: float, goal: str) -> None:
        """Adds a figure beside the same figure of a peer, or a bound."""
        ratio = value / peer_value
        self.rows.append({"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio})
        print(f"{name:28} {value:8.3g} {unit:10} {ratio:6.2f} of {peer} ({peer_value:.3g}); goal {goal}", flush=True)


def fastest(*tasks: Callable[[], object], repeats: int) -> list[float]:
    """Returns the least CPU-seconds of each task; they take turns, for the machine's mood changes."""
    best = [float("inf")] * len(tasks)
    for _ in range(repeats):
        for i, task in enumerate(tasks):
            start = time.thread_time()
            task()
            best[i] = min(best[i], time.thread_time() - start)
    return best


def play(start: Games, orders: Orders, by: Step) -> Games:
    """Returns `[B]` games after `[T, B, 64]` orders."""
    games: Games = words(start).copy().view(start.dtype).reshape(-1)
    for row in orders:
        by(games, row)
    return games


def bot_play(settings: MapSettings, warm_up: int) -> tuple[Games, Orders]:
    """Returns `BATCH` positions in mid-game and the next `TICKS` of the six scripts' orders, asked at every tick."""
    games = np.concatenate([new_games(settings, range(128))] * 8)
    rng = np.random.default_rng(0)
    draws, scripts = np.arange(len(games), dtype=np.uint64), rng.integers(len(BOTS) - 1, size=(len(games), SIDES))
    skills, orders = np.full((len(games), SIDES), 100), np.zeros((TICKS, len(games), UNITS), np.int16)
    for _ in range(warm_up):
        bots(games, scripts, skills, draws, orders[0])
        steer(games, orders[0], orders[0])
        step(games, orders[0])
    start = games.copy()
    for row in orders:
        bots(games, scripts, skills, draws, row)
        steer(games, row, row)
        step(games, row)
    going = np.flatnonzero(games["over"] == 0)[:BATCH]
    return start[going], np.ascontiguousarray(orders[:, going])


def full_boards() -> tuple[Games, Orders]:
    """Returns `BATCH` boards of 16 x 16 with 64 units, and `TICKS` of random legal orders."""
    rng, boards = np.random.default_rng(0), []
    for ground in np.split(new_games(LARGE, range(64)), 64):
        homes = ground[0]["home"].tolist()
        free = np.setdiff1d(np.flatnonzero(ground[0]["grid"] < PATCH), homes)
        cells = rng.choice(free, UNITS - SIDES, replace=False).tolist()
        army = [Unit(i % SIDES, int(rng.integers(rules.WORKER, rules.NUM_KINDS)), c) for i, c in enumerate(cells)]
        boards.append(with_units(ground, [*(Unit(s, rules.BASE, homes[s]) for s in range(SIDES)), *army], [9, 9]))
    start = np.concatenate(boards * (BATCH // 64))
    games, orders = start.copy(), np.zeros((TICKS, BATCH, UNITS), np.int16)
    possible, draws = np.zeros((BATCH, UNITS), np.uint64), np.arange(BATCH, dtype=np.uint64)
    for row in orders:
        masks(games, possible)
        random_legal(possible, draws, row)
        step(games, row)
    return start, orders


def measure_step(table: Table, c_step: Step | None, repeats: int) -> None:
    """Measures ticks alone, by given orders: bots' in mid-game, and random ones with 64 units."""
    cases = [
        ("step_8x8", *bot_play(SMALL, 200), ""),
        ("step_12x12", *bot_play(MIDDLE, 250), ", 5 M/s"),
        ("step_16x16", *bot_play(LARGE, 300), ""),
        ("step_64_units", *full_boards(), ", 1 M/s"),
    ]
    for name, start, orders, goal in cases:
        count, wanted = len(start) * len(orders) / 1e6, play(start, orders, step).tobytes()
        alive, given = np.count_nonzero(start["kind"], axis=1).mean(), np.count_nonzero(orders, axis=2).mean()
        print(f"\n{name}: {alive:.1f} units and {given:.1f} orders a tick")
        if c_step is not None:
            if play(start, orders, c_step).tobytes() != wanted:
                raise AssertionError(f"{name}: C and the kernels end in different states")
            tasks = lambda s=start, o=orders: play(s, o, step), lambda s=start, o=orders: play(s, o, c_step)
            ours, peer = fastest(*tasks, repeats=repeats)
            table.add(name, count / ours, "M ticks/s", "C", count / peer, ">= 0.85" + goal)
        few, some = start[:BATCH], orders[:4]
        numpy_end = play(few, some, lambda games, row: games.__setitem__(slice(None), oracle_step(games, row)))
        if numpy_end.tobytes() != play(few, some, step).tobytes():
            raise AssertionError(f"{name}: numpy and the kernels end in different states")
        tasks = lambda s=few, o=some: play(s, o, step), lambda s=few, o=some: [oracle_step(s, row) for row in o]
        ours, peer = fastest(*tasks, repeats=max(2, repeats // 8))
        count = len(few) * len(some) / 1e6
        table.add(name + "_numpy", count / ours, "M ticks/s", "numpy", count / peer, "none")


def measure_loops(table: Table, repeats: int) -> None:
    """Measures what surrounds a tick: masks, random orders, observations, bots, snapshots."""
    possible, draws = np.zeros((BATCH, UNITS), np.uint64), np.arange(BATCH, dtype=np.uint64)
    given, rows = np.zeros((BATCH, UNITS), np.int16), np.zeros((BATCH, ROWS, len(COLUMNS)), np.uint8)
    counts = np.zeros(BATCH, np.int64)
    for size, settings, goal in (("8x8", SMALL, 1.5), ("16x16", LARGE, 1.0)):
        start, _ = bot_play(settings, 200)
        games = start.copy()

        def random_play(start: Games = start, games: Games = games) -> None:
            np.copyto(words(games), words(start))
            for _ in range(TICKS):
                masks(games, possible)
                random_legal(possible, draws, given)
                step(games, given)

        def see(start: Games = start) -> None:
            for side in range(SIDES):
                observe(start, side, rows, counts)

        loop, sight = fastest(random_play, see, repeats=repeats)
        table.add(f"random_play_{size}", BATCH * TICKS / loop / 1e6, "M ticks/s", "goal", goal, ">= 1")
        table.add(f"observe_both_{size}", BATCH / sight / 1e6, "M games/s", "goal", 1.0, "none")
    start, _ = bot_play(LARGE, 200)
    target = np.zeros_like(start)
    copies = fastest(lambda: [np.copyto(words(target), words(start)) for _ in range(TICKS)], repeats=repeats)[0]
    table.add("snapshot", BATCH * TICKS / copies / 1e6, "M games/s", "goal", 25.0, ">= 1")


def measure_threads(table: Table, repeats: int) -> None:
    """Measures two threads on halves of a batch, by the clock."""
    start, orders = bot_play(MIDDLE, 250)
    half, many = len(start) // 2, 50
    parts = [(start[:half], orders[:, :half].copy()), (start[half:], orders[:, half:].copy())]

    def work(i: int) -> None:
        for _ in range(many):
            play(*parts[i], step)

    alone = together = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        work(0)
        alone = min(alone, time.perf_counter() - begin)
        threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        together = min(together, time.perf_counter() - begin)
    table.add("two_threads", 2 * alone / together, "x one", "goal", 1.6, ">= 1, on an idle machine")


def measure_first_calls(table: Table) -> None:
    """Measures the CPU-seconds of a process that calls every kernel once, imports included."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--first-calls"]
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        for name, goal in (("first_calls_cold", 10.0), ("first_calls_warm", 1.0)):
            printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
            table.add(name, float(printed), "CPU-s", "bound", goal, "<= 1")


def first_calls() -> None:
    """Plays a turn of each side, calls what that did not, and prints this process's CPU-seconds."""
    env, rng = Skirmish(), np.random.default_rng(0)
    state = env.init(0)
    for _ in range(SIDES):
        (state,) = env.advance((state,), (Bot()(env, state, rng),))
    random_legal(state.inner.words[None], np.zeros(1, np.uint64), np.zeros((1, UNITS), np.int16))
    observe(state.inner.games, 0, np.zeros((1, ROWS, len(COLUMNS)), np.uint8), np.zeros(1, np.int64))
    print(time.process_time())


def measure_microrts(table: Table, folder: Path, seconds: float) -> None:
    """Measures whole games of two rush bots, ours and microRTS's own."""
    for settings in (SMALL, MIDDLE):
        for pair in (("worker_rush", "light_rush"), ("light_rush", "ranged_rush")):
            ours, peer = whole_games(settings, pair), microrts(folder, settings, pair, seconds)
            name = f"bots_step_{settings.size}x{settings.size}_{pair[0].split('_')[0]}_{pair[1].split('_')[0]}"
            table.add(name, ours / 1e6, "M ticks/s", "microRTS", peer / 1e6, ">= 5")


def whole_games(settings: MapSettings, pair: Sequence[str]) -> float:
    """Returns the ticks per CPU-second of two bots that are asked at every tick, over whole games."""
    start, best = new_games(settings, range(BATCH)), 0.0
    scripts = np.tile([BOTS.index(name) for name in pair], (BATCH, 1))
    skills, orders = np.full((BATCH, SIDES), 100), np.zeros((BATCH, UNITS), np.int16)
    for _ in range(5):
        games, draws = start.copy(), np.arange(BATCH, dtype=np.uint64)
        begin = time.thread_time()
        while not games["over"].all():
            bots(games, scripts, skills, draws, orders)
            steer(games, orders, orders)
            step(games, orders)
        best = max(best, games["tick"].sum(dtype=float) / (time.thread_time() - begin))
    return best


def soaked(num_games: int) -> None:
    """Soaks as many games, in batches, and tells how far it is; the first that goes wrong ends it."""
    ticks, begun = 0, time.process_time()
    for batch, first in enumerate(range(0, num_games, BATCH)):
        seeds = range(first, min(first + BATCH, num_games))
        ticks += soak((SMALL, MIDDLE, LARGE)[batch % 3], seeds)
        print(f"{seeds.stop:,} games, {ticks:,} ticks, 0 findings", end="\r", flush=True)
    print(f"\n{time.process_time() - begun:,.0f} CPU-seconds")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer repeats; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--microrts", type=Path, help="the unpacked directory that holds microrts.jar")
    parser.add_argument("--soak", type=int, metavar="N", help="play N random games to their end instead, all checked")
    parser.add_argument("--first-calls", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first_calls:
        return first_calls()
    if arguments.soak:
        return soaked(arguments.soak)
    table, repeats = Table(), 8 if arguments.quick else 40
    with TemporaryDirectory() as folder:
        c_step = compile_c(Path(folder)) if shutil.which("gcc") else None
        if c_step is None:
            print("C: skipped, no gcc here")
        measure_step(table, c_step, repeats)
        measure_loops(table, repeats)
        measure_threads(table, repeats)
        measure_first_calls(table)
    if arguments.microrts is None or not shutil.which("javac"):
        print("microRTS: skipped, it needs a JDK and --microrts; --help says how to get it")
    else:
        measure_microrts(table, arguments.microrts, 1 if arguments.quick else 5)
    if arguments.json:
        arguments.json.write_text(json.dumps(table.rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

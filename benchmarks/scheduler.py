"""What the scheduler and the searches themselves take of a search's time, with a policy of the quickstart's size.

    python benchmarks/scheduler.py [--quick] [--json FILE] [--checkpoint runs/quickstart/DATE/checkpoints/seed_0]

The rest is the policy's and the world's: reading, sampling, stepping, judging. Goal: at most 0.10. Without a checkpoint
a fresh network of the same size acts; its programs pass no example, so nothing is clustered.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from alphakata.agents.checkpoint import load
from alphakata.agents.engine import Engine
from alphakata.agents.transformer import Transformer
from alphakata.agents.types import Policy
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.codec import codec_from_json
from alphakata.envs.types import Codec, SequentialEnv
from alphakata.experiments.acting import trained
from alphakata.experiments.build import build
from alphakata.experiments.configure import compose
from alphakata.experiments.run import RunConfig
from alphakata.experiments.task import Task
from alphakata.search import Limits, Player, Puct, Scheduler, Search, rollout
from alphakata.search.alphacode import AlphaCode

GOAL = 0.10


def measure(task: Task, policy: Policy, search: Search, limits: Limits, episodes: int) -> float:
    """Returns the share of the time that is spent outside policies and worlds."""
    player, world = Player("benchmark", search, policy, limits), task.world
    scheduler = Scheduler()
    start = perf_counter()
    scheduler.run(rollout(world, seed, [player] * world.num_players, max_turns=4) for seed in range(episodes))
    total = perf_counter() - start
    return (total - scheduler.answer_seconds) / total


def policies(config: RunConfig, checkpoint: Path | None) -> tuple[dict[str, Task], dict[str, Policy]]:
    """Returns the quickstart's tasks and a policy for each, trained or just as large."""
    if checkpoint is not None:
        saved = load(trained(checkpoint))
        codecs: dict[str, Codec] = {name: codec_from_json(text) for name, text in saved.codecs.items()}
        model, vocabulary = saved.model, saved.vocabulary
    else:
        codecs = {task.world.codec.name: task.world.codec for task in config.envs.values()}
        vocabulary = Vocabulary.of({name: (codec.size, codec.fingerprint()) for name, codec in codecs.items()})
        model = Transformer(replace(config.agent, vocab_size=vocabulary.size), torch.Generator().manual_seed(0))
    tasks = {name: task.spoken(codecs) for name, task in config.envs.items()}
    engine = Engine(model, vocabulary)

    def speak(world: SequentialEnv[Any]) -> Policy:
        codec = world.codec
        return engine.speak(vocabulary.dialect(codec.name, codec.size, codec.fingerprint()))

    return tasks, {name: speak(task.world) for name, task in tasks.items()}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer episodes; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--checkpoint", type=Path, help="a trained policy; a fresh one of the same size without it")
    arguments = parser.parse_args()
    tasks, speakers = policies(build(compose(["experiment=quickstart"]), RunConfig), arguments.checkpoint)
    few = arguments.quick
    cases: list[tuple[str, str, Search, Limits, int]] = [
        ("alphacode", "code", AlphaCode(num_samples=128 if few else 512), Limits(), 2),
        ("puct", "connect_four", Puct(64), Limits(), 64),
    ]
    rows = []
    for name, env, search, limits, episodes in cases:
        # The first run compiles and warms up.
        measure(tasks[env], speakers[env], search, limits, episodes)
        shares = sorted(measure(tasks[env], speakers[env], search, limits, episodes) for _ in range(1 if few else 5))
        value = shares[len(shares) // 2]
        rows.append(
            {"name": f"{name}_own_share", "value": value, "unit": "share", "peer": "goal", "ratio": value / GOAL}
        )
        print(
            f"{name:12} on {env:14} {value:6.1%} of the time is the scheduler's and the search's own (goal {GOAL:.0%})"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""What a leaf of many searches at once costs, against a bare batched forward pass of the same tokens.

    python benchmarks/leaf.py [--quick] [--json FILE]

PUCT in 64 games of Connect Four at a time, by scheduler and engine, tree, world and bill included. The bare
pass reads the same batches, a row a leaf under one triangle, and ends in the same two heads. They take turns; medians
of CPU time, one thread. Goal: at most 1.3. Beside it, what is neither engine nor network: tree, scheduler and world.
"""

import argparse
import json
import os
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from tree_share import GAMES, SIMULATIONS, Timed, decide, some_moves_in

from alphakata.agents.documents import look_fused
from alphakata.agents.engine import Engine
from alphakata.agents.transformer import Transformer, TransformerConfig, rotated
from alphakata.agents.vocabulary import Dialect, Vocabulary
from alphakata.envs.board import ConnectFour
from alphakata.experiments.allocation import keep_freed_memory
from alphakata.search import Puct
from alphakata.search.budget import UNLIMITED

GOAL = 1.3
# The network of the quickstart, and one of a million parameters.
LAYERS = {"0.8M": 4, "1.0M": 5}
LEARNT_TEXT = 1024


@torch.inference_mode()
def bare(model: Transformer, dialect: Dialect, batches: list[torch.Tensor]) -> float:
    """Returns the CPU-seconds of reading all `batches` of joint tokens, one after the other."""

    def attend(layer: int, heads: torch.Tensor, rotation: torch.Tensor) -> torch.Tensor:
        return look_fused(*rotated(heads, rotation, model.config.num_kv_heads))

    start = process_time()
    for rows in batches:
        places = torch.arange(rows.shape[1]).expand(rows.shape)
        last = model.read(rows, places, attend)[:, -1]
        logits = last @ model.embedding[dialect.first : dialect.first + dialect.size].mT
        (logits.numpy(), model.value(last).numpy())
    return process_time() - start


def measure(layers: int, times: int) -> Any:
    """Returns medians: microseconds a leaf, those of the bare pass, and those of tree, scheduler and world."""
    world = ConnectFour()
    codec = world.codec
    vocabulary = Vocabulary.of({codec.name: (codec.size, codec.fingerprint()), "text": (LEARNT_TEXT, "t")})
    config = TransformerConfig(vocabulary.size, d_model=128, num_layers=layers, num_heads=4, d_ff=512)
    model = Transformer(config, torch.Generator().manual_seed(0)).requires_grad_(False)
    dialect, found = vocabulary.dialects[codec.name], []
    for attempt in range(times + 1):
        policy, states = Timed(Engine(model, vocabulary, "cpu").speak(dialect)), some_moves_in(world, attempt)
        start = process_time()
        decide(Puct(SIMULATIONS), UNLIMITED, world, states, policy)
        total = process_time() - start
        opened = [np.insert(rows.astype(np.int64) + dialect.first, 0, dialect.start, axis=1) for rows in policy.batches]
        seconds = bare(model, dialect, [torch.from_numpy(rows) for rows in opened])
        leaves = sum(map(len, policy.batches))
        found.append((total / leaves, seconds / leaves, (total - policy.seconds) / leaves))
    # The first compiled and warmed up.
    return np.median(found[1:], axis=0) * 1e6


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer times; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(1)
    rows = []
    for size, layers in LAYERS.items():
        each, alone, own = measure(layers, 1 if arguments.quick else 7)
        ratio, share = each / alone, own / each
        print(
            f"{size} {GAMES} searches: {each:5.0f} us a leaf, bare {alone:5.0f}, ratio {ratio:4.2f} (goal {GOAL}); "
            f"tree, scheduler and world {own:4.1f} us, {share:5.1%}",
            flush=True,
        )
        rows.append({"name": f"leaf_{size}", "value": each, "unit": "us", "peer": "bare forward pass", "ratio": ratio})
        rows.append({"name": f"leaf_{size}_share", "value": share, "unit": "share", "peer": "leaf", "ratio": share})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

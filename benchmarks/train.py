"""How fast imitation trains, against a plain loop around a model of `transformers`, and against the machine.

    python benchmarks/train.py [--quick] [--json FILE] [--threads N]

Networks of equal size; an update is forward, backward, clipping and AdamW on rows of 256 tokens, ours with the value
loss and packed documents on top, all with freed memory kept as the command line keeps it. They take turns; medians of
processor time. MFU: 6 operations a parameter and token over the measured rate of products in the same dtype. Goals,
against the loop in fp32: >= 1.1 in fp32, >= 1.8 in bf16 at 10M; MFU >= 0.75 and >= 0.55.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from _sizes import VOCABULARY, interleaved, matmul_flops, ours, theirs

# Beside this file stands a tree.py, which rlax must not mistake for the package of that name.
sys.path.remove(str(Path(__file__).resolve().parent))

from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.experiments.allocation import keep_freed_memory
from alphakata.learners.dataset import Batch, BatchConfig, Mixture
from alphakata.learners.imitation import Imitation, ImitationConfig

LENGTH = 256
ROWS = {"2M": 8, "10M": 4}
GOALS = {("10M", "float32"): 1.1, ("10M", "bfloat16"): 1.8}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def batch(rows: int) -> Batch:
    """Returns rows that are full: each a document that reads a fifth of its tokens and writes the others."""
    rng = np.random.default_rng(0)
    size = VOCABULARY - 1
    trajectories = [
        Trajectory(
            codec="text",
            tokens=rng.integers(size, size=LENGTH - 1, dtype=np.int32),
            is_action=np.arange(LENGTH - 1) >= LENGTH // 5,
            segment=np.zeros(LENGTH - 1, np.int32),
            rewards=np.zeros(LENGTH - 1 - LENGTH // 5, np.float32),
        )
        for _ in range(rows)
    ]
    vocabulary = Vocabulary.of({"text": (size, "t")})
    return Mixture({"text": trajectories}, vocabulary, BatchConfig(rows, LENGTH), 0).batch(0)


def their_loop(model: Any, rows: int, precision: str) -> Callable[[], object]:
    """Returns an update as one writes it around a model of `transformers`."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.1)
    tokens = torch.from_numpy(batch(rows).tokens)

    def update() -> object:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = model(input_ids=tokens, labels=tokens).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return update


def compare(size: str, precision: str, times: int) -> list[dict[str, Any]]:
    """Prints and returns the rows of one size and precision."""
    rows = ROWS[size]
    model, data = ours(size), batch(rows)
    learner = Imitation(model, ImitationConfig(learning_rate=1e-4, precision=precision))
    loops: list[Callable[[], object]] = [
        lambda: learner.update(data),
        *(their_loop(theirs(size), rows, p) for p in (precision, "float32")),
    ]
    us, them, plain = interleaved(loops, times, process_time)
    tokens = rows * LENGTH
    mfu = 6 * model.num_parameters * tokens / us / matmul_flops(1024, DTYPES[precision])
    goal = GOALS.get((size, precision))
    speeds = f"{tokens / us:8.0f} tokens/s, plain loop {tokens / them:8.0f}, in fp32 {tokens / plain:8.0f}"
    ratios = f"ratio {plain / us:5.2f}, in the same dtype {them / us:5.2f}; MFU {mfu:4.2f}"
    print(f"{size:>3} {precision} {speeds}: {ratios}" + (f"; goal {goal}" if goal else ""), flush=True)
    label = f"{size}_{precision}"
    speed = {"value": tokens / us, "unit": "tokens/s", "peer": "transformers loop, fp32", "ratio": plain / us}
    return [
        {"name": f"train_{label}", **speed},
        {"name": f"train_{label}_mfu", "value": mfu, "unit": "share", "peer": "measured products", "ratio": mfu},
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one size in fp32, fewer times; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--threads", type=int, default=1, help="torch threads (default: 1, figures a core)")
    arguments = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    rows = []
    for size in ["2M"] if arguments.quick else ROWS:
        for precision in ["float32"] if arguments.quick else DTYPES:
            rows += compare(size, precision, 2 if arguments.quick else 9)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

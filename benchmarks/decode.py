"""How fast samples of one prompt are written, against `transformers.generate` and against what the machine can do.

    python benchmarks/decode.py [--quick] [--json FILE] [--threads N]

Networks of equal size with fresh weights, a prompt of 128 tokens, both in the same dtype, taking turns; medians.
"whole" is a call from prompt to samples, "step" the slope between two lengths, without the prompt. The floor is
the longer of the operations at the measured rate of products and of the weights at the measured rate of copies, and the
copies' own keys and values on top. Goals: whole >= 4 at 16 samples and >= 6 at 64; step >= 2.2 in fp32 and >= 5 in bf16
at 64.
"""

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from _sizes import VOCABULARY, copied_bytes, interleaved, matmul_flops, ours, theirs
from numpy.typing import NDArray

from alphakata.agents.engine import Engine
from alphakata.agents.stream import Stream
from alphakata.agents.transformer import Transformer
from alphakata.agents.types import Sampling
from alphakata.agents.vocabulary import Vocabulary

PROMPT = 128
GOALS = {(16, "whole", "fp32"): 4.0, (64, "whole", "fp32"): 6.0, (64, "step", "fp32"): 2.2, (64, "step", "bf16"): 5.0}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Phrase:
    """Any token but the end, which closes the longest."""

    legal: NDArray[np.bool_]
    end: int
    max_tokens: int


def our_writer(model: Transformer, dtype: torch.dtype, samples: int) -> Callable[[int], object]:
    """Returns what writes so many samples of so many tokens each."""
    size = VOCABULARY - 1
    vocabulary = Vocabulary.of({"text": (size, "t")})
    engine = Engine(model, vocabulary, "cpu", precision)
    legal = np.arange(size) != 0

    def write(tokens: int) -> object:
        voice = engine.speak(vocabulary.dialects["text"])
        prompt = Stream(np.arange(PROMPT - 1, dtype=np.int32) % size)
        return voice.complete(prompt, samples, Sampling(), Phrase(legal, 0, tokens), seed=0)

    return write


def their_writer(model: Any, dtype: torch.dtype, samples: int) -> Callable[[int], object]:
    """Returns what has `generate` write as many."""
    model = model.to(dtype).eval()
    prompt = torch.arange(PROMPT)[None] % (VOCABULARY - 1) + 1

    def write(tokens: int) -> object:
        with torch.inference_mode():
            return model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=True,
                top_k=0,
                num_return_sequences=samples,
                min_new_tokens=tokens,
                max_new_tokens=tokens,
                pad_token_id=0,
            )

    return write


def floor_seconds(model: Transformer, dtype: torch.dtype, samples: int, tokens: int) -> float:
    """Returns the least a step can take in the middle of `tokens`."""
    config, item = model.config, torch.empty((), dtype=dtype).element_size()
    own = samples * tokens / 2 * config.num_layers * 2 * config.num_kv_heads * config.head_size * item
    products = 2 * model.num_parameters * samples / matmul_flops(samples, dtype)
    copied = copied_bytes()
    return max(products, model.num_parameters * item / copied) + own / copied


def compare(size: str, name: str, samples: int, lengths: tuple[int, int], times: int) -> list[dict[str, Any]]:
    """Prints and returns the rows of one size, dtype and number of samples."""
    dtype, short, long = DTYPES[name], *lengths
    model = ours(size)
    us, them = our_writer(model, dtype, samples), their_writer(theirs(size), dtype, samples)
    runs = [lambda: us(short), lambda: them(short), lambda: us(long), lambda: them(long)]
    ours_short, theirs_short, ours_long, theirs_long = interleaved(runs, times)
    step, their_step = ((b - a) / (long - short) for a, b in ((ours_short, ours_long), (theirs_short, theirs_long)))
    least = floor_seconds(model, dtype, samples, long)
    figures = {
        "whole": (samples * long / ours_long, samples * long / theirs_long),
        "step": (samples / step, samples / their_step),
        "floor": (samples / step, samples / least),
    }
    rows = []
    for kind, (value, peer) in figures.items():
        peer_name = "floor" if kind == "floor" else "transformers.generate"
        goal = GOALS.get((samples, kind, name))
        print(
            f"{size:>3} {name} {samples:4} samples {kind:6} {value:9.0f} tokens/s, {peer_name} {peer:9.0f}, "
            f"ratio {value / peer:5.2f}" + (f" (goal {goal})" if goal else ""),
            flush=True,
        )
        label = f"{size}_{name}_{samples}_{kind}"
        rows.append({"name": label, "value": value, "unit": "tokens/s", "peer": peer_name, "ratio": value / peer})
    return rows


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one size, fewer times; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--threads", type=int, default=1, help="torch threads (default: 1, figures a core)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sizes, samples = (["2M"], [16]) if arguments.quick else (["2M", "10M"], [1, 16, 64])
    rows = []
    for size in sizes:
        for name in ["fp32"] if arguments.quick else DTYPES:
            for count in samples:
                lengths, times = ((8, 24), 2) if arguments.quick else ((16, 64), 7)
                rows += compare(size, name, count, lengths, times)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

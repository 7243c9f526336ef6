"""How fast samples of one prompt are written, against `transformers.generate` and against what the machine can do.

    python benchmarks/decode.py [--quick] [--json FILE]

Networks of equal size with fresh weights, a prompt of 128 tokens, both in the same precision and with memory given
back as it comes, taking turns; medians of processor time on one thread. "whole" is a call from prompt to samples of 32
tokens, "long" one to samples of 64, "step" the slope between the two, without the prompt. The floor is the longer of
the operations at the measured rate of products and of the weights at the measured rate of copies, and the copies' own
keys and values on top. Goals, but for one sample: whole >= 4 at 16 samples and >= 6 at 64; step >= 2.2 in float32 and
>= 5 in bfloat16 at 64; of the floor >= 0.6 for 10M at 64; with `pip install ctranslate2`, >= 2 over its int8 for 10M
in bfloat16 at 64, from prompt to samples of 64 tokens.
"""

import argparse
import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from _ctranslate2 import int8_writer
from _sizes import VOCABULARY, copied_bytes, interleaved, matmul_flops, ours, theirs

from alphakata.agents.engine import Engine
from alphakata.agents.precision import Precision
from alphakata.agents.stream import Stream
from alphakata.agents.transformer import Transformer
from alphakata.agents.types import Sampling
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.types import Phrase

PROMPT = 128
Row = dict[str, Any]
PRECISIONS: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}
GOALS = {
    (16, "whole", "float32"): 4.0,
    (16, "whole", "bfloat16"): 4.0,
    (64, "whole", "float32"): 6.0,
    (64, "whole", "bfloat16"): 6.0,
    (64, "step", "float32"): 2.2,
    (64, "step", "bfloat16"): 5.0,
    (64, "floor", "10M"): 0.6,
    (64, "int8", "10M"): 2.0,
}


def our_writer(model: Transformer, precision: Precision, samples: int) -> Callable[[int], object]:
    """Returns what writes so many samples of so many tokens each."""
    size = VOCABULARY - 1
    vocabulary = Vocabulary.of({"text": (size, "t")})
    voice = Engine(model, vocabulary, "cpu", precision).speak(vocabulary.dialects["text"])
    legal = np.arange(size) != 0

    def write(tokens: int) -> object:
        # A stream of its own, so that the prompt is read at each call.
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


def compare(size: str, precision: Precision, samples: int, lengths: tuple[int, int], times: int) -> list[Row]:
    """Prints and returns the rows of one size, precision and number of samples."""
    dtype, short, long = PRECISIONS[precision], *lengths
    model, them = ours(size), their_writer(theirs(size), dtype, samples)
    us = our_writer(model, precision, samples)
    runs = [lambda: us(short), lambda: them(short), lambda: us(long), lambda: them(long)]
    if precision == "bfloat16" and find_spec("ctranslate2"):
        int8 = int8_writer(theirs(size), [token % (VOCABULARY - 1) + 1 for token in range(PROMPT)], samples)
        runs.append(lambda: int8(long))
    ours_short, theirs_short, ours_long, theirs_long, *others = interleaved(runs, times, process_time)
    step, their_step = ((b - a) / (long - short) for a, b in ((ours_short, ours_long), (theirs_short, theirs_long)))
    figures = [
        ("whole", "transformers.generate", ours_short / short, theirs_short / short),
        ("long", "transformers.generate", ours_long / long, theirs_long / long),
        ("step", "transformers.generate", step, their_step),
        ("floor", "the floor", step, floor_seconds(model, dtype, samples, long)),
        *(("int8", "ctranslate2 in int8", ours_long / long, seconds / long) for seconds in others),
    ]
    rows = []
    for kind, peer, seconds, their_seconds in figures:
        goal = GOALS.get((samples, kind, precision), GOALS.get((samples, kind, size)))
        value, ratio = samples / seconds, their_seconds / seconds
        print(
            f"{size:>3} {precision:8} {samples:4} samples {kind:6} {value:9.0f} tokens/s, {peer} "
            f"{samples / their_seconds:9.0f}, ratio {ratio:5.2f}" + (f" (goal {goal})" if goal else ""),
            flush=True,
        )
        label = f"{size}_{precision}_{samples}_{kind}"
        rows.append({"name": label, "value": value, "unit": "tokens/s", "peer": peer, "ratio": ratio})
    return rows


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one size, fewer times; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for size in ["2M"] if arguments.quick else ["2M", "10M"]:
        for precision in ["float32"] if arguments.quick else PRECISIONS:
            for samples in [16] if arguments.quick else [1, 16, 64]:
                lengths, times = ((8, 24), 2) if arguments.quick else ((32, 64), 5)
                rows += compare(size, precision, samples, lengths, times)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

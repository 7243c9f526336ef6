"""The same samples written by ctranslate2 in int8, where it is installed (`pip install ctranslate2`).

It reads a folder of `transformers` with a tokenizer, so fresh weights get one of numbered words.
"""

from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any


def int8_writer(model: Any, prompt: Sequence[int], samples: int) -> Callable[[int], object]:
    """Returns what writes so many samples of so many tokens each after `prompt`, which it reads once.

    Args:
        model: a GPT-2 of `transformers`.
        prompt: its tokens.
        samples: how many.
    """
    import ctranslate2
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    size = model.config.vocab_size
    words = Tokenizer(models.WordLevel({str(token): token for token in range(size)}, unk_token="0"))
    with TemporaryDirectory() as folder:
        model.save_pretrained(f"{folder}/theirs")
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, bos_token="0", eos_token="0", unk_token="0")
        tokenizer.save_pretrained(f"{folder}/theirs")
        ctranslate2.converters.TransformersConverter(f"{folder}/theirs").convert(f"{folder}/int8", quantization="int8")
        generator = ctranslate2.Generator(f"{folder}/int8", compute_type="int8", inter_threads=1, intra_threads=1)
    *opening, last = map(str, prompt)

    def write(tokens: int) -> object:
        return generator.generate_batch(
            [[last]] * samples,
            static_prompt=opening,
            sampling_topk=0,
            min_length=tokens,
            max_length=tokens,
            max_batch_size=0,
            include_prompt_in_result=False,
        )

    return write

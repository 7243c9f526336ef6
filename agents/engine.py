"""A transformer made a policy: it reads each token of a tree of streams once, and writes many samples at a time.

Shapes: `B` rows, `V` tokens of the dialect spoken.
"""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .copies import TransformerPages
from .memory import FEWEST_ROWS, Memory
from .stream import Stream
from .transformer import Transformer
from .types import Completion, Grammar, Prediction, Sampling
from .vocabulary import Dialect, Vocabulary
from .writing import write


class Engine:
    """A copy of a trained network, kept as it is now; later training of the original does not reach it.

    Args:
        model: the network; it is copied.
        vocabulary: the joint tokens it was trained on.
        device: a torch device, or "auto": a GPU where there is one.
        dtype: what it computes in; `torch.bfloat16` pays on processors that multiply it natively.
        block: copies of a prompt written at once.

    Raises:
        ValueError: if the network and the vocabulary differ in size.
    """

    def __init__(
        self,
        model: Transformer,
        vocabulary: Vocabulary,
        device: str = "auto",
        dtype: torch.dtype = torch.float32,
        block: int = 512,
    ) -> None:
        if model.config.vocab_size != vocabulary.size:
            raise ValueError(
                f"the network knows {model.config.vocab_size} tokens, the vocabulary {vocabulary.size}: "
                "load both from one checkpoint"
            )
        self.vocabulary, self._block = vocabulary, block
        self._model = copy.deepcopy(model).requires_grad_(False).to(resolve_device(device), dtype).eval()

    def speak(self, dialect: Dialect) -> "Voice":
        """Returns the policy that reads and writes `dialect`, with a memory of its own."""
        return Voice(self._model, dialect, self._block)


class Voice:
    """The policy of one dialect."""

    def __init__(self, model: Transformer, dialect: Dialect, block: int) -> None:
        self.flops_per_token = 2 * model.num_parameters
        self._model, self._dialect, self._block = model, dialect, block
        self._head_VD = model.embedding[dialect.first : dialect.first + dialect.size]
        with torch.inference_mode():
            self.memory = Memory(model, dialect.start)

    @torch.inference_mode()
    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits and value at the end of each stream; only tokens never read before are computed."""
        ends = self.memory.read(streams)
        states = self.memory.states(np.resize(ends, max(len(ends), FEWEST_ROWS)))
        logits, value = states @ self._head_VD.mT, self._model.value(states)
        return Prediction(_array(logits[: len(ends)]), _array(value[: len(ends)]))

    @torch.inference_mode()
    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns sampled continuations, as `Policy.complete` promises; the prompt is read once.

        Raises:
            ValueError: if the prompt with the longest completion is longer than the network can read.
        """
        longest = self._model.config.max_length - 1
        if stream.length + grammar.max_tokens > longest:
            raise ValueError(
                f"a prompt of {stream.length} tokens and a completion of up to {grammar.max_tokens} are too long for "
                f"this network, which reads {longest}: shorten either, or train one with a larger max_length"
            )
        (end,) = self.memory.read([stream])
        prompt, state = self.memory.keys_and_values(stream), self.memory.states(np.array([end]))[0]
        first = self._dialect.first
        legal = torch.from_numpy(np.flatnonzero(grammar.legal) + first).to(state.device)

        def pages(rows: int) -> TransformerPages:
            return TransformerPages(self._model, prompt, state, legal, first, rows)

        return write(pages, count, sampling, grammar, seed, max_total_tokens, self._block)


def resolve_device(name: str) -> torch.device:
    """Returns the device `name`; "auto" is a GPU where there is one, else the CPU."""
    return torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")


def _array(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return tensor.float().cpu().numpy()

"""A trained network made a policy: it reads each token of a tree of streams once, and writes many samples at a time.

Shapes: `B` rows, `V` tokens of the dialect spoken.
"""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .memory import FEWEST_ROWS, Memory, Notes
from .networks import Network, notes_of
from .packed import Packed
from .precision import Precision, resolve_precision
from .stream import Stream
from .types import Completion, Grammar, Prediction, Sampling
from .vocabulary import Dialect, Vocabulary
from .writing import write


class Engine:
    """A copy of a trained network, kept as it is now; later training of the original does not reach it.

    Args:
        model: the network; it is copied.
        vocabulary: the joint tokens it was trained on.
        device: a torch device, or "auto": a GPU where there is one.
        precision: what a transformer's samples are computed in: float32, bfloat16, or auto, which is the faster one on
            this device; predictions are computed in float32.
        block: copies of a prompt written at once.
        memory_bytes: the most that each dialect's memory of streams may take; what does not fit is read again.

    Raises:
        ValueError: if the network and the vocabulary differ in size, or there is no such device or precision.
    """

    def __init__(
        self,
        model: Network,
        vocabulary: Vocabulary,
        device: str = "auto",
        precision: Precision = "float32",
        block: int = 512,
        memory_bytes: int = 2**30,
    ) -> None:
        if model.config.vocab_size != vocabulary.size:
            raise ValueError(
                f"the network knows {model.config.vocab_size} tokens, the vocabulary {vocabulary.size}: "
                "load both from one checkpoint"
            )
        self.vocabulary, self._block, self._memory_bytes = vocabulary, block, memory_bytes
        where = resolve_device(device)
        self._model = copy.deepcopy(model).requires_grad_(False).to(where).eval()
        self._reading = self._writing = Packed("float32")
        if resolve_precision(precision, where) == "bfloat16":
            self._writing = Packed("bfloat16")

    def speak(self, dialect: Dialect) -> "Voice":
        """Returns the policy that reads and writes `dialect`, with a memory of its own."""
        notes = notes_of(self._model, self._reading, self._writing)
        return Voice(self._model, notes, dialect, self._block, self._memory_bytes)


class Voice:
    """The policy of one dialect."""

    def __init__(self, model: Network, notes: Notes, dialect: Dialect, block: int, memory_bytes: int) -> None:
        self.flops_per_token = 2 * model.num_parameters
        self._model, self._dialect, self._block = model, dialect, block
        self._head_VD = model.embedding[dialect.first : dialect.first + dialect.size]
        with torch.inference_mode():
            self.memory = Memory(notes, dialect.start, model.config.max_length - 1, memory_bytes)

    @torch.inference_mode()
    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits and value at the end of each stream; only tokens never read before are computed."""
        return self._think(self.memory.read(streams))

    @torch.inference_mode()
    def glance(self, tokens: NDArray[np.int32]) -> Prediction:
        """Returns logits and value at the end of streams of `[B, T]` tokens that nobody goes on from."""
        return self._think(self.memory.glance(tokens))

    def _think(self, states: Tensor) -> Prediction:
        """Returns logits and value of `[B, D]` final states."""
        rows = len(states)
        if rows < FEWEST_ROWS:
            states = torch.cat((states, states.new_zeros(FEWEST_ROWS - rows, states.shape[1])))
        logits, value = states @ self._head_VD.mT, self._model.value(states)
        return Prediction(_array(logits[:rows]), _array(value[:rows]))

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
        pages = self.memory.pages(stream, np.flatnonzero(grammar.legal))
        return write(pages, count, sampling, grammar, seed, max_total_tokens, self._block)


def resolve_device(name: str) -> torch.device:
    """Returns the device `name`; "auto" is a GPU where there is one, else the CPU.

    Raises:
        ValueError: if there is no such device here.
    """
    try:
        device = torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")
    except RuntimeError as error:
        raise ValueError(f"device: found {name!r}, wanted auto, cpu or cuda") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"device: found {name!r}, but torch sees {torch.cuda.device_count()} GPUs: set device=cpu")
    return device


def _array(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return tensor.float().cpu().numpy()

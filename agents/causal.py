"""A causal language model of Hugging Face's `transformers` as a policy: the extra `hf`.

Any model of `AutoModelForCausalLM` whose layers all attend. The world speaks the model's own tokens, so that bills
count what the model reads. It has a head for tokens and none for values.

Shapes: `B` rows, `C` legal tokens, `V` tokens of the dialect, `G` key-value heads, `S` tokens read, `K` channels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .engine import resolve_device
from .memory import FEWEST_ROWS
from .stream import Stream
from .types import Completion, Gift, Grammar, Prediction, Sampling
from .writing import write

Layers = list[Tensor]
"""Keys and values `[2, B, G, S, K]` of every layer; without `B` for one stream."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """How the tokens of a dialect are numbered in a model.

    Attributes:
        ids: `[V]` the model's number of each token.
        written: `[V]` bool, tokens that may be sampled: all but marks of padding, of a beginning, of a chat.
        opening: the model's numbers before every stream.
    """

    ids: NDArray[np.int64]
    written: NDArray[np.bool_]
    opening: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading a stream left behind: what it added to the cache of the reading it went on from, and its logits."""

    before: "_Reading | None"
    layers: Layers
    length: int
    logits: Tensor

    def whole(self, layer: int) -> Tensor:
        """Returns `[2, G, S, K]` from the beginning."""
        parts, reading = [self.layers[layer]], self.before
        while reading is not None:
            parts.append(reading.layers[layer])
            reading = reading.before
        return torch.cat(parts[::-1], 2)


class CausalLM:
    """Reads each stream on from what it remembers of its prefixes, and writes many samples at a time.

    Args:
        path: a folder with the model, or its name where `transformers` finds it.
        tongue: the dialect it speaks.
        device: a torch device, or "auto": a GPU where there is one.
        dtype: a torch dtype by name, or "auto": the one it was saved in.
        block: copies of a prompt written at once.

    Raises:
        ImportError: if the extra `hf` is missing.
        ValueError: if a layer does not attend, or the model has fewer tokens than the dialect.
    """

    lacks: frozenset[Gift] = frozenset({"values"})

    def __init__(self, path: str, tongue: Tongue, device: str = "auto", dtype: str = "auto", block: int = 64) -> None:
        self._model = _load(path, dtype).to(resolve_device(device)).eval().requires_grad_(False)
        config, size = self._model.config.get_text_config(), self._model.get_input_embeddings().weight.shape[0]
        if (most := int(tongue.ids.max())) >= size:
            raise ValueError(
                f"the tokenizer of {path} knows token {most}, the model has {size}: take both from one place"
            )
        self.flops_per_token = 2 * sum(weight.numel() for weight in self._model.parameters())
        self._tongue, self._block, self._num_layers = tongue, block, int(config.num_hidden_layers)
        self._longest = int(getattr(config, "max_position_embeddings", None) or 2**31)
        # Streams may outlive the model, so they do not know it.
        self._reader = object()
        self._ids = torch.from_numpy(tongue.ids).to(self._model.device)

    @torch.inference_mode()
    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Returns logits at the end of each stream, and NaN for values.

        Raises:
            ValueError: if a stream is too long for the model, or empty where nothing opens one.
        """
        self._read(streams)
        logits = [stream.notes[self._reader].logits.float().cpu().numpy() for stream in streams]
        return Prediction(np.array(logits, np.float32).reshape(-1, len(self._ids)), _unknown(len(streams)))

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
        """Returns sampled continuations, as `Policy.complete` promises; the prompt is read once, values are NaN.

        Raises:
            ValueError: if the prompt with the longest completion is too long for the model.
        """
        self._refuse_beyond(stream.length + grammar.max_tokens)
        self._read([stream])
        reading: _Reading = stream.notes[self._reader]
        prompt = [reading.whole(layer) for layer in range(self._num_layers)]
        writable = grammar.legal & (self._tongue.written | _only(grammar))
        spoken = _Spoken(writable, grammar.end, grammar.max_tokens, grammar.openings)
        legal = torch.from_numpy(np.flatnonzero(spoken.legal)).to(self._ids.device)

        def pages(rows: int) -> _Pages:
            return _Pages(self._forward, self._ids, legal, prompt, reading.logits, rows)

        return write(pages, count, sampling, spoken, seed, max_total_tokens, self._block)

    def _read(self, streams: Sequence[Stream]) -> None:
        """Reads what is new of each stream."""
        for stream in streams:
            self._refuse_beyond(stream.length)
        fresh = [stream for stream in dict.fromkeys(streams) if self._reader not in stream.notes]
        for first in range(0, len(fresh), self._block):
            part = fresh[first : first + self._block]
            befores = [next((n.notes[self._reader] for n in s.path() if self._reader in n.notes), None) for s in part]
            for stream, reading in zip(part, self._readings_of(part, befores), strict=True):
                stream.notes[self._reader] = reading

    def _readings_of(self, streams: Sequence[Stream], befores: Sequence["_Reading | None"]) -> list["_Reading"]:
        """Returns what reading `streams` leaves: earlier tokens padded on the left, new ones on the right."""
        texts = [
            [*self._tongue.opening, *self._tongue.ids[stream.all_tokens()].tolist()][before.length if before else 0 :]
            for stream, before in zip(streams, befores, strict=True)
        ]
        if not all(texts):
            raise ValueError("this model opens no stream, so it cannot read an empty one: begin with a token")
        olds, news = np.array([b.length if b else 0 for b in befores]), np.array([len(text) for text in texts])
        old, new = int(olds.max()), int(news.max())
        tokens = torch.tensor([text + [0] * (new - len(text)) for text in texts], device=self._ids.device)
        place = np.arange(old + new)
        visible = torch.from_numpy((place >= old - olds[:, None]) & (place < old + news[:, None])).to(tokens.device)
        positions = torch.from_numpy(olds[:, None] + np.arange(new)).to(tokens.device)
        cache = _cache([self._padded(befores, layer, old) for layer in range(self._num_layers)] if old else [])
        ends = np.unique(news - 1)
        logits = self._forward(tokens, cache, ends, attention_mask=visible, position_ids=positions)
        layers = [torch.stack((layer.keys, layer.values)) for layer in cache.layers]
        return [
            _Reading(
                before,
                [layer[:, row, :, old : old + len(text)].clone() for layer in layers],
                int(olds[row]) + len(text),
                logits[row, int(np.searchsorted(ends, len(text) - 1))][self._ids].clone(),
            )
            for row, (before, text) in enumerate(zip(befores, texts, strict=True))
        ]

    def _padded(self, befores: Sequence["_Reading | None"], layer: int, length: int) -> Tensor:
        """Returns `[2, B, G, length, K]`, what each row has read, padded on the left."""
        wholes = [None if before is None else before.whole(layer) for before in befores]
        like = next(whole for whole in wholes if whole is not None)
        padded = like.new_zeros(2, len(wholes), like.shape[1], length, like.shape[3])
        for row, whole in enumerate(wholes):
            if whole is not None:
                padded[:, row, :, length - whole.shape[2] :] = whole
        return padded

    def _forward(self, tokens: Tensor, cache: Any, ends: NDArray[np.int64], **places: Tensor) -> Tensor:
        """Returns `[B, len(ends), ids]` logits at the places `ends` of the new tokens, which are added to `cache`."""
        wanted = torch.from_numpy(ends).to(tokens.device)
        answer = self._model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=wanted, **places)
        logits: Tensor = answer.logits
        return logits

    def _refuse_beyond(self, length: int) -> None:
        if length + len(self._tongue.opening) > self._longest:
            raise ValueError(
                f"a stream of {length} tokens, with what it may become, is too long for this model, which reads "
                f"{self._longest - len(self._tongue.opening)}: choose a shorter problem, or a smaller max_tokens"
            )


class _Pages:
    """The `Pages` of a causal language model.

    Args:
        forward: as `CausalLM._forward`.
        ids: `[V]` the model's numbers.
        legal: `[C]` tokens of the dialect that may be written.
        prompt: `[2, G, S, K]` a layer.
        logits: `[V]` at the prompt's end.
        rows: copies.
    """

    def __init__(
        self,
        forward: Callable[..., Tensor],
        ids: Tensor,
        legal: Tensor,
        prompt: Layers,
        logits: Tensor,
        rows: int,
    ) -> None:
        self._forward, self._ids, self._legal, self._rows = forward, ids, legal, rows
        # Matrix libraries round differently among few rows; those of padding repeat the others.
        batch = max(rows, FEWEST_ROWS)
        self._cache = _cache([layer[:, None].expand(-1, batch, -1, -1, -1) for layer in prompt])
        self._logits_BV = logits.expand(batch, -1)

    def logits(self) -> NDArray[np.float32]:
        """Returns `[B, C]` over the legal tokens."""
        logits: NDArray[np.float32] = self._logits_BV[: self._rows, self._legal].float().cpu().numpy()
        return logits

    def values(self) -> NDArray[np.float32]:
        """Returns NaN: the model has no values."""
        return _unknown(self._rows)

    def read(self, tokens: NDArray[np.int64]) -> None:
        """Adds a token to each copy."""
        read = self._ids[torch.from_numpy(np.resize(tokens, len(self._logits_BV))).to(self._ids.device)]
        positions = torch.full_like(read, self._cache.get_seq_length())
        logits = self._forward(read[:, None], self._cache, np.zeros(1, np.int64), position_ids=positions[:, None])
        self._logits_BV = logits[:, 0, self._ids]

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Drops all copies but `rows`."""
        self._rows = len(rows)
        kept = torch.from_numpy(np.resize(rows, max(len(rows), FEWEST_ROWS))).to(self._ids.device)
        self._cache.batch_select_indices(kept)
        self._logits_BV = self._logits_BV[kept]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A grammar without the tokens that a model must not write."""

    legal: NDArray[np.bool_]
    end: int
    max_tokens: int
    openings: tuple[tuple[int, ...], ...]


def load_tokenizer(path: str) -> Any:
    """Returns the tokenizer in `path`; ImportError where the extra `hf` is missing."""
    return _transformers().AutoTokenizer.from_pretrained(path)


def _load(path: str, dtype: str) -> Any:
    """Returns the model in `path`."""
    model = _transformers().AutoModelForCausalLM.from_pretrained(path, dtype=dtype)
    config = model.config.get_text_config()
    kinds = {*(getattr(config, "layer_types", None) or ())} - {"full_attention", "sliding_attention"}
    if kinds or getattr(model, "_is_stateful", False):
        raise ValueError(
            f"{path} is a {config.model_type} with layers of {', '.join(sorted(kinds)) or 'recurrent state'}; "
            "only models all of whose layers attend can be read branch by branch: choose another, or serve it as an "
            "endpoint"
        )
    return model


def _transformers() -> Any:
    try:
        import transformers
    except ImportError:
        raise ImportError(
            "an imported language model wants the package transformers: pip install -c constraints.txt -e '.[hf]'"
        ) from None
    return transformers


def _cache(layers: Layers) -> Any:
    """Returns a cache of `transformers` that holds these keys and values."""
    cache = _transformers().DynamicCache()
    for layer, (keys, values) in enumerate(layers):
        cache.update(keys, values, layer)
    return cache


def _only(grammar: Grammar) -> NDArray[np.bool_]:
    only_end: NDArray[np.bool_] = np.arange(len(grammar.legal)) == grammar.end
    return only_end


def _unknown(rows: int) -> NDArray[np.float32]:
    return np.full(rows, np.nan, dtype=np.float32)

"""A language model behind an HTTP endpoint that speaks OpenAI's protocol: vLLM, llama.cpp, Ollama, hosted ones.

Only the standard library is needed. Text goes out and text comes back, so its tokens are not the world's: it cannot
give logits, values or log-probabilities, and a bill counts the world's tokens, at no operations.

Each sample is a request of its own with a seed of its own, so that it does not depend on how many are wanted; servers
that batch make that cheap. Whether the same seed brings the same text is the server's affair.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from .stream import Stream
from .types import Completion, Gift, Grammar, Prediction, Sampling
from .writing import check_openings, given

_BUSY = (408, 429, 500, 502, 503, 504)
_FENCED = re.compile(r"```[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """Where the model is, and how it is asked.

    Attributes:
        url: up to and with the version, such as http://localhost:8000/v1.
        model: the name the server knows it by.
        kind: "completions" continues the prompt; "chat" asks for it in a message and takes the last fenced block of the
            answer, or all of it where there is none.
        instruction: what a chat is told before the prompt.
        stop: texts that end a completion, at most four by the protocol.
        key_variable: the environment variable with the key, sent where it is set.
        concurrency: requests under way at a time.
        timeout_seconds: for one request.
        retries: further tries where the server is busy or cannot be reached.
        backoff_seconds: before the first of them; doubled each time.
    """

    url: str
    model: str
    kind: Literal["completions", "chat"] = "completions"
    instruction: str = "Write a Python program that reads standard input and writes standard output. Answer with code."
    stop: tuple[str, ...] = ()
    key_variable: str = "OPENAI_API_KEY"
    concurrency: int = 8
    timeout_seconds: float = 120.0
    retries: int = 4
    backoff_seconds: float = 1.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"url: found {self.url!r}, wanted http://HOST/v1 or https://HOST/v1")
        if self.kind not in ("completions", "chat"):
            raise ValueError(f"kind: found {self.kind!r}, wanted completions or chat")
        if self.concurrency < 1 or self.retries < 0 or self.timeout_seconds <= 0:
            raise ValueError(
                "concurrency >= 1, retries >= 0 and timeout_seconds > 0 wanted, "
                f"got {self.concurrency}, {self.retries} and {self.timeout_seconds}"
            )


class Endpoint:
    """Continues streams of text.

    Args:
        config: where the model is.
        encode: the codec's, from text to `[T]` tokens.
        decode: the codec's, from tokens to text.
    """

    flops_per_token = 0
    lacks: frozenset[Gift] = frozenset({"logits", "values"})

    def __init__(
        self,
        config: EndpointConfig,
        encode: Callable[[str], NDArray[np.int32]],
        decode: Callable[[Sequence[int]], str],
    ) -> None:
        self._config, self._encode, self._decode = config, encode, decode

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        """Raises ValueError: the protocol has neither the logits of the world's tokens nor values."""
        raise ValueError(
            f"{self._config.model} at {self._config.url} cannot give logits or values: "
            "choose a search that only samples"
        )

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        """Returns completions as the server samples them, cut to the grammar; log-probabilities and values are NaN.

        Raises:
            ConnectionError: if the server cannot be reached, stays busy or refuses.
            ValueError: if its answer is none of the protocol's, or an opening none of the grammar's.
        """
        check_openings(grammar)
        prompt = self._decode(stream.all_tokens().tolist())
        drawn = given(grammar, np.random.default_rng(seed).random(count, np.float32))
        openings = [self._decode(row[row >= 0].tolist()) for row in drawn]
        completions: list[Completion] = []
        left = count * grammar.max_tokens if max_total_tokens is None else max_total_tokens
        texts = self._texts(prompt, openings, sampling, grammar.max_tokens, seed)
        for row, text in zip(drawn, texts, strict=True):
            tokens = _closed(np.concatenate([row[row >= 0], self._encode(text)]), grammar)
            left -= len(tokens)
            if left < 0:
                break
            completions.append(Completion(tokens, np.full(len(tokens), np.nan, np.float32), float("nan")))
        return completions

    def _texts(
        self, prompt: str, openings: Sequence[str], sampling: Sampling, max_tokens: int, seed: int
    ) -> Iterator[str]:
        """Yields a text an opening, in order; no more are asked for than can be under way, in case fewer are wanted."""
        config = self._config
        with ThreadPoolExecutor(config.concurrency) as pool:
            for first in range(0, len(openings), config.concurrency):
                begun = openings[first : first + config.concurrency]
                seeds = [(seed + first + i) % 2**31 for i in range(len(begun))]
                bodies = [self._body(prompt + o, sampling, max_tokens, s) for o, s in zip(begun, seeds, strict=True)]
                for opening, text in zip(begun, pool.map(self._text, bodies), strict=True):
                    # A chat may say once more what it was given.
                    yield text.removeprefix(opening)

    def _body(self, prompt: str, sampling: Sampling, max_tokens: int, seed: int) -> dict[str, Any]:
        config = self._config
        body: dict[str, Any] = {
            "model": config.model,
            "max_tokens": max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": seed,
        }
        if config.stop:
            body["stop"] = list(config.stop)
        if sampling.top_k:
            # No part of OpenAI's own protocol, but of those servers that draw by it.
            body["top_k"] = sampling.top_k
        if config.kind == "completions":
            return body | {"prompt": prompt}
        return body | {"messages": [{"role": "user", "content": f"{config.instruction}\n\n{prompt}"}]}

    def _text(self, body: Mapping[str, Any]) -> str:
        """Returns the text of one answer."""
        is_chat = self._config.kind == "chat"
        answer = self._post("chat/completions" if is_chat else "completions", body)
        try:
            choice = answer["choices"][0]
            text = choice["message"]["content"] if is_chat else choice["text"]
        except (KeyError, IndexError, TypeError):
            raise ValueError(
                f"{self._config.url} answered {json.dumps(answer)[:200]}; choices with text were wanted: does it speak "
                f"{self._config.kind}?"
            ) from None
        if not is_chat:
            return str(text)
        blocks = _FENCED.findall(text or "")
        return str(blocks[-1] if blocks else text or "")

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Returns the JSON of an answer, having tried again where the server was busy."""
        config = self._config
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(config.key_variable):
            headers["Authorization"] = f"Bearer {key}"
        url = f"{config.url.rstrip('/')}/{path}"
        request = Request(url, json.dumps(body).encode(), headers, method="POST")
        for tried in range(config.retries + 1):
            try:
                with urlopen(request, timeout=config.timeout_seconds) as response:
                    return json.load(response)
            except HTTPError as error:
                told = f"{error.code} {error.read(300).decode(errors='replace')}"
                if error.code not in _BUSY:
                    raise ConnectionError(f"{url} refused: {told}; check model={config.model} and the key") from None
            except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
                told = str(error)
            except json.JSONDecodeError as error:
                raise ValueError(f"{url} answered what is no JSON ({error}): is this the address of an API?") from None
            if tried < config.retries:
                time.sleep(config.backoff_seconds * 2**tried)
        raise ConnectionError(f"{url} did not answer in {config.retries + 1} tries ({told}): is the server there?")


def _closed(tokens: NDArray[np.int32], grammar: Grammar) -> NDArray[np.int32]:
    """Returns the legal ones of `tokens`, as many as fit, and the end."""
    written = tokens[grammar.legal[tokens] & (tokens != grammar.end)]
    return np.append(written[: grammar.max_tokens - 1], np.int32(grammar.end)).astype(np.int32)

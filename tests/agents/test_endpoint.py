"""A model behind an endpoint: what is asked of it, and what is made of its answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from stub_endpoint import StubEndpoint, stub_endpoint

from alphakata.agents.endpoint import Endpoint, EndpointConfig
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Sampling
from alphakata.envs.codec import BpeCodec
from alphakata.envs.types import Phrase

CODEC = BpeCodec.bytes("text")
PROMPT = Stream(CODEC.encode("Print one.\n"))


GRAMMAR = Phrase(np.ones(CODEC.size, np.bool_), CODEC.end, 40)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def seeded(body: Mapping[str, Any]) -> tuple[int, str]:
    return 200, f"print({body['seed']})\n"


def asked(stub: StubEndpoint, **settings: Any) -> Endpoint:
    config = EndpointConfig(stub.url, "tiny", **{"retries": 0, "backoff_seconds": 0.0, **settings})
    return Endpoint(config, CODEC.encode, CODEC.decode)


def texts(completions: Any) -> list[str]:
    return [CODEC.decode(completion.tokens.tolist()) for completion in completions]


def complete(endpoint: Endpoint, count: int, limit: int | None = None) -> list[Completion]:
    return list(endpoint.complete(PROMPT, count, Sampling(0.5, top_p=0.9), GRAMMAR, 7, limit))


def test_the_prompt_goes_out_as_text_and_comes_back_as_closed_completions() -> None:
    with stub_endpoint(seeded) as stub:
        completions = complete(asked(stub), 2)

    assert texts(completions) == ["print(7)\n", "print(8)\n"]
    assert all(completion.tokens[-1] == CODEC.end for completion in completions)
    assert np.isnan(completions[0].logprobs).all()
    assert np.isnan(completions[0].value)
    (first, *_) = sorted(stub.bodies, key=lambda body: body["seed"])
    assert first == {
        "model": "tiny",
        "prompt": "Print one.\n",
        "max_tokens": 40,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 7,
    }


def test_a_sample_depends_on_its_number_not_on_how_many_are_wanted() -> None:
    with stub_endpoint(seeded) as stub:
        many = texts(complete(asked(stub), 20))
        assert texts(complete(asked(stub), 3)) == many[:3]


def test_only_the_first_samples_that_fit_are_returned() -> None:
    with stub_endpoint(seeded) as stub:
        assert texts(complete(asked(stub), 20, limit=25)) == ["print(7)\n", "print(8)\n"]


def test_no_more_is_asked_than_can_be_under_way() -> None:
    with stub_endpoint(seeded) as stub:
        complete(asked(stub, concurrency=2), 100, limit=25)
    assert len(stub.bodies) == 4


def test_what_is_too_long_is_cut_and_closed() -> None:
    with stub_endpoint(lambda body: (200, "x" * 100)) as stub:
        (completion,) = complete(asked(stub), 1)
    assert CODEC.decode(completion.tokens.tolist()) == "x" * 39


def test_an_opening_goes_out_with_the_prompt_and_stands_before_the_answer_once() -> None:
    openings = tuple(tuple(CODEC.encode(line).tolist()) for line in ("# easy\n", "# hard\n"))
    grammar = Phrase(GRAMMAR.legal, GRAMMAR.end, 40, openings)
    answers = {"# easy\n": "\n\nprint(1)\n", "# hard\n": "# hard\nprint(2)\n"}
    with stub_endpoint(lambda body: (200, answers[body["prompt"][-7:]])) as stub:
        completions = asked(stub).complete(PROMPT, 20, Sampling(), grammar, 7)

    assert {*texts(completions)} == {"# easy\n\n\nprint(1)\n", "# hard\nprint(2)\n"}
    assert {tuple(completion.tokens[:7].tolist()) for completion in completions} == {*openings}


def test_a_chat_is_told_its_opening() -> None:
    grammar = Phrase(GRAMMAR.legal, GRAMMAR.end, 40, (tuple(CODEC.encode("# easy\n").tolist()),))
    with stub_endpoint(lambda body: (200, "```python\n# easy\nprint(1)\n```")) as stub:
        written = texts(asked(stub, kind="chat").complete(PROMPT, 2, Sampling(), grammar, 7))

    assert written == ["# easy\nprint(1)\n"] * 2
    assert stub.bodies[0]["messages"][0]["content"].endswith("Print one.\n# easy\n")


def test_a_chat_answers_with_its_last_block_of_code() -> None:
    answer = "First:\n```\nno\n```\nBetter:\n```python\nprint(1)\n```\nDone."
    with stub_endpoint(lambda body: (200, answer)) as stub:
        assert texts(complete(asked(stub, kind="chat"), 1)) == ["print(1)\n"]
    assert stub.bodies[0]["messages"][0]["content"].endswith("Print one.\n")


def test_a_chat_without_a_block_is_taken_as_it_is() -> None:
    with stub_endpoint(lambda body: (200, "print(1)")) as stub:
        assert texts(complete(asked(stub, kind="chat"), 1)) == ["print(1)"]


def test_the_key_is_sent_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "secret")
    with stub_endpoint(seeded) as stub:
        complete(asked(stub, key_variable="A_KEY"), 1)
        complete(asked(stub, key_variable="NO_KEY"), 1)
    assert [headers.get("Authorization") for headers in stub.headers] == ["Bearer secret", None]


def test_a_busy_server_is_asked_again() -> None:
    answers = iter([(503, "loading"), (429, "slow down"), (200, "1")])
    with stub_endpoint(lambda body: next(answers)) as stub:
        assert texts(complete(asked(stub, retries=2), 1)) == ["1"]


def test_a_server_that_stays_busy_is_named() -> None:
    with (
        stub_endpoint(lambda body: (503, "loading")) as stub,
        pytest.raises(ConnectionError, match=r"in 2 tries \(503"),
    ):
        complete(asked(stub, retries=1), 1)


def test_a_refusal_is_told_and_not_tried_again() -> None:
    with stub_endpoint(lambda body: (404, "no such model")) as stub:
        with pytest.raises(ConnectionError, match=r"refused: 404 .*no such model.*check model=tiny"):
            complete(asked(stub, retries=3), 1)
        assert len(stub.bodies) == 1


def test_nobody_at_home_is_told() -> None:
    with stub_endpoint(seeded) as stub:
        endpoint = asked(stub)
    with pytest.raises(ConnectionError, match="is the server there"):
        complete(endpoint, 1)


def test_logits_and_values_are_refused() -> None:
    endpoint = Endpoint(EndpointConfig("http://localhost/v1", "tiny"), CODEC.encode, CODEC.decode)

    with pytest.raises(ValueError, match="tiny at http://localhost/v1 cannot give logits or values"):
        endpoint.predict([PROMPT])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "localhost"}, "url: found 'localhost'"),
        ({"kind": "talk"}, "kind: found 'talk'"),
        ({"concurrency": 0}, ">= 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        EndpointConfig(**{"url": "http://localhost/v1", "model": "tiny", **settings})

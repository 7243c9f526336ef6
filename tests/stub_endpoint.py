"""A server on loopback that speaks OpenAI's protocol and says what it was told to say."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[Mapping[str, Any]], tuple[int, str]]
"""From a request's body to a status and the text written, or the error told."""


class StubEndpoint:
    """What is asked, and where."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []


@contextmanager
def stub_endpoint(answer: Answer) -> Iterator[StubEndpoint]:
    """Yields a server that answers completions and chats until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stub.bodies.append(body)
            stub.headers.append(dict(self.headers))
            status, text = answer(body)
            said = {"message": {"role": "assistant", "content": text}} if "chat" in self.path else {"text": text}
            choice = {"index": 0, "finish_reason": "stop", "logprobs": None, **said}
            kind = "chat.completion" if "chat" in self.path else "text_completion"
            whole = {"id": "stub-1", "object": kind, "created": 0, "model": body["model"], "choices": [choice]}
            payload = json.dumps(whole if status == 200 else {"error": {"message": text, "type": "stub"}}).encode()
            self.send_response(status if self.path.startswith("/v1/") else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub = StubEndpoint(f"http://127.0.0.1:{server.server_port}/v1")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()

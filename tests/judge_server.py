"""An OpenAI-compatible server that misbehaves as it is told, in a process of its own.

By hand: ``python tests/judge_server.py --port 8089 --latency-ms 100 --limit 100``, then
``BT_JUDGE_BASE_URL=http://127.0.0.1:8089/v1``. It answers chat/completions (streamed too), responses, embeddings and
moderations (`judge_answers`), and is steered by ``POST /_script`` with any of:

===============  ==========================================================================
``latency_ms``   how long each answer takes
``limit``        requests a second, as a token bucket of ``burst`` (default a tenth of it)
``retry_after``  on a refusal by the limit: ``s``, ``ms`` or ``none``
``key``          the only key that is let in; 401 for others
``choice``       what `select_choice` is called with; ``choices``: text in the prompt → choice
``tools``        ``ignored``: as a server without tools; ``ignored_as`` ``json``: answers JSON all the same
``usage``        false: no token counts; ``usage_extra``: members that are added to them
``embeddings``   ``base64``
``faults``       one for each request to come, in order; null for a good answer
``always``       the fault of every request
``matching``     ``[{"text": …, "fault": …, "times": N}]``: for requests whose body has the text
===============  ==========================================================================

A fault is ``{"status": 503, "message": …, "code": …, "headers": {…}, "body": …}``, ``{"reply": NAME}`` (a
malformed reply, see `judge_answers`; or ``not json``, ``empty``, ``html``, ``null``, ``list``), ``{"drop": true}``
(closed without an answer), ``{"cut": true}`` (closed in mid-body), ``{"drip_ms": N}`` (a byte each N ms),
``{"delay_ms": N}`` beside or instead.
``GET /_stats`` has the counts, ``GET /_requests`` what was asked, ``POST /_reset`` forgets all of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import Any

import judge_answers as answers

Json = dict[str, Any]
Answer = tuple[int, bytes, dict[str, str]]
"""Status, body and further headers."""

KEPT_REQUESTS = 5000
RAW_REPLIES = {
    "not json": b"This is no JSON.",
    "empty": b"",
    "html": b"<html><body>Bad gateway</body></html>",
    "null": b"null",
    "list": b"[]",
    "half": b'{"choices": [{"message": {"tool_ca',
}
MESSAGES = {
    400: "Invalid value for 'model'.",
    401: "Incorrect API key provided: sk-…",
    403: "You are not allowed to sample from this model.",
    404: "The model `no-such-model` does not exist or you do not have access to it.",
    408: "Request timeout.",
    409: "Conflict.",
    422: "Unprocessable entity.",
    429: "Rate limit reached for requests.",
    500: "The server had an error while processing your request.",
    502: "Bad gateway.",
    503: "The engine is currently overloaded.",
}
CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


class Bucket:
    """A hard limit: ``rate`` tokens a second, at most ``size`` of them saved up."""

    def __init__(self, rate: float, size: float) -> None:
        self.rate, self.size = rate, size
        self._tokens, self._at = size, time.monotonic()

    def take(self) -> float:
        """0 where a request may pass, else the seconds until the next one may."""
        now = time.monotonic()
        self._tokens = min(self.size, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self.rate


class Model:
    """What the server knows: its script, and what it has been asked."""

    def __init__(self, script: Json) -> None:
        self.usual = script
        self.reset()

    def reset(self) -> None:
        """Forgets counts, requests and the script."""
        self.requests: list[Json] = []
        self.counts: dict[str, int] = dict.fromkeys(
            ("requests", "answered", "refused", "faults", "connections", "in_flight", "most_in_flight"), 0
        )
        self.paths: dict[str, int] = {}
        self.started: list[float] = []
        self.follow(self.usual)

    def follow(self, script: Json) -> None:
        """Goes by another script from now on."""
        self.script = script
        self.faults = list(script.get("faults", ()))
        self.matching = [dict(one) for one in script.get("matching", ())]
        limit = script.get("limit")
        self.bucket = Bucket(limit, script.get("burst") or max(1, limit / 10)) if limit else None

    def arrived(self, path: str, headers: bytes, body: bytes) -> None:
        """Counts and keeps a request."""
        counts = self.counts
        counts["requests"] += 1
        counts["in_flight"] += 1
        counts["most_in_flight"] = max(counts["most_in_flight"], counts["in_flight"])
        self.paths[path] = self.paths.get(path, 0) + 1
        if len(self.requests) < KEPT_REQUESTS:
            self.requests.append({"path": path, "headers": headers, "body": body, "at": time.time()})

    def fault(self, body: bytes) -> Json:
        """What is wrong with the answer to this request; empty for a good one."""
        if self.faults:
            return self.faults.pop(0) or {}
        for one in self.matching:
            if one["text"].encode() in body and one.get("times", 1) > 0:
                one["times"] = one.get("times", 1) - 1
                return one["fault"] or {}
        return self.script.get("always") or {}

    def answer(self, path: str, headers: bytes, body: bytes, fault: Json) -> Answer:
        """What is answered, with the fault; refusals by key and limit come first."""
        refusal = self._refusal(headers)
        if refusal:
            return refusal
        if "status" in fault:
            self.counts["faults"] += 1
            return _failure(fault)
        reply = fault.get("reply", "")
        self.counts["faults" if fault else "answered"] += 1
        if reply in RAW_REPLIES:
            return 200, RAW_REPLIES[reply], {}
        return self._said(path, json.loads(body), reply)

    def _refusal(self, headers: bytes) -> Answer | None:
        key = self.script.get("key")
        if key and f"bearer {key}".lower().encode() not in headers:
            self.counts["refused"] += 1
            return _failure({"status": 401})
        wait = self.bucket.take() if self.bucket else 0.0
        if not wait:
            return None
        self.counts["refused"] += 1
        form = self.script.get("retry_after", "none")
        told = {"s": {"retry-after": f"{wait:.3f}"}, "ms": {"retry-after-ms": f"{wait * 1000:.0f}"}}.get(form, {})
        return _failure({"status": 429, "headers": told})

    def _said(self, path: str, body: Json, reply: str) -> Answer:
        if path.endswith("/chat/completions"):
            said = answers.completion(body, self.script, reply)
            if body.get("stream"):
                events = answers.streamed(said, bool((body.get("stream_options") or {}).get("include_usage")))
                return 200, events.encode(), {"content-type": "text/event-stream"}
        elif path.endswith("/responses"):
            said = answers.response(body, self.script, reply)
        elif path.endswith("/embeddings"):
            said = answers.embeddings(body, self.script)
        elif path.endswith("/moderations"):
            said = answers.moderation(body)
        else:
            return _failure({"status": 404, "message": f"no such path: {path}", "code": "unknown_url"})
        return 200, answers.dumps(said).encode(), {}


def _failure(fault: Json) -> Answer:
    status = fault["status"]
    if "body" in fault:
        return status, fault["body"].encode(), fault.get("headers", {})
    error = {
        "message": fault.get("message", MESSAGES.get(status, "An error.")),
        "type": fault.get("type", "invalid_request_error" if status < 500 else "server_error"),
        "code": fault.get("code", CODES.get(status)),
    }
    return status, json.dumps({"error": error}).encode(), fault.get("headers", {})


class Connection(asyncio.Protocol):
    """One client; speaks just enough HTTP/1.1, as fast as Python can."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loop = asyncio.get_running_loop()
        self.received = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.model.counts["connections"] += 1

    def data_received(self, data: bytes) -> None:
        self.received += data
        while True:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            line, _, headers = self.received[:end].partition(b"\r\n")
            headers = headers.lower()
            at = headers.find(b"content-length:")
            length = int(headers[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            body = self.received[end + 4 : end + 4 + length]
            self.received = self.received[end + 4 + length :]
            method, path, _ = line.decode("latin-1").split(" ")
            if path.startswith("/_"):
                self._steer(path, body)
            else:
                self._asked(method, path, headers, body)

    def _asked(self, method: str, path: str, headers: bytes, body: bytes) -> None:
        model = self.model
        model.arrived(path, headers, body)
        fault = model.fault(body)
        delay = fault.get("delay_ms", model.script.get("latency_ms", 0)) / 1000
        if fault.get("drop"):
            model.counts["faults"] += 1
            answer: Answer | None = None
        else:
            answer = model.answer(path, headers, body, fault)
        if delay and not (answer and answer[0] == 429):
            self.loop.call_later(delay, self._send, answer, fault)
        else:
            self._send(answer, fault)

    def _send(self, answer: Answer | None, fault: Json) -> None:
        self.model.counts["in_flight"] -= 1
        if answer is None:
            self.transport.abort()
        elif fault.get("drip_ms"):
            self._drip(_written(answer, False), fault["drip_ms"] / 1000)
        else:
            self.transport.write(_written(answer, bool(fault.get("cut"))))
            if fault.get("cut"):
                self.transport.close()

    def _drip(self, rest: bytes, wait: float) -> None:
        if rest and not self.transport.is_closing():
            self.transport.write(rest[:1])
            self.loop.call_later(wait, self._drip, rest[1:], wait)

    def _steer(self, path: str, body: bytes) -> None:
        model = self.model
        found: Any = {}
        if path == "/_script":
            model.follow({**model.usual, **json.loads(body)})
        elif path == "/_reset":
            model.reset()
        elif path == "/_stats":
            found = {**model.counts, "paths": model.paths}
        elif path == "/_requests":
            found = [
                {**one, "headers": one["headers"].decode("latin-1"), "body": one["body"].decode("utf-8", "replace")}
                for one in model.requests
            ]
        self.transport.write(_written((200, json.dumps(found).encode(), {}), False))


def _written(answer: Answer, cut: bool) -> bytes:
    status, body, headers = answer
    told = {"content-type": "application/json", "content-length": len(body), **headers}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return head.encode() + b"\r\n" + (body[: len(body) // 2] if cut else body)


async def serve(port: int, script: Json) -> None:
    """Serves until the process is ended; the port is printed when it listens."""
    model = Model(script)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(model), "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for tests.")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free; it is printed")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--limit", type=float, help="requests a second")
    parser.add_argument("--burst", type=float, help="requests that the limit lets pass at once")
    parser.add_argument("--retry-after", choices=["s", "ms", "none"], default="none")
    parser.add_argument("--choice", help="what select_choice is called with")
    parser.add_argument("--key", help="the only key that is let in")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    port = given.pop("port")
    try:
        asyncio.run(serve(port, given))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

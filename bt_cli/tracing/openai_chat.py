"""What the span of a chat completion says: its choices, put together from the pieces of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bt_cli.tracing.openai_files import audio_output, bytes_of
from bt_cli.tracing.openai_members import as_dict, member
from bt_cli.tracing.openai_usage import usage_metrics

Event = dict[str, Any]


def chat_event(answer: Any, given: Mapping[str, Any]) -> Event:
    """Output, metrics and metadata of a whole answer to the request ``given``."""
    choices = member(answer, "choices")
    event: Event = {"metrics": usage_metrics(answer), "metadata": _metadata(answer)}
    if choices is not None:
        event["output"] = [_with_audio(as_dict(choice), given) for choice in choices]
    return event


def chat_stream_event(chunks: Iterable[Any], given: Mapping[str, Any]) -> Event:
    """The same of the chunks of a stream, as many as came."""
    event: Event = {"metrics": {}, "metadata": {}}
    choices: dict[int, _Choice] = {}
    for chunk in chunks:
        event["metrics"].update(usage_metrics(chunk))
        event["metadata"].update(_metadata(chunk))
        for choice in member(chunk, "choices") or ():
            choices.setdefault(member(choice, "index") or 0, _Choice()).add(choice)
    if not choices:
        choices[0] = _Choice()
    event["output"] = [
        _with_audio({"index": index, **choice.output()}, given) for index, choice in sorted(choices.items())
    ]
    return event


def _metadata(answer: Any) -> Event:
    moderation = member(answer, "moderation")
    return {} if moderation is None else {"moderation": moderation}


def _with_audio(choice: Any, given: Mapping[str, Any]) -> Any:
    message = choice.get("message") if isinstance(choice, dict) else None
    audio = message.get("audio") if isinstance(message, dict) else None
    if not isinstance(audio, dict) or not isinstance(message, dict):
        return choice
    form = member(given.get("audio"), "format")
    return {**choice, "message": {**message, "audio": audio_output(audio, form)}}


class _Choice:
    """One of the answers of a stream, as it grows."""

    def __init__(self) -> None:
        self._said: Event = {"role": None, "content": None}
        self._calls: list[Event] = []
        self._call_of_index: dict[Any, Event] = {}
        self._logprobs: Event | None = None
        self._finish_reason: str | None = None

    def add(self, choice: Any) -> None:
        self._finish_reason = member(choice, "finish_reason") or self._finish_reason
        logprobs = member(choice, "logprobs")
        if logprobs is not None:
            self._logprobs = self._logprobs or {"content": None, "refusal": None}
            for name, so_far in self._logprobs.items():
                more = member(logprobs, name)
                self._logprobs[name] = so_far if more is None else [*(so_far or ()), *more]
        delta = member(choice, "delta")
        if delta is not None:
            self._add_delta(delta)

    def _add_delta(self, delta: Any) -> None:
        self._said["role"] = self._said["role"] or member(delta, "role")
        _append(self._said, delta, "content", "refusal")
        audio = member(delta, "audio")
        if audio is not None:
            self._add_audio(audio)
        for call in member(delta, "tool_calls") or ():
            self._add_call(call)

    def _add_audio(self, audio: Any) -> None:
        """Its data comes in pieces that are base64 each for itself."""
        there = self._said.setdefault("audio", {})
        for name in ("id", "expires_at"):
            if member(audio, name) is not None:
                there[name] = member(audio, name)
        _append(there, audio, "transcript")
        content = bytes_of(member(audio, "data") or "")
        if content:
            there["data"] = there.get("data", b"") + content

    def _add_call(self, delta: Any) -> None:
        """Calls are told apart by their index; where a provider gives none, or always the same, by their ids."""
        index, id = member(delta, "index"), member(delta, "id")
        there = self._call_of_index.get(index)
        if there is None or (id and there["id"] and there["id"] != id):
            there = {"id": id, "type": member(delta, "type"), "function": {"name": None, "arguments": ""}}
            self._calls.append(there)
            self._call_of_index[index] = there
        function = member(delta, "function")
        there["function"]["name"] = there["function"]["name"] or member(function, "name")
        _append(there["function"], function, "arguments")

    def output(self) -> Event:
        """As a whole answer would have it."""
        said = self._said
        message = {"role": said["role"], "content": said["content"], "tool_calls": self._calls or None}
        message |= {key: value for key, value in said.items() if key not in message}
        return {"message": message, "logprobs": self._logprobs, "finish_reason": self._finish_reason}


def _append(there: Event, more: Any, *names: str) -> None:
    """Adds the text in ``more`` to that which is ``there``."""
    for name in names:
        text = member(more, name)
        if isinstance(text, str):
            there[name] = (there.get(name) or "") + text

"""What a server answered → an answer that scorers can use, or what is wrong with it."""

from __future__ import annotations

import array
import base64
import re
import sys
from typing import Any

import orjson
from msgspec import Struct

from bt_cli.scoring.judge.questions import Json, Question, Tool, encode
from bt_cli.scoring.judge.schemas import misfit
from bt_cli.scoring.judge.usage import Usage, usage_of

_FENCED = re.compile(r"```(?:json)?\s*\n?(.*?)```", re.DOTALL)
_MOST_SHOWN = 60
"""Characters of a useless answer that an error shows."""


class Answer(Struct, frozen=True):
    """A reply in the form of OpenAI's Python client (``content``), and as JSON text for its span (``text``)."""

    content: Json
    text: str
    usage: Usage
    called: bool = False
    """Whether the tool was called, as was asked."""


class Malformed(Struct, frozen=True):
    """Why a reply is of no use; its tokens are paid for all the same.

    ``ignored``: there is text where a call of the tool was asked for.
    """

    reason: str
    usage: Usage
    text: str | None = None
    ignored: bool = False


def read_reply(body: bytes, question: Question) -> Answer | Malformed:
    """The answer in the body of a reply with status 200."""
    content, text = _content(body)
    if not isinstance(content, dict):
        shown = " ".join(body[:200].decode("utf-8", "replace").split())[:_MOST_SHOWN]
        return Malformed(f"no JSON object: {shown}" if shown else "an empty reply", Usage())
    usage = usage_of(content.get("usage"))
    error = content.get("error")
    if error:
        told = error.get("message") if isinstance(error, dict) else error
        return Malformed(f"an error instead of an answer: {str(told)[:200]}", usage, text)
    try:
        return _READERS[question.name](content, text, usage, question)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as wrong:
        return Malformed(f"parts of it are missing or of another type ({type(wrong).__name__}: {wrong})", usage, text)


def _content(body: bytes) -> tuple[Any, str]:
    """What a body says, and the same as JSON text that can be stored."""
    try:
        return orjson.loads(body), body.decode()
    except ValueError:
        pass
    content = _decoded(body)
    try:
        return content, encode(content).decode()
    except (TypeError, RecursionError):
        return None, ""


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    import json

    try:  # lone surrogates, and numbers that are none
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _completion(content: Json, text: str, usage: Usage, question: Question) -> Answer | Malformed:
    choices = content["choices"]
    if not choices:
        return Malformed("it has no choices", usage, text)
    message = choices[0]["message"]
    calls = message.get("tool_calls") or []
    called = calls[0]["function"] if calls else None
    ended = choices[0].get("finish_reason")
    said = (message.get("content"), message.get("refusal"), ended == "length")
    return _answer(content, text, usage, question.tool, called, said)


def _response(content: Json, text: str, usage: Usage, question: Question) -> Answer | Malformed:
    output = content["output"]
    called = next((item for item in output if item["type"] == "function_call"), None)
    parts = [part for item in output if item["type"] == "message" for part in item["content"]]
    words = "".join(part.get("text") or "" for part in parts)
    refusal = next((part["refusal"] for part in parts if part.get("refusal")), None)
    cut = content.get("status") == "incomplete"
    if not called and not parts and not cut:
        return Malformed("it has no output", usage, text)
    return _answer(content, text, usage, question.tool, called, (words, refusal, cut))


Said = tuple[str | None, str | None, bool]
"""Text, refusal, and whether the answer was cut off."""


def _answer(
    content: Json, text: str, usage: Usage, tool: Tool | None, called: Json | None, said: Said
) -> Answer | Malformed:
    words, refusal, cut = said
    if refusal:
        return Malformed(f"the judge refuses to answer: {str(refusal)[:_MOST_SHOWN]}", usage, text)
    if tool is None:
        return Answer(_message(content, {"content": words}), text, usage)
    if called and called["name"] != tool.name:
        return Malformed(f"it calls {str(called['name'])[:_MOST_SHOWN]}, not {tool.name}", usage, text)
    arguments = _arguments(called["arguments"]) if called else _json_in(words or "")
    wrong = "no JSON object" if not isinstance(arguments, dict) else misfit(arguments, tool.schema)
    if wrong and cut:
        return Malformed("it was cut off at its limit of tokens", usage, text)
    if wrong and called:
        return Malformed(f"the arguments of {tool.name} do not fit: {wrong}", usage, text)
    if wrong:
        shown = " ".join((words or "nothing").split())[:_MOST_SHOWN]
        return Malformed(f"no call of {tool.name}, but: {shown}", usage, text, ignored=True)
    call = {"name": tool.name, "arguments": encode(arguments).decode()}
    message = {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
    return Answer(_message(content, message), text, usage, called=called is not None)


def _arguments(given: Any) -> Any:
    """The arguments of a call: JSON text, or, from some servers, what it says."""
    return _decoded(given.encode("utf-8", "replace")) if isinstance(given, str) else given


def _json_in(words: str) -> Any:
    """The JSON object that a text is, or that it has in a fence."""
    found = _decoded(words.encode("utf-8", "replace"))
    if isinstance(found, dict):
        return found
    fenced = _FENCED.search(words)
    return _decoded(fenced.group(1).encode("utf-8", "replace")) if fenced else None


def _message(content: Json, message: Json) -> Json:
    """A chat completion with one message: what autoevals reads, whatever the endpoint."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return {"id": content.get("id"), "model": content.get("model"), "choices": [choice]}


def _embedding(content: Json, text: str, usage: Usage, question: Question) -> Answer | Malformed:
    data = content["data"]
    if not data:
        return Malformed("it has no embedding", usage, text)
    vectors = [_vector(one["embedding"]) for one in data]
    told = [{"index": index, "embedding_length": len(vector)} for index, vector in enumerate(vectors)]
    found = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    shown = encode({**content, "data": told}).decode()
    return Answer({"model": content.get("model"), "data": found}, shown, usage)


def _vector(given: Any) -> list[float]:
    """Numbers, also where they are 32-bit floats in base64. Raises ValueError for anything else."""
    if isinstance(given, str):
        numbers = array.array("f", base64.b64decode(given))
        if sys.byteorder == "big":
            numbers.byteswap()
        given = numbers.tolist()
    if not given or not all(isinstance(one, int | float) for one in given):
        raise ValueError("an embedding without numbers")
    return list(given)


def _moderation(content: Json, text: str, usage: Usage, question: Question) -> Answer | Malformed:
    result = content["results"][0]
    if not isinstance(result["flagged"], bool) or not isinstance(result["category_scores"], dict):
        return Malformed("its result is none of a moderation", usage, text)
    return Answer(content, text, usage)


_READERS = {
    "Chat Completion": _completion,
    "Response": _response,
    "Embedding": _embedding,
    "Moderation": _moderation,
}

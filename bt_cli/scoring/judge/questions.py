"""What is asked: a request in autoevals' words → endpoint and body, with a tool or with a JSON schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.scoring.judge.options import Api

Json = dict[str, Any]
Form = Literal["tool", "schema"]
"""How an answer in parts is asked for: as a call of a tool, or as JSON by a schema."""

PATHS = {
    "Chat Completion": "/chat/completions",
    "Response": "/responses",
    "Embedding": "/embeddings",
    "Moderation": "/moderations",
}
"""The name of a call's span → where it is asked."""

_OURS = ("use_responses_api", "engine", "api_key", "base_url", "span_info")
"""Arguments of autoevals that are for its own client."""
_REASONING = re.compile(r"(gpt-5|o[1-9])")
_TAKES_TEMPERATURE = re.compile(r"gpt-5[^/]*-chat")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Tool(Struct, frozen=True):
    """What the answer has to be: the arguments of this tool."""

    name: str
    description: str
    schema: Json


class Question(Struct, frozen=True):
    """One request: the name of its span, its body without the tool, and the tool."""

    name: str
    model: str
    body: Json
    tool: Tool | None = None
    dropped: tuple[str, ...] = ()
    """Parameters that the model would refuse, and that are not sent."""

    @property
    def path(self) -> str:
        """Where it is asked, below the base URL."""
        return PATHS[self.name]

    @property
    def varies(self) -> bool:
        """Whether asking the same again is worth it: the vector of a text is always the same."""
        return self.name not in ("Embedding", "Moderation")

    def written(self, form: Form) -> bytes:
        """The body as it is sent."""
        if self.tool is None:
            return encode(self.body)
        chat = self.name == "Chat Completion"
        if form == "tool":
            return encode(self.body | (_chat_tool(self.tool) if chat else _response_tool(self.tool)))
        key = "messages" if chat else "input"
        told = {key: _with_instruction(self.body[key], self.tool)}
        return encode(self.body | told | (_chat_schema(self.tool) if chat else _response_schema(self.tool)))


def completion(request: Mapping[str, Any], model: str | None, api: Api | None) -> Question:
    """A question for a completion model. Raises UsageError where no model is named.

    ``request`` is what autoevals asks of OpenAI's chat endpoint.
    """
    given = {key: value for key, value in request.items() if key not in _OURS and value is not None}
    given["model"] = _model(given.get("model") or model)
    tools = given.pop("tools", None) or []
    given.pop("tool_choice", None)
    tool = _tool(tools[0]) if tools else None
    dropped = _fit(given)
    if (api or ("responses" if request.get("use_responses_api") else "chat")) == "chat":
        return Question("Chat Completion", given["model"], given, tool, dropped)
    return Question("Response", given["model"], _response(given), tool, dropped)


def embedding(request: Mapping[str, Any], model: str | None) -> Question:
    """A question for the vector of a text. Raises UsageError where no model is named."""
    named = _model(request.get("model") or model)
    more = {key: value for key, value in request.items() if key not in (*_OURS, "model", "input")}
    return Question("Embedding", named, {"model": named, "input": request["input"], **more})


def moderation(request: Mapping[str, Any]) -> Question:
    """A question whether a text is fit to be shown; the server chooses the model where none is named."""
    body = {key: value for key, value in request.items() if key not in _OURS and value is not None}
    return Question("Moderation", str(body.get("model", "")), body)


def encode(body: Json) -> bytes:
    """JSON in UTF-8; a lone surrogate, which UTF-8 does not have, becomes U+FFFD."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return orjson.dumps(_mended(body))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    if isinstance(value, dict):
        return {_mended(key): _mended(part) for key, part in value.items()}
    return [_mended(part) for part in value] if isinstance(value, list | tuple) else value


def _model(name: Any) -> str:
    if not name:
        raise UsageError(
            "no model of the judge is named", hint="give --judge-model NAME or BT_JUDGE_MODEL", code="no_judge_model"
        )
    return str(name)


def _fit(given: Json) -> tuple[str, ...]:
    """Changes what OpenAI's reasoning models refuse: a temperature, and ``max_tokens`` by that name."""
    name = given["model"].rpartition("/")[2]
    if not _REASONING.match(name):
        return ()
    if "max_tokens" in given:
        given["max_completion_tokens"] = given.pop("max_tokens")
    if _TAKES_TEMPERATURE.match(name) or given.pop("temperature", None) is None:
        return ()
    return ("temperature",)


def _response(given: Json) -> Json:
    """The parameters of a chat completion under the names of ``/responses``."""
    body = {**given, "input": given["messages"]}
    del body["messages"]
    for name in ("max_tokens", "max_completion_tokens"):
        if name in body:
            body["max_output_tokens"] = body.pop(name)
    if "reasoning_effort" in body:
        body["reasoning"] = {"effort": body.pop("reasoning_effort")}
    return body


def _tool(given: Json) -> Tool:
    function = given.get("function", given)
    return Tool(function["name"], function.get("description") or "", function.get("parameters") or {})


def _function(tool: Tool) -> Json:
    return {"name": tool.name, "description": tool.description, "parameters": tool.schema}


def _chat_tool(tool: Tool) -> Json:
    return {
        "tools": [{"type": "function", "function": _function(tool)}],
        "tool_choice": {"type": "function", "function": {"name": tool.name}},
    }


def _response_tool(tool: Tool) -> Json:
    return {"tools": [{"type": "function", **_function(tool)}], "tool_choice": "required"}


def _chat_schema(tool: Tool) -> Json:
    schema = {"name": tool.name, "description": tool.description, "schema": tool.schema}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _response_schema(tool: Tool) -> Json:
    return {"text": {"format": {"type": "json_schema", "name": tool.name, "schema": tool.schema}}}


def _with_instruction(messages: list[Json], tool: Tool) -> list[Json]:
    """The messages, and the wish for JSON: the prompts themselves speak of a tool."""
    schema = orjson.dumps(tool.schema).decode()
    wish = f"Instead of calling {tool.name}, answer with one JSON object that fits this schema, nothing else:\n{schema}"
    return [*messages, {"role": "user", "content": wish}]

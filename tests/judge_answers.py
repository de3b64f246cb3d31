"""What the model behind the test server says: a choice, an answer to any tool's schema, vectors, flags.

All of it is a function of the request, so that two runs get the same. A prompt says which choice it
wants with ``[choice B]``; the script of the server may say it for all.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from typing import Any

Json = dict[str, Any]

DIMENSIONS = 16
USUAL_CHOICES = ("C", "Y", "Yes", "Correct", "B")
"""The first of these that a scorer offers is chosen where nothing else is said."""
_WANTED = re.compile(r"\[choice ([^\]]+)\]")
_MISSPELT = {
    "unknown choice": "Z",
    "lower case choice": "c",
    "number as choice": 3,
    "padded choice": " C ",
}


def completion(body: Json, script: Json, reply: str = "") -> Json:
    """The reply of ``/chat/completions``; ``reply`` names what is wrong with it (see `message`)."""
    answer: Json = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message(body, script, reply), "finish_reason": "stop"}],
    }
    if reply == "no choices":
        answer["choices"] = []
    if script.get("usage", True):
        prompt, said = _tokens(body.get("messages")), _tokens(answer["choices"])
        answer["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": said,
            "total_tokens": prompt + said,
            "prompt_tokens_details": {"cached_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 1},
            **script.get("usage_extra", {}),
        }
    return answer


def streamed(whole: Json, with_usage: bool) -> str:
    """A reply of `completion` as the events of a stream: a word at a time, then why it ended, then the counts."""
    head = {key: whole[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    chunks: list[Json] = []
    for choice in whole["choices"]:
        text = choice["message"]["content"]
        pieces: list[Json] = [{"role": "assistant", "content": ""}]
        pieces += [{"content": word} for word in re.findall(r"\S+\s*", text)]
        chunks += [{"choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if with_usage:
        chunks.append({"choices": [], "usage": whole["usage"]})
    return "".join(f"data: {dumps(head | chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def response(body: Json, script: Json, reply: str = "") -> Json:
    """The reply of ``/responses``; the same answers as `completion` in that endpoint's form."""
    chat = {
        "messages": body.get("input"),
        "tools": [{"type": "function", "function": tool} for tool in body.get("tools", ())],
        "tool_choice": body.get("tool_choice"),
        "response_format": _chat_format(body),
    }
    said = message(chat, script, reply)
    output: list[Json] = [{"type": "reasoning", "id": "rs_1", "summary": []}]
    if said.get("content"):
        content = [{"type": "output_text", "text": said["content"], "annotations": []}]
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "content": content})
    for call in said.get("tool_calls") or ():
        output.append({"type": "function_call", "id": "fc_1", "call_id": call["id"], **call["function"]})
    answer: Json = {"id": "resp_1", "object": "response", "created_at": 1700000000, "model": body.get("model")}
    answer |= {"status": "completed", "output": [] if reply == "no choices" else output}
    if script.get("usage", True):
        prompt, told = _tokens(body.get("input")), _tokens(output)
        answer["usage"] = {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 2},
            "output_tokens": told,
            "output_tokens_details": {"reasoning_tokens": 1},
            "total_tokens": prompt + told,
            **script.get("usage_extra", {}),
        }
    return answer


def _chat_format(body: Json) -> Json | None:
    form = (body.get("text") or {}).get("format")
    return {"type": "json_schema", "json_schema": form} if form and form.get("type") == "json_schema" else None


def message(body: Json, script: Json, reply: str) -> Json:
    """The assistant's message: a call of the first tool, JSON where a schema is asked for, else text."""
    prompt = text_of(body.get("messages"))
    tools = body.get("tools") if script.get("tools") != "ignored" else None
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    if not tools and not schema and body.get("tools") and script.get("ignored_as") == "json":
        schema = body["tools"][0]["function"]["parameters"]
    said: Json = {"role": "assistant", "content": None}
    if reply == "refusal":
        return {**said, "refusal": "I can't help with that."}
    if reply == "text" or (not tools and not schema):
        return {**said, "content": "I think that the answer is fine."}
    function = tools[0]["function"] if tools else {"name": "", "parameters": schema}
    arguments = _spoilt(_answer(function["parameters"], prompt, script), reply)
    if reply == "json in text" or not tools:
        return {**said, "content": arguments}
    if reply == "json in a fence":
        return {**said, "content": f"Here it is:\n```json\n{arguments}\n```"}
    if reply == "null tool calls":
        return {**said, "tool_calls": None}
    if reply == "no tool calls":
        return {**said, "tool_calls": []}
    name = "another_tool" if reply == "other tool" else function["name"]
    if reply == "arguments as object":
        arguments = loads(arguments)
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {**said, "tool_calls": [call]}


def _spoilt(answer: Any, reply: str) -> str:
    """The answer as JSON text, with the fault that ``reply`` names."""
    if isinstance(answer, dict) and "choice" in answer:
        if reply == "no choice key":
            del answer["choice"]
        elif reply in _MISSPELT:
            answer["choice"] = _MISSPELT[reply]
        elif reply == "reasons as list":
            answer["reasons"] = ["first", "second"]
        elif reply == "huge reasons":
            answer["reasons"] = "x" * 1_000_000
        elif reply == "odd characters":
            answer["reasons"] = "nul \x00 and half a pair \ud83d"
    written = dumps(answer)
    return {"broken arguments": written[:-2], "empty arguments": "", "arguments are a list": "[]"}.get(reply, written)


def _answer(schema: Json, prompt: str, script: Json) -> Any:
    """Something that fits the schema of a tool."""
    return _fill(schema, "", prompt.rpartition("Your actual task")[2], prompt, script, schema.get("$defs", {}))


def _fill(schema: Json, name: str, task: str, prompt: str, script: Json, defined: Json) -> Any:
    if "$ref" in schema:
        schema = defined[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return _choice(schema["enum"], prompt, script)
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        parts = schema.get("properties", {}).items()
        return {key: _fill(part, key, task, prompt, script, defined) for key, part in parts}
    if kind == "array":
        return [] if name in ("FP", "FN") else [_fill(schema.get("items", {}), name, task, prompt, script, defined)]
    if kind in ("integer", "number"):
        return 0 if name == "noncommittal" else 1
    if kind == "boolean":
        return True
    return "It says so." if name.startswith("reason") else _sentence(task)


def _choice(offered: list[str], prompt: str, script: Json) -> str:
    wanted = _WANTED.findall(prompt)
    if wanted:
        return str(wanted[-1])
    for text, choice in script.get("choices", {}).items():
        if text in prompt:
            return str(choice)
    if script.get("choice"):
        return str(script["choice"])
    return next((choice for choice in USUAL_CHOICES if choice in offered), offered[0])


def _sentence(task: str) -> str:
    """The first words after the first ``context:`` or ``text:`` of a task."""
    found = re.search(r"(?:context|text|answer): ([^.\n]+)", task)
    return found.group(1).strip() if found else "a statement"


def text_of(messages: Any) -> str:
    """The text of a list of messages."""
    if isinstance(messages, str):
        return messages
    contents = [one.get("content") for one in messages or () if isinstance(one, dict)]
    return "\n".join(one if isinstance(one, str) else dumps(one) for one in contents)


def embeddings(body: Json, script: Json) -> Json:
    """Vectors of the words of each text, so that texts that share words lie near each other."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vectors = [_vector(str(one)) for one in texts]
    encoded = body.get("encoding_format") == "base64" or script.get("embeddings") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if encoded else vector}
        for index, vector in enumerate(vectors)
    ]
    answer: Json = {"object": "list", "data": data, "model": body.get("model")}
    if script.get("usage", True):
        answer["usage"] = {"prompt_tokens": _tokens(texts), "total_tokens": _tokens(texts)}
    return answer


def _vector(text: str) -> list[float]:
    vector = [0.0] * DIMENSIONS
    for word in text.lower().split():
        vector[zlib.crc32(word.encode("utf-8", "replace")) % DIMENSIONS] += 1.0
    return vector if any(vector) else [1.0] * DIMENSIONS


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def moderation(body: Json) -> Json:
    """Text with the word ``violent`` is flagged."""
    flagged = "violent" in str(body.get("input"))
    scores = {"violence": 0.9 if flagged else 0.01, "hate": 0.0}
    result = {"flagged": flagged, "categories": {"violence": flagged, "hate": False}, "category_scores": scores}
    return {"id": "modr-1", "model": "omni-moderation-latest", "results": [result]}


def _tokens(value: Any) -> int:
    return len(dumps(value)) // 4 + 1


def dumps(value: Any) -> str:
    """JSON text; lone surrogates as escapes."""
    import json

    return json.dumps(value)


def loads(text: str) -> Any:
    import json

    return json.loads(text)

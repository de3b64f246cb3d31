"""The methods of a client that are traced: what the span of a call says of its request and of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from bt_cli.tracing.event import merged
from bt_cli.tracing.openai_chat import chat_event, chat_stream_event
from bt_cli.tracing.openai_embeddings import embedding_event
from bt_cli.tracing.openai_files import with_attachments
from bt_cli.tracing.openai_members import is_given
from bt_cli.tracing.openai_responses import response_event, response_stream_event

Given = dict[str, Any]
Event = dict[str, Any]


class Endpoint(NamedTuple):
    """What is known of a method."""

    name: str
    """The name of its spans."""
    input: str
    """Its argument that is the input of the span."""
    metadata: tuple[str, ...]
    """Its arguments that the metadata has; headers and who the user is are no such."""
    of_answer: Callable[[Any, Mapping[str, Any]], Event]
    """What a whole answer says; also takes the arguments of the call."""
    of_stream: Callable[[Iterable[Any], Mapping[str, Any]], Event]
    """The same of the events of a stream."""
    has_first_token: bool = True
    """Whether its answer begins at some time, which is a metric."""

    def of_request(self, given: Given, more: Mapping[str, Any]) -> Event:
        """What `start_span` takes. ``more`` is the ``span_info`` that the program gave."""
        metadata = {"provider": "openai"} | {
            key: _readable(given[key]) for key in self.metadata if key in given and is_given(given[key])
        }
        said: Event = {"name": self.name, "span_attributes": {"type": "llm"}}
        asked = {"input": with_attachments(given.get(self.input)), "metadata": metadata}
        return merged(said, merged(more, asked))


def _readable(value: Any) -> Any:
    """A class of models, which says how the answer is to be formed, as the API is told."""
    schema = getattr(value, "model_json_schema", None)
    if isinstance(value, type) and callable(schema):
        return {"type": "json_schema", "json_schema": {"name": value.__name__, "schema": schema()}}
    return value


_CHAT = (
    "model temperature top_p top_logprobs logprobs n max_tokens max_completion_tokens stream stream_options stop"
    " presence_penalty frequency_penalty logit_bias tools tool_choice parallel_tool_calls functions function_call"
    " response_format seed modalities audio reasoning_effort service_tier store prediction web_search_options"
    " verbosity moderation"
)
_RESPONSES = (
    "model instructions temperature top_p max_output_tokens stream stream_options tools tool_choice"
    " parallel_tool_calls reasoning reasoning_effort text text_format response_format include truncation background"
    " service_tier store previous_response_id conversation verbosity moderation access_programs"
)

CHAT = Endpoint("Chat Completion", "messages", tuple(_CHAT.split()), chat_event, chat_stream_event)
RESPONSES = Endpoint(
    "openai.responses.create", "input", tuple(_RESPONSES.split()), response_event, response_stream_event
)
PARSED_RESPONSES = RESPONSES._replace(name="openai.responses.parse")
EMBEDDINGS = Endpoint(
    "Embedding", "input", ("model", "dimensions", "encoding_format"), embedding_event, lambda *_: {}, False
)

"""`wrap_openai`: every call of a client of the ``openai`` package becomes a span.

The client stays the object that it was; the methods of its resources are replaced, each by one of
`openai_calls`. What the spans say of a call, `openai_endpoints` knows. The package itself is never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, TypeVar

from bt_cli.tracing.openai_calls import traced_method
from bt_cli.tracing.openai_endpoints import CHAT, EMBEDDINGS, PARSED_RESPONSES, RESPONSES, Endpoint

Client = TypeVar("Client")

_CHAT = {"create": CHAT, "parse": CHAT}
_RESOURCES: Mapping[str, Mapping[str, Endpoint]] = {
    "chat.completions": _CHAT,
    "beta.chat.completions": _CHAT,
    "responses": {"create": RESPONSES, "parse": PARSED_RESPONSES},
    "embeddings": {"create": EMBEDDINGS},
}
"""Where a client has them, and their methods; ``stream`` of each calls ``create``."""
_RAW = ("with_raw_response", "with_streaming_response")
_COPYING = ("copy", "with_options")


def wrap_openai(client: Client) -> Client:
    """Makes each call of chat completions, responses and embeddings through ``client`` a span; the client itself.

    ``client`` is an ``OpenAI``, ``AsyncOpenAI`` or one for Azure, of version 1, 2 or 3, or of a provider that
    speaks as they do. Clients that are made of it by ``with_options`` or ``copy`` are wrapped too. A call may be
    given ``span_info``, which is merged into what its span says. Wrapping twice is the same as once.
    """
    for path, endpoints in _RESOURCES.items():
        *_, resource = _along(client, path)
        for name, endpoint in endpoints.items():
            _replace(resource, name, lambda method, endpoint=endpoint: traced_method(method, endpoint))
    for path in _RESOURCES:
        for holder in _along(client, path):
            _renew_raw(holder)
    for name in _COPYING:
        _replace(client, name, _wrapping)
    return client


def _along(client: object, path: str) -> Iterator[Any]:
    """The client and what it has at each step of a path; None from where it has nothing."""
    found: Any = client
    yield found
    for name in path.split("."):
        found = getattr(found, name, None)
        yield found


def _replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    method = getattr(owner, name, None)
    if method is None or getattr(method, "_bt_is_traced", False):
        return
    replaced = replacement(method)
    replaced._bt_is_traced = True
    setattr(owner, name, replaced)


def _wrapping(method: Callable[..., Client]) -> Callable[..., Client]:
    """A method that makes a client of another."""

    @wraps(method)
    def copied(*args: Any, **kwargs: Any) -> Client:
        return wrap_openai(method(*args, **kwargs))

    return copied


def _renew_raw(holder: Any) -> None:
    """Makes those anew that were made of the methods as they were: early versions make them with the client."""
    for name in _RAW:
        made = getattr(holder, "__dict__", {}).get(name)
        if made is not None:
            setattr(holder, name, type(made)(holder))

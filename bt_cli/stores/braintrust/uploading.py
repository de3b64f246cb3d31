"""Bytes laid down at a signed address, which needs no key and must not see ours."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from bt_cli.http import HttpClient, Request, check_address
from bt_cli.stores.braintrust.api import Api, Refused
from bt_cli.stores.braintrust.deployment import ANSWER_SECONDS

if TYPE_CHECKING:
    import httpx

BYTES_A_SECOND = 256 << 10
"""A connection slower than this is given up."""


def upload(api: Api, asked: Request) -> None:
    """Sends a body to a signed address, the ``path`` of ``asked``: absolute, or on the API's own host.

    Raises what a refusal means, NetworkError, UsageError for what is no address.
    """
    address = address_of(api, asked.path)
    path = address.raw_path.decode("ascii")
    with closing(client_at(address, seconds_for(asked.body))) as http:
        there = api.elsewhere(http)
        answer = there.ask(asked._replace(path=path), lambda reply: None)
    if isinstance(answer, Refused):
        raise there.refusal(answer)


def address_of(api: Api, url: str) -> httpx.URL:
    """A signed address, absolute or on the API's own host. Raises UsageError for what is none."""
    address: httpx.URL = check_address(urljoin(api.http.base_url, url))
    return address


def client_at(address: httpx.URL, seconds: float = ANSWER_SECONDS, most_bytes: int | None = None) -> HttpClient:
    """A client of the host of an address, without our key."""
    target = f"{address.scheme}://{address.netloc.decode('ascii')}"
    return HttpClient(target, {}, timeout=seconds, most_bytes=most_bytes)


def seconds_for(body: bytes) -> float:
    """What sending a body and its answer may take."""
    return ANSWER_SECONDS + len(body) / BYTES_A_SECOND

"""Bytes laid down at a signed address, which needs no key and must not see ours."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urljoin

from bt_cli.http import HttpClient, Request, check_address
from bt_cli.stores.braintrust.api import Api, Refused
from bt_cli.stores.braintrust.deployment import ANSWER_SECONDS

BYTES_A_SECOND = 256 << 10
"""A connection slower than this is given up."""


def upload(api: Api, asked: Request) -> None:
    """Sends a body to a signed address, the ``path`` of ``asked``: absolute, or on the API's own host.

    Raises what a refusal means, NetworkError, UsageError for what is no address.
    """
    address = check_address(urljoin(api.http.base_url, asked.path))
    target = f"{address.scheme}://{address.netloc.decode('ascii')}"
    path = address.raw_path.decode("ascii")
    with closing(HttpClient(target, {}, timeout=seconds_for(asked.body))) as http:
        there = api.elsewhere(http)
        answer = there.ask(asked._replace(path=path), lambda reply: None)
    if isinstance(answer, Refused):
        raise there.refusal(answer)


def seconds_for(body: bytes) -> float:
    """What sending a body and its answer may take."""
    return ANSWER_SECONDS + len(body) / BYTES_A_SECOND

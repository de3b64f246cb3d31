"""Attachments read back from a Braintrust API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from braintrust_server import BraintrustServer, Fault, braintrust_server
from bt_cli.errors import CredentialsError, NotFoundError
from bt_cli.spans.attachments import Reference
from bt_cli.stores import open_store
from bt_cli.stores.base import Attached, Store

PICTURE = Reference("a.png", "image/png", "k")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BraintrustServer]:
    """A server of a foreign make, with one attachment."""
    for name in ("BRAINTRUST_API_KEY", "BRAINTRUST_APP_URL", "BRAINTRUST_ORG_NAME"):
        monkeypatch.delenv(name, raising=False)
    with braintrust_server() as running:
        running.attachments["k"] = {"upload_status": "done"}
        running.laid_down["k"] = b"picture"
        yield running


@pytest.fixture
def store(server: BraintrustServer) -> Iterator[Store]:
    with closing(open_store(server.url, "read")) as opened:
        yield opened


def test_an_attachment_is_asked_for_as_sdks_do(server: BraintrustServer, store: Store) -> None:
    """By key, name, type and organisation."""
    store.attachment(PICTURE)
    (asked,) = server.of("/attachment")
    assert asked.query == {"key": "k", "filename": "a.png", "content_type": "image/png", "org_id": "org-1"}


def test_a_server_may_give_no_parts(server: BraintrustServer, store: Store) -> None:
    """One that answers with all of a content is taken at its word."""
    assert store.attachment(PICTURE) == Attached("done", None, 7, f"{server.url}/blob/k")
    assert b"".join(store.attachment_content(PICTURE)) == b"picture"


def test_a_signed_address_sees_no_key(server: BraintrustServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs none, and may be somebody else's."""
    monkeypatch.setenv("BRAINTRUST_API_KEY", "secret")
    server.key = "secret"
    with closing(open_store(server.url, "read")) as store:
        assert list(store.attachment_content(PICTURE)) == [b"picture"]
    (asked,) = server.of("/blob/k")
    assert "authorization" not in asked.headers


@pytest.mark.parametrize(
    "status", [{"upload_status": "uploading"}, {"upload_status": "error", "error_message": "disk full"}]
)
def test_an_unfinished_attachment_has_no_content(
    server: BraintrustServer, store: Store, status: dict[str, str]
) -> None:
    """What is known of it is told, and nothing is read."""
    server.attachments["k"] = status
    known = store.attachment(PICTURE)
    assert known is not None
    assert (known.status, known.error, known.size) == (status["upload_status"], status.get("error_message"), None)
    with pytest.raises(NotFoundError):
        list(store.attachment_content(PICTURE))
    assert server.of("/blob/k") == []


@pytest.mark.parametrize("path", ["/attachment", "/blob/k"])
def test_a_refusal_is_an_error(server: BraintrustServer, store: Store, path: str) -> None:
    """It does not pass for an attachment that is not there."""
    server.faults.append(Fault(path, 403, b"no"))
    with pytest.raises(CredentialsError):
        list(store.attachment_content(PICTURE))


def test_an_empty_attachment_has_no_part(server: BraintrustServer, store: Store) -> None:
    """A server that has no part to give of nothing gives all."""
    server.faults.append(Fault("/blob/k", 416, b"", times=2))
    known = store.attachment(PICTURE)
    assert known is not None
    assert known.size == 0
    assert b"".join(store.attachment_content(PICTURE)) == b""

"""Attachments over HTTP: announced, brought, said to be done, and read back as a download."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import Client

from bt_cli.blobs.blobs import Blobs
from bt_cli.server import attachments
from bt_cli.server.access import Access
from bt_cli.server.app import make_app
from bt_cli.server.service import ServerOptions, Service
from bt_cli.stores import open_store
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from in_process import calling, client_of


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A server over a new store, without its routes."""
    path = str(tmp_path / "spans.db")
    open_store(path, "serve").close()
    service = Service(lambda mode: ServingSqliteStore(path, mode == "read"), Blobs(path + ".blobs"), ServerOptions())
    yield service
    service.close()


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with calling(make_app(service)) as client:
        yield client


def announce(client: Client, **about: Any) -> str:
    """Announces an attachment; the path to bring it to."""
    body = {"key": "k", "filename": "a.txt", "content_type": "text/plain", "org_id": "o", **about}
    answer = client.post("/attachment", json=body)
    assert answer.status_code == 200, answer.text
    return urlsplit(answer.json()["signedUrl"]).path


def place(client: Client, key: str = "k") -> str:
    """The path to read an attachment at."""
    return urlsplit(client.get("/attachment", params={"key": key}).json()["downloadUrl"]).path


def test_bytes_come_back(client: Client) -> None:
    """What is brought to the signed URL is read at the download URL, byte for byte, with its type."""
    content = bytes(range(256)) * 9000
    path = announce(client, filename="b.bin", content_type="application/octet-stream")
    assert client.put(path, content=content).is_success
    said = client.post("/attachment/status", json={"key": "k", "org_id": "o", "status": {"upload_status": "done"}})
    assert said.json() == {"status": {"upload_status": "done"}}
    answer = client.get(place(client))
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"


def test_urls_name_the_host_that_was_asked(client: Client) -> None:
    """A client gets an address that it can reach: the one it has just used."""
    body = {"key": "k", "filename": "f", "content_type": "text/plain"}
    answer = client.post("/attachment", json=body, headers={"host": "localhost:9999"}).json()
    assert answer["signedUrl"].startswith("http://localhost:9999/attachment/blob/")
    assert answer["headers"] == {"Content-Type": "text/plain"}


def test_a_page_stays_a_download(client: Client) -> None:
    """No browser shows a page, or guesses that something is one, in the name of this server."""
    client.put(announce(client, filename="x.html", content_type="text/html"), content=b"<script>1</script>")
    headers = client.get(place(client)).headers
    assert headers["content-disposition"] == 'attachment; filename="x.html"'
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("named", "served"),
    [
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("image/png", "image/png"),
        ("text/plain\r\nx-evil: 1", "application/octet-stream"),
        ("no type", "application/octet-stream"),
        (7, "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_content_types_are_checked(client: Client, named: Any, served: str) -> None:
    """A content type is given back if it is one; nothing else gets into a header."""
    client.put(announce(client, content_type=named), content=b"x")
    headers = client.get(place(client)).headers
    assert headers["content-type"].replace(" ", "") == served.replace(" ", "")
    assert "x-evil" not in headers


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b\r\nx-evil: 1', "фото.png", "", None])
def test_file_names_do_no_harm(client: Client, name: Any, tmp_path: Path) -> None:
    """A file name is told in the header, encoded where needed; it is no path here."""
    client.put(announce(client, filename=name), content=b"x")
    answer = client.get(place(client))
    assert answer.content == b"x"
    assert "x-evil" not in answer.headers
    assert {one.name for one in tmp_path.iterdir()} <= {"spans.db", "spans.db-wal", "spans.db-shm", "spans.db.blobs"}


def test_the_secrets_are_two(client: Client) -> None:
    """Who may read an attachment may not replace it; who may bring it cannot read it with that URL."""
    path = announce(client)
    client.put(path, content=b"x")
    assert client.get(path).status_code == 404
    assert client.put(place(client), content=b"y").status_code == 404
    assert client.get(place(client)).content == b"x"


@pytest.mark.parametrize("secret", ["guessed", "..", "../../index.db", "%2e%2e%2findex.db"])
def test_a_guess_finds_nothing(client: Client, secret: str) -> None:
    """Without the secret there is nothing to read or write."""
    announce(client)
    assert client.get(f"/attachment/blob/{secret}").status_code == 404
    assert client.put(f"/attachment/blob/{secret}", content=b"x").status_code in (404, 405)


def test_signed_urls_need_no_key(tmp_path: Path) -> None:
    """A server with a key asks for it where URLs are made, not where they are used: clients send none there."""
    with client_of(tmp_path / "spans.db", ServerOptions(token="s3cret")) as client:
        assert client.get("/attachment", params={"key": "k"}).status_code == 401
        assert client.post("/attachment", json={"key": "k"}).status_code == 401
        client.headers["authorization"] = "Bearer s3cret"
        path = announce(client)
        del client.headers["authorization"]
        assert client.put(path, content=b"x").is_success


def test_too_much_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An upload above the limit is answered with 413, whether or not its length is said first; nothing is left."""
    monkeypatch.setattr(attachments, "MOST_BYTES", 3_000_000)
    path = announce(client)
    assert client.put(path, content=b"x" * 3_000_001).status_code == 413
    assert client.put(path, content=iter([b"x" * 2_000_000] * 2)).status_code == 413
    assert client.put(path, content=iter([b"x" * 1_000_000] * 3)).is_success
    assert not list((tmp_path / "spans.db.blobs").glob("incoming-*"))


def test_an_upload_that_is_cut_leaves_nothing(client: Client, service: Service, tmp_path: Path) -> None:
    """A client that goes away in the middle of its bytes leaves no file, and is no bug in the access log."""
    seen: list[Access] = []
    app = make_app(service, seen.append)
    path = announce(client)
    parts = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])
    scope = {"type": "http", "method": "PUT", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        raise AssertionError(f"nobody hears {message}")

    asyncio.run(app(scope, receive, send))
    assert (seen[0].status, seen[0].problem) == (499, None)
    assert not list((tmp_path / "spans.db.blobs").glob("incoming-*"))


def test_done_without_content_is_refused(client: Client) -> None:
    """A client that says done without having brought anything learns it."""
    announce(client)
    answer = client.post("/attachment/status", json={"key": "k", "status": {"upload_status": "done"}})
    assert (answer.status_code, answer.json()["Code"]) == (400, "BadRequestError")


def test_a_failed_upload_is_told(client: Client) -> None:
    """Who asks for an attachment whose upload failed reads why, and gets no URL."""
    announce(client)
    status = {"upload_status": "error", "error_message": "no such file"}
    assert client.post("/attachment/status", json={"key": "k", "status": status}).json() == {"status": status}
    assert client.get("/attachment", params={"key": "k"}).json() == {"status": status}


@pytest.mark.parametrize(
    "body", [{}, {"key": ""}, {"key": 7}, {"key": "k" * 1025}, {"key": None, "filename": "a"}], ids=str
)
def test_an_attachment_needs_a_key(client: Client, body: dict[str, Any]) -> None:
    """A key is a text of some length."""
    assert client.post("/attachment", json=body).status_code == 400


@pytest.mark.parametrize(
    "status", [None, "done", {}, {"upload_status": "sleeping"}, {"upload_status": ["done"]}], ids=str
)
def test_a_status_is_one_of_three(client: Client, status: Any) -> None:
    """Other words are refused."""
    announce(client)
    assert client.post("/attachment/status", json={"key": "k", "status": status}).status_code == 400


def test_an_unknown_key_is_not_found(client: Client) -> None:
    """Nothing is known of an attachment that nobody announced."""
    assert client.get("/attachment", params={"key": "k"}).status_code == 404
    assert client.get("/attachment").status_code == 404
    assert client.post("/attachment/status", json={"key": "k", "status": {"upload_status": "done"}}).status_code == 404


def test_files_elsewhere_are_not_fetched(client: Client) -> None:
    """An external attachment on the web is named to the client; a bucket, for which we have no key, is refused."""
    web = client.get("/attachment", params={"url": "https://example.com/a.png", "filename": "a.png"})
    assert web.json()["downloadUrl"] == "https://example.com/a.png"
    assert client.get("/attachment", params={"url": "s3://bucket/key.png"}).status_code == 400


def test_a_read_only_server_takes_nothing(tmp_path: Path) -> None:
    """Nothing is announced or brought where nothing may be written."""
    open_store(str(tmp_path / "spans.db"), "write").close()
    with client_of(tmp_path / "spans.db", ServerOptions(read_only=True)) as client:
        assert client.post("/attachment", json={"key": "k"}).status_code == 403
        assert client.put("/attachment/blob/x", content=b"x").status_code == 403
    assert not (tmp_path / "spans.db.blobs").exists()


def test_a_part_can_be_read(client: Client) -> None:
    """A client may ask for a range, as players of sound and video do."""
    client.put(announce(client), content=b"0123456789")
    answer = client.get(place(client), headers={"range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")

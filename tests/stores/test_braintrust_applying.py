"""Rows with terms on their way to a Braintrust API, as they are on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import pytest

from braintrust_server import BraintrustServer, Fault, braintrust_server
from bt_cli.errors import CredentialsError, NetworkError
from bt_cli.settings import Given
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms
from bt_cli.stores import open_store
from bt_cli.stores.base import Conflict, Submission
from bt_cli.stores.braintrust import api
from bt_cli.stores.logging import LoggingStore
from builders import row
from storing import HERE

LOGS = "/logs3"
PLACE = {"project_id": "id of here", "log_id": "g"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BraintrustServer]:
    """A server of a foreign make, and nothing about one in the environment."""
    monkeypatch.setattr(api, "FIRST_WAIT", 0.01)
    for name in ("BRAINTRUST_API_KEY", "BRAINTRUST_APP_URL", "BRAINTRUST_ORG_NAME", "BRAINTRUST_NUM_RETRIES"):
        monkeypatch.delenv(name, raising=False)
    with braintrust_server() as running:
        yield running


@pytest.fixture
def store(server: BraintrustServer) -> Iterator[LoggingStore]:
    with closing(open_store(server.url, "serve", given=Given(retries=1))) as opened:
        yield cast("LoggingStore", opened)


def one(given: Row, conflict: Conflict = "merge", **terms: object) -> Submission:
    return Submission([given], None, conflict, tree=False, terms=Terms(**terms))


def sent(server: BraintrustServer) -> list[list[dict[str, Any]]]:
    """The rows of each request."""
    return [request.json["rows"] for request in server.of(LOGS)]


def test_an_update_by_id_says_nothing_of_linkage(server: BraintrustServer, store: LoggingStore) -> None:
    """What an update does not know must not be put in the place of what is stored."""
    store.apply([(HERE, [one(Row("a", "a", None, "[]", scores='{"s":1}'))])])
    assert sent(server) == [[{"id": "a", "scores": {"s": 1}, **PLACE, "_is_merge": True}]]


def test_tags_go_without_paths(server: BraintrustServer, store: LoggingStore) -> None:
    """So that they are united, as a program that logs expects it."""
    store.apply([(HERE, [one(row("a", tags='["x"]'))])])
    assert "_merge_paths" not in sent(server)[0][0]


def test_instructions_go_along(server: BraintrustServer, store: LoggingStore) -> None:
    """Paths to replace, items to remove, and rows to delete, in the API's words."""
    changed = one(row("a"), replaced=(("metadata", "x"),), removed=((("tags",), '["t"]'),))
    store.apply([(HERE, [changed, one(row("b"), deleted=True)])])
    ((first, second),) = sent(server)
    assert first["_merge_paths"] == [["metadata", "x"]]
    assert first["_array_delete"] == [{"path": ["tags"], "delete": ["t"]}]
    assert second == {"id": "b", **PLACE, "_object_delete": True}


def test_a_comment_is_a_row_of_its_own(server: BraintrustServer, store: LoggingStore) -> None:
    """It names its row as its origin."""
    comment = '{"id":"c","comment":{"text":"well"},"_audit_source":"app"}'
    store.apply([(HERE, [one(Row("a", "a", None, "[]"), comment=comment)])])
    expected = {"id": "c", "comment": {"text": "well"}, "_audit_source": "app", "origin": {"id": "a"}, **PLACE}
    assert sent(server) == [[expected]]


def test_two_versions_of_a_row_are_sent_as_one(server: BraintrustServer, store: LoggingStore) -> None:
    """A merge is folded into what goes with it, and both are answered for."""
    first, second = one(row("a", tags='["x"]'), "replace"), one(row("a", tags='["y"]'))
    ((told, folded),) = store.apply([(HERE, [first, second])]).outcomes
    assert (told.status, folded.status) == ("new", "folded")
    (((found),),) = sent(server)
    assert (found["tags"], found["_is_merge"]) == (["x", "y"], False)


def test_versions_that_do_not_go_together_go_in_turn(server: BraintrustServer, store: LoggingStore) -> None:
    """A replacement after a merge is sent when the merge has arrived."""
    store.apply([(HERE, [one(row("a", input="1")), one(row("a", input="2"), "replace")])])
    assert [[found["input"] for found in rows] for rows in sent(server)] == [[1], [2]]


def test_a_row_at_fault_is_found(server: BraintrustServer, store: LoggingStore) -> None:
    """Of a request that is refused, the rows without fault are stored."""
    server.faults.append(Fault(LOGS, 400, b"bad row", times=99, when=lambda body: b'"id":"bad"' in body))
    batch = [one(row(name, trace=name)) for name in ("good", "bad", "fine")]
    ((good, bad, fine),) = store.apply([(HERE, batch)]).outcomes
    assert (good.problem, fine.problem) == (None, None)
    assert bad.problem is not None
    assert set(server.rows) == {"good", "fine"}


def test_a_long_batch_goes_in_parts(server: BraintrustServer, store: LoggingStore) -> None:
    """No request has more rows than a server takes."""
    store.apply([(HERE, [one(row(f"{n}", trace=f"{n}")) for n in range(1001)])])
    assert [len(rows) for rows in sent(server)] == [1000, 1]


def test_a_program_says_how_often_to_try(server: BraintrustServer, store: LoggingStore) -> None:
    """One repetition was given, and there is one."""
    server.faults.append(Fault(LOGS, 500, times=99))
    with pytest.raises(NetworkError):
        store.apply([(HERE, [one(row("a"))])])
    assert len(server.of(LOGS)) == 2


def test_a_program_brings_its_key_and_organisation(server: BraintrustServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """They win over those of the environment."""
    monkeypatch.setenv("BRAINTRUST_API_KEY", "other")
    monkeypatch.setenv("BRAINTRUST_ORG_NAME", "first")
    server.key = "mine"
    given = Given(api_key="mine", org_name="second org")
    with closing(open_store(server.url, "serve", given=given)) as opened:
        store = cast("LoggingStore", opened)
        assert store.pages_url == f"{server.url}/app/second%20org"


def test_a_program_names_the_app(server: BraintrustServer) -> None:
    """The log-in and the pages are there."""
    with braintrust_server() as app, closing(open_store(server.url, "serve", given=Given(app_url=app.url))) as opened:
        assert cast("LoggingStore", opened).pages_url == f"{app.url}/app/first"
    assert (len(app.of("/api/apikey/login")), server.of("/api/apikey/login")) == (1, [])


def test_a_key_that_a_program_brings_is_told_of(server: BraintrustServer) -> None:
    """Who is refused learns where the key was from."""
    server.key = "mine"
    with pytest.raises(CredentialsError) as refused:
        open_store(server.url, "serve", given=Given(api_key="wrong"))
    assert refused.value.hint == "it is given by the program"


def test_a_registered_experiment_is_new_where_it_is_to_be(server: BraintrustServer, store: LoggingStore) -> None:
    """The server is told so, and what is said of it."""
    store.register(Container("here", "nightly"), {"description": "d"}, fresh=True)
    asked = server.of("/v1/experiment")[0].json
    expected = {"name": "nightly", "project_id": "id of here", "description": "d", "ensure_new": True}
    assert asked == expected

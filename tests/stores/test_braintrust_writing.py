"""Rows on their way to a Braintrust API: what is sent, what is sent again, and what a refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate

import pytest

from braintrust_server import BraintrustServer, Fault, braintrust_server
from bt_cli.errors import CredentialsError, NetworkError, NotFoundError, UsageError
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores import open_store
from bt_cli.stores.base import Outcome, Store, Writing
from bt_cli.stores.braintrust import api
from builders import row
from storing import HERE, commit, put, single, submit

LOGS = "/logs3"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BraintrustServer]:
    """A server in good health, of a foreign make."""
    monkeypatch.setattr(api, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("BRAINTRUST_NUM_RETRIES", "3")
    for name in ("BRAINTRUST_API_KEY", "BRAINTRUST_APP_URL", "BRAINTRUST_ORG_NAME"):
        monkeypatch.delenv(name, raising=False)
    with braintrust_server() as running:
        yield running


@pytest.fixture
def store(server: BraintrustServer) -> Iterator[Store]:
    opened = open_store(server.url, "write")
    yield opened
    opened.close()


@pytest.fixture
def writing(store: Store) -> Iterator[Writing]:
    begun = store.writing(HERE)
    yield begun
    begun.close()


def many(number: int, **fields: str) -> list[Row]:
    return [row(f"{n:05}", trace=f"{n:05}", **fields) for n in range(number)]


def test_rows_say_where_they_belong_and_are_merged(server: BraintrustServer, writing: Writing) -> None:
    """A row goes with its ids, its container and _is_merge, and without what it does not have."""
    put(writing, submit(row("a", input='{"x":1}')))
    assert server.rows["a"] == {
        "id": "a",
        "span_id": "a",
        "root_span_id": "a",
        "span_parents": [],
        "input": {"x": 1},
        "span_attributes": {"exec_counter": 0},
        "project_id": "id of here",
        "log_id": "g",
        "_is_merge": True,
    }


def test_replacing_rows_are_not_merged(server: BraintrustServer, writing: Writing) -> None:
    """--on-conflict replace is _is_merge false."""
    put(writing, submit(row("a"), conflict="replace"))
    assert server.rows["a"]["_is_merge"] is False


def test_tags_replace_tags(server: BraintrustServer, writing: Writing) -> None:
    """A merge of ours replaces tags, where the API unites them."""
    put(writing, submit(row("a", tags='["t"]')))
    assert server.rows["a"]["_merge_paths"] == [["tags"]]


def test_positions_are_counted_where_nothing_counts_yet(server: BraintrustServer, writing: Writing) -> None:
    """Spans of a tree carry their place as exec_counter, unless they have one."""
    put(
        writing,
        submit(
            row("a"),
            row("b", "a", span_attributes='{"name":"exec_counter"}'),
            row("c", "a", span_attributes='{"exec_counter":9}'),
            row("d", "a", span_attributes="{ }"),
        ),
    )
    assert [server.rows[one]["span_attributes"]["exec_counter"] for one in "abcd"] == [0, 1, 9, 3]


@pytest.mark.parametrize(
    ("container", "path", "about", "place"),
    [
        (Container("p"), "/v1/project", {"name": "p", "org_name": "first"}, {"project_id": "id of p", "log_id": "g"}),
        (Container("p", "e"), "/v1/experiment", {"name": "e", "project_id": "id of p", "ensure_new": False}, {"experiment_id": "id of e"}),
        (Container("p", None, "d"), "/v1/dataset", {"name": "d", "project_id": "id of p"}, {"dataset_id": "id of d"}),
    ],
    ids=["project", "experiment", "dataset"],
)  # fmt: skip
def test_containers_are_made_with_the_first_row(
    server: BraintrustServer,
    store: Store,
    container: Container,
    path: str,
    about: dict[str, object],
    place: dict[str, str],
) -> None:
    """A container is opened by name, never a second one, and its rows name it."""
    writing = store.writing(container)
    assert not server.of(path)
    put(writing, submit(row("a")))
    writing.close()
    assert [one.json for one in server.of(path)] == [about]
    assert {name: server.rows["a"].get(name) for name in place} == place


def test_all_that_is_stored_is_written(writing: Writing, store: Store) -> None:
    """A server that does not tell makes all rows new, and says so in its capabilities."""
    assert put(writing, submit(row("a"), row("b", "a"))) == [Outcome("new", new=2)]
    assert not store.capabilities.knows_previous


def test_requests_are_bounded_by_rows(server: BraintrustServer, writing: Writing) -> None:
    """No request has more than 1,000 rows, and all arrive."""
    put(writing, *map(single, many(2500)))
    assert sorted(len(one.json["rows"]) for one in server.of(LOGS)) == [500, 1000, 1000]
    assert len(server.rows) == 2500


def test_requests_are_bounded_by_half_the_advertised_limit(server: BraintrustServer) -> None:
    """What a server takes at once is used by half."""
    server.version = {"logs3_payload_max_bytes": 8000}
    store = open_store(server.url, "write")
    writing = store.writing(HERE)
    put(writing, *map(single, many(100, input=f'"{"x" * 100}"')))
    writing.close()
    store.close()
    assert max(len(one.body) for one in server.of(LOGS)) < 4100
    assert len(server.rows) == 100


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_row_that_is_too_long_overflows(server: BraintrustServer, method: str) -> None:
    """A body above the advertised limit is laid down first, without the key, and then named."""
    server.key = "secret"
    server.version = {"logs3_payload_max_bytes": 2000}
    server.overflow_method = method
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINTRUST_API_KEY", "secret")
        store = open_store(server.url, "write")
    writing = store.writing(HERE)
    outcomes = put(writing, submit(row("a", input=f'"{"é" * 3000}"')), submit(row("b", trace="b")))
    writing.close()
    store.close()
    (laid,) = [one for one in server.asked if one.path.startswith("/blob/")]
    assert (laid.method, "authorization" in laid.headers, laid.query) == (method, False, {"sig": "s"})
    assert server.rows["a"]["input"] == "é" * 3000
    assert [one.status for one in outcomes] == ["new", "new"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_trouble_is_waited_out(server: BraintrustServer, writing: Writing, status: int) -> None:
    """A status that may pass has the request sent again."""
    server.faults = [Fault(LOGS, status, b"later", times=2)]
    assert put(writing, submit(row("a"))) == [Outcome("new", new=1)]
    assert len(server.of(LOGS)) == 3


@pytest.mark.parametrize(
    "fault", [Fault(LOGS, after_taking=False), Fault(LOGS, after_taking=True)], ids=["before", "after"]
)
def test_a_lost_connection_is_no_loss(server: BraintrustServer, writing: Writing, fault: Fault) -> None:
    """Whether the server has taken the rows or not, they are sent again under the same ids."""
    server.faults = [fault]
    put(writing, submit(row("a")))
    assert (list(server.rows), len(server.of(LOGS))) == (["a"], 2)


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b'{"ids":'])
def test_a_success_that_is_none_is_not_believed(server: BraintrustServer, writing: Writing, body: bytes) -> None:
    """Rows are acknowledged by an answer in JSON only."""
    server.faults = [Fault(LOGS, 200, body)]
    put(writing, submit(row("a")))
    assert len(server.of(LOGS)) == 2


@pytest.mark.parametrize("after", ["0", formatdate(0, usegmt=True)], ids=["seconds", "date"])
def test_retry_after_is_obeyed(
    server: BraintrustServer, writing: Writing, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time that a server asks for is waited, not ours."""
    monkeypatch.setattr(api, "FIRST_WAIT", 1000.0)
    server.faults = [Fault(LOGS, 429, b"slow down", {"Retry-After": after})]
    put(writing, submit(row("a")))
    assert "a" in server.rows


def test_a_server_that_wants_too_long_a_rest_is_given_up(server: BraintrustServer, writing: Writing) -> None:
    """Hours are not waited."""
    server.faults = [Fault(LOGS, 503, b"come tomorrow", {"Retry-After": "86400"})]
    with pytest.raises(NetworkError, match="come tomorrow"):
        put(writing, submit(row("a")))


def test_one_bad_row_does_not_lose_its_batch(server: BraintrustServer, writing: Writing) -> None:
    """A refused request is halved down to the row at fault; its neighbours are stored."""
    server.faults = [Fault(LOGS, 400, b'{"Message":"bad row"}', times=-1, when=lambda body: b'"00037"' in body)]
    outcomes = put(writing, *map(single, many(100)))
    assert [n for n, one in enumerate(outcomes) if one.status == "rejected"] == [37]
    problem = outcomes[37].problem
    assert problem is not None and "bad row" in problem.message and "00037" in problem.message
    assert len(server.rows) == 99


def test_a_tree_is_halved_too(server: BraintrustServer, writing: Writing) -> None:
    """Within a record the rows that are not at fault go through as well; the record counts as rejected."""
    server.faults = [Fault(LOGS, 422, b"no", times=-1, when=lambda body: b'"id":"b"' in body)]
    outcomes = put(writing, submit(row("a"), row("b", "a"), row("c", "a")), submit(row("z", trace="z")))
    assert [one.status for one in outcomes] == ["rejected", "new"]
    assert sorted(server.rows) == ["a", "c", "z"]


def test_what_is_too_long_is_sent_in_halves(server: BraintrustServer, writing: Writing) -> None:
    """413 without an advertised limit finds what the server takes; a row that is alone too long is rejected."""
    server.faults = [Fault(LOGS, 413, b"big", times=-1, when=lambda body: len(body) > 3000)]
    outcomes = put(
        writing, *map(single, many(20, input=f'"{"x" * 200}"')), single(row("long", trace="l", input=f'"{"x" * 5000}"'))
    )
    assert [one.status for one in outcomes] == ["new"] * 20 + ["rejected"]
    assert outcomes[20].problem and outcomes[20].problem.code == "too_large"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_run(server: BraintrustServer, writing: Writing, status: int) -> None:
    """No row is at fault when the key is."""
    server.faults = [Fault(LOGS, status, b"no", times=-1)]
    with pytest.raises(CredentialsError):
        put(writing, submit(row("a")))
    assert len(server.of(LOGS)) == 1


def test_giving_up_says_what_is_not_acknowledged(server: BraintrustServer, writing: Writing) -> None:
    """What others in flight have brought home is not counted as missing."""
    server.faults = [Fault(LOGS, 500, b"down", times=-1, when=lambda body: b'"01500"' in body)]
    with pytest.raises(
        NetworkError, match=r"down.*1,000 of 2,500 spans were not acknowledged, the first of them 01000"
    ):
        put(writing, *map(single, many(2500)))


def test_two_versions_of_a_row_are_one(server: BraintrustServer, writing: Writing) -> None:
    """Versions of a row that meet in one request are merged before it is sent."""
    outcomes = put(writing, single(row("a", input="1")), single(row("a", output="2")))
    assert outcomes == [Outcome("new", new=1), Outcome("folded", folded=1)]
    (sent,) = server.of(LOGS)
    assert [(one["input"], one["output"]) for one in sent.json["rows"]] == [(1, 2)]


def test_a_row_never_overtakes_itself(server: BraintrustServer, writing: Writing) -> None:
    """A request waits for the one before it that has a row of the same id."""
    server.faults = [Fault(LOGS, 500, b"later", when=lambda body: b'"input":1' in body)]
    commit(writing, single(row("a", input="1")))
    commit(writing, single(row("a", input="2")))
    writing.drain()
    assert [one.json["rows"][0]["input"] for one in server.of(LOGS)] == [1, 1, 2]


@pytest.mark.parametrize("conflict", ["skip", "error"])
def test_what_needs_a_look_is_refused(writing: Writing, conflict: str) -> None:
    """A store that can't look at what it has says so."""
    with pytest.raises(UsageError, match=conflict):
        writing.add(submit(row("a"), conflict=conflict))  # type: ignore[arg-type]


def test_a_wrong_key(server: BraintrustServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused login names the variable of the key."""
    server.key = "right"
    monkeypatch.setenv("BRAINTRUST_API_KEY", "wrong")
    with pytest.raises(CredentialsError) as caught:
        open_store(server.url, "write")
    assert "BRAINTRUST_API_KEY" in (caught.value.hint or "") and "wrong" not in caught.value.message


def test_no_key_for_another_host() -> None:
    """Without a key nobody elsewhere is asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRAINTRUST_API_KEY", raising=False)
        with pytest.raises(CredentialsError, match="no API key"):
            open_store("https://far.example", "write")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/api/apikey/login", 404, b"what?"),
        Fault("/api/apikey/login", 200, b"<html>"),
        Fault("/api/apikey/login", 302),
    ],
)
def test_a_wrong_address(server: BraintrustServer, fault: Fault) -> None:
    """A server that is something else is told apart from one that fails."""
    server.faults = [fault]
    with pytest.raises(UsageError, match="does not speak"):
        open_store(server.url, "write")


def test_nobody_there() -> None:
    """An address where nobody answers is a failure of the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "FIRST_WAIT", 0.01)
        with pytest.raises(NetworkError):
            open_store("http://127.0.0.1:1", "write")


def test_the_organisation_is_chosen_by_name(server: BraintrustServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """BRAINTRUST_ORG_NAME says whose projects are meant; a name that is none lists the others."""
    monkeypatch.setenv("BRAINTRUST_ORG_NAME", "second org")
    store = open_store(server.url, "write")
    assert store.link(Container("p/q", "e 1")) == f"{server.url}/app/second%20org/p/p%2Fq/experiments/e%201"
    assert store.link(Container("p")) == f"{server.url}/app/second%20org/p/p/logs"
    store.close()
    monkeypatch.setenv("BRAINTRUST_ORG_NAME", "third")
    with pytest.raises(NotFoundError) as caught:
        open_store(server.url, "write")
    assert "first, second org" in (caught.value.hint or "")

"""What a program that logs needs of a store, the same of a file and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import cast
from uuid import uuid4

import orjson
import pytest

from bt_cli.errors import NotFoundError
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.attachments import Reference
from bt_cli.spans.container import Container
from bt_cli.spans.experiment_lines import Line
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms
from bt_cli.stores import open_store
from bt_cli.stores.base import Conflict, Outcome, ReadStats, Submission
from bt_cli.stores.experiments import Summarised
from bt_cli.stores.logging import LoggingStore
from bt_cli.tracing.attachments import Attachment, ExternalAttachment, JSONAttachment
from builders import row
from serving import serving

_numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", "http"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoggingStore]:
    """A store of each kind, for all tests of the module: each has a project of its own."""
    path: Path = tmp_path_factory.mktemp("logging") / "spans.db"
    if request.param == "sqlite":
        with closing(open_store(str(path), "serve")) as opened:
            yield cast("LoggingStore", opened)
    else:
        with serving(path) as server, closing(open_store(server.url, "serve")) as opened:
            yield cast("LoggingStore", opened)


@pytest.fixture
def logs() -> Container:
    """The logs of a project that nothing was logged to."""
    return Container(f"project {next(_numbers)}")


def give(store: LoggingStore, container: Container, *rows: Row, conflict: Conflict = "merge", **terms: object) -> None:
    """Stores rows on the same terms, each by itself."""
    for one in rows:
        assert offered(store, container, one, conflict=conflict, **terms).problem is None


def offered(
    store: LoggingStore, container: Container, one: Row, *, conflict: Conflict = "merge", **terms: object
) -> Outcome:
    """What becomes of a row."""
    submission = Submission([one], None, conflict, tree=False, terms=Terms(**terms))
    ((outcome,),) = store.apply([(container, [submission])]).outcomes
    return outcome


def stored(store: LoggingStore, container: Container) -> list[Row]:
    """All rows of a container, in the order of the store."""
    return [one for trace in store.read_traces(container, SpanFilter(), ReadStats()) for one in trace]


def test_a_row_is_stored_and_read_back(store: LoggingStore, logs: Container) -> None:
    """Linkage and payload come back as they were given."""
    given = row("a", created="2026-01-02T03:04:05Z", time=1767323045.0, input='{"q":1}', span_attributes='{"name":"n"}')
    give(store, logs, given, conflict="replace")
    assert stored(store, logs) == [given]


def test_a_merge_changes_what_it_names(store: LoggingStore, logs: Container) -> None:
    """Objects are merged, and the rest stays."""
    give(store, logs, row("a", input='{"q":1}', metrics='{"start":1}'), row("a", metrics='{"end":2}'))
    (found,) = stored(store, logs)
    assert (found.input, found.metrics) == ('{"q":1}', '{"start":1,"end":2}')


def test_a_row_known_by_its_id_alone_keeps_its_place(store: LoggingStore, logs: Container) -> None:
    """An update that knows no more than an id changes no linkage."""
    give(store, logs, row("a"), row("b", "a"))
    give(store, logs, Row("b", "b", None, "[]", scores='{"good":1}'))
    found = {one.id: one for one in stored(store, logs)}
    assert found["b"] == row("b", "a", scores='{"good":1}')


def test_tags_are_united(store: LoggingStore, logs: Container) -> None:
    """Those of a later merge join the earlier ones."""
    give(store, logs, row("a", tags='["x"]'), row("a", tags='["x","y"]'))
    assert stored(store, logs)[0].tags == '["x","y"]'


def test_tags_are_replaced_where_that_is_asked_for(store: LoggingStore, logs: Container) -> None:
    """A path that is to be replaced is."""
    give(store, logs, row("a", tags='["x"]'))
    give(store, logs, row("a", tags='["y"]'), replaced=(("tags",),))
    assert stored(store, logs)[0].tags == '["y"]'


def test_tags_are_taken_out(store: LoggingStore, logs: Container) -> None:
    """Items that are to go from an array are gone."""
    give(store, logs, row("a", tags='["x","y"]'))
    give(store, logs, row("a"), removed=((("tags",), '["x"]'),))
    assert stored(store, logs)[0].tags == '["y"]'


def test_a_row_is_deleted(store: LoggingStore, logs: Container) -> None:
    """A row that is to go is gone."""
    give(store, logs, row("a"), row("b", trace="b"))
    give(store, logs, row("b", trace="b"), deleted=True)
    assert [one.id for one in stored(store, logs)] == ["a"]


def test_a_comment_joins_its_row(store: LoggingStore, logs: Container) -> None:
    """What is said about a row is found in it."""
    give(store, logs, row("a"))
    give(store, logs, Row("a", "a", None, "[]"), comment='{"id":"c1","comment":{"text":"well"}}')
    (found,) = stored(store, logs)
    assert found.extra is not None
    ((comment),) = orjson.loads(found.extra)["comments"]
    assert (comment["id"], comment["comment"]) == ("c1", {"text": "well"})


def test_a_refused_row_refuses_no_other(store: LoggingStore, logs: Container) -> None:
    """A row that can't be stored has a problem, and its neighbours are stored."""
    give(store, logs, row("a"))
    batch = [
        Submission([one], None, "merge", tree=False, terms=Terms())
        for one in (row("b", trace="b"), row("a", trace="other"), row("c", trace="c"))
    ]
    ((first, second, third),) = store.apply([(logs, batch)]).outcomes
    assert (first.status, third.status) == ("new", "new")
    assert second.problem is not None
    assert second.problem.code == "id_in_other_trace"
    assert {one.id for one in stored(store, logs)} == {"a", "b", "c"}


def test_batches_go_to_their_containers(store: LoggingStore, logs: Container) -> None:
    """One call stores rows of several containers."""
    nightly = Container(logs.project, "nightly")
    batches = [
        (place, [Submission([row("a")], None, "replace", tree=False, terms=Terms())]) for place in (logs, nightly)
    ]
    assert [[one.status for one in some] for some in store.apply(batches).outcomes] == [["new"], ["new"]]
    assert [len(stored(store, place)) for place in (logs, nightly)] == [1, 1]


def test_an_object_is_registered_once(store: LoggingStore, logs: Container) -> None:
    """The second registration finds the first, with what was said of it then."""
    nightly = Container(logs.project, "nightly")
    made = store.register(nightly, {"description": "all night"})
    again = store.register(nightly, {"description": "other"})
    assert (again.id, again.container) == (made.id, nightly)
    assert (made.about["description"], again.about["description"]) == ("all night", "all night")


def test_a_fresh_experiment_has_a_name_of_its_own(store: LoggingStore, logs: Container) -> None:
    """A name that is taken gets eight hexadecimal digits."""
    nightly = Container(logs.project, "nightly")
    first, second = (store.register(nightly, {}, fresh=True) for _ in range(2))
    assert first.container == nightly
    name = second.container.name
    assert name.startswith("nightly-")
    assert len(bytes.fromhex(name.removeprefix("nightly-"))) == 4


def test_a_nameless_experiment_gets_a_name(store: LoggingStore, logs: Container) -> None:
    """Each is another one."""
    names = {store.register(Container(logs.project, ""), {}).container.name for _ in range(2)}
    assert len(names) == 2
    assert all(name.strip() for name in names)


@pytest.mark.parametrize("name", [None, "nightly"])
def test_an_object_is_found_by_its_id(store: LoggingStore, logs: Container, name: str | None) -> None:
    """A project and an experiment, by name and project."""
    container = Container(logs.project, name)
    made = store.register(container, {})
    found = store.object_by_id(container.kind, made.id)
    assert found is not None
    assert (found.container, found.id) == (container, made.id)


def test_an_unknown_id_is_none(store: LoggingStore) -> None:
    """Nothing is found, and nothing made."""
    assert store.object_by_id("experiment", "3f0c1d9e-0000-4000-8000-000000000000") is None


def reference(key: str) -> Reference:
    return Reference("a b.bin", "application/x-test", key)


@pytest.mark.parametrize("content", [b"", b"few bytes", bytes(range(256)) * 40_000], ids=["empty", "short", "long"])
def test_an_attachment_comes_back(store: LoggingStore, content: bytes) -> None:
    """Bytes that are attached under a key are read under it."""
    key = str(uuid4())
    assert store.attach(content, "a b.bin", "application/x-test", key) == key
    assert b"".join(store.attachment_content(reference(key))) == content
    known = store.attachment(reference(key))
    assert known is not None
    assert (known.status, known.size) == ("done", len(content))
    assert known.place


def test_an_attachment_without_a_key_gets_one(store: LoggingStore) -> None:
    """The store thinks of it."""
    key = store.attach(b"bytes", "f", "text/plain")
    assert b"".join(store.attachment_content(reference(key))) == b"bytes"


def test_an_attachment_under_a_key_is_replaced(store: LoggingStore) -> None:
    """The later content counts."""
    for content in (b"earlier", b"later"):
        store.attach(content, "f", "text/plain", "twice")
    assert b"".join(store.attachment_content(reference("twice"))) == b"later"


def test_an_unknown_attachment_is_none(store: LoggingStore) -> None:
    """Its content is not found either."""
    assert store.attachment(reference("nobody's")) is None
    with pytest.raises(NotFoundError):
        list(store.attachment_content(reference("nobody's")))


def test_logged_attachments_are_kept(store: LoggingStore, tmp_path: Path) -> None:
    """Bytes, files and JSON, under the keys of their references; what lies elsewhere stays there."""
    (tmp_path / "f").write_bytes(b"in a file")
    logged = [
        Attachment(data=b"bytes", filename="b", content_type="text/plain"),
        Attachment(data=str(tmp_path / "f"), filename="f", content_type="text/plain"),
        JSONAttachment({"a": [1]}, pretty=True),
    ]
    for one in (*logged, ExternalAttachment(url="s3://b/k", filename="f", content_type="text/plain")):
        one.bring(store)
    kept = [b"".join(store.attachment_content(reference(one.reference["key"]))) for one in logged]
    assert kept == [b"bytes", b"in a file", b'{\n  "a": [\n    1\n  ]\n}']


def test_files_of_a_store_in_memory_end_with_it() -> None:
    """They lie in a folder that goes."""
    with closing(open_store(":memory:", "serve")) as opened:
        store = cast("LoggingStore", opened)
        store.attach(b"bytes", "f", "text/plain", "k")
        known = store.attachment(reference("k"))
        assert known is not None
        assert known.place is not None
        place = Path(known.place)
        assert place.read_bytes() == b"bytes"
    assert not place.exists()


def evaluated(store: LoggingStore, logs: Container, name: str, scores: list[float]) -> str:
    """The id of a new experiment with a trace for each score; the n-th has the input n and takes n + 1 seconds."""
    made = store.register(Container(logs.project, name), {}, fresh=True)
    rows = [
        row(
            f"{number}",
            trace=f"{number}",
            input=f"{number}",
            scores=f'{{"good":{score}}}',
            metrics=f'{{"start":100,"end":{101 + number},"tokens":5}}',
        )
        for number, score in enumerate(scores)
    ]
    give(store, made.container, *rows, conflict="replace")
    return made.id


def test_an_experiment_is_summed_up_beside_another(store: LoggingStore, logs: Container) -> None:
    """Means over its traces, and differences over the cases that both have."""
    one = evaluated(store, logs, "one", [0.5, 0.5])
    two = evaluated(store, logs, "two", [1.0, 0.25, 1.0])
    found = store.summarize(two, one)
    assert found == Summarised(
        "one",
        [
            Line("good", "score", 0.75, "", 0.125, 1, 1),
            Line("duration", "metric", 2.0, "s", 0.0, 0, 0),
        ],
    )


def test_an_experiment_alone_has_no_differences(store: LoggingStore, logs: Container) -> None:
    """The first one of its project is compared with none."""
    found = store.summarize(evaluated(store, logs, "one", [0.5]))
    assert found.base is None
    assert found.lines[0] == Line("good", "score", 0.5, "", None, 0, 0)


def test_an_experiment_is_compared_with_its_base(store: LoggingStore, logs: Container) -> None:
    """The one that it was registered with."""
    one = evaluated(store, logs, "one", [0.5])
    two = store.register(Container(logs.project, "two"), {"base_exp_id": one}, fresh=True)
    assert store.summarize(two.id).base == "one"


def test_an_unknown_experiment_is_not_summed_up(store: LoggingStore) -> None:
    """Its id is nobody's."""
    with pytest.raises(NotFoundError):
        store.summarize("3f0c1d9e-0000-4000-8000-000000000000")


def test_outcomes_tell_new_from_changed(store: LoggingStore, logs: Container) -> None:
    """A new trace, a new row of a stored one, which is changed by it, a changed row, and one as it was."""
    told = [offered(store, logs, one) for one in (row("a"), row("b", "a"), row("a", output="1"), row("a", output="1"))]
    assert told == [
        Outcome("new", new=1),
        Outcome("changed", new=1),
        Outcome("changed", changed=1),
        Outcome("unchanged", unchanged=1),
    ]

"""The SQLite store as a server needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bt_cli.errors import NotFoundError
from bt_cli.query.filters import And, Condition, Or, Test
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.serving import RowsAsked
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from builders import row
from storing import HERE, THERE

NIGHTLY = Container("here", "nightly")
GOLDEN = Container("here", dataset="golden")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ServingSqliteStore]:
    opened = ServingSqliteStore(str(tmp_path / "spans.db"))
    yield opened
    opened.close()


def post(
    store: ServingSqliteStore, *rows: Row, container: Container = HERE, merges: bool = False, **terms: object
) -> list[Outcome]:
    """Stores rows as a server does; their outcomes."""
    conflict = "merge" if merges else "replace"
    batch = [Submission([one], None, conflict, tree=False, terms=Terms(**terms)) for one in rows]
    (outcomes,) = store.apply([(container, batch)]).outcomes
    return outcomes


def ids(store: ServingSqliteStore, test: Test | None = None, **asked: object) -> list[str]:
    """The ids of the rows asked for."""
    return [one.row.id for one in store.rows(RowsAsked([HERE], test, **asked))]


def test_a_project_is_there_with_its_experiment(store: ServingSqliteStore) -> None:
    """Whoever makes an experiment has a project."""
    store.open_object(NIGHTLY, {})
    (found,) = store.objects("project_logs")
    assert (found.container, found.id) == (HERE, container_id(HERE))


@pytest.mark.parametrize("named", [{"id": container_id(HERE)}, {"name": "here"}, {"project": "here"}])
def test_a_project_without_logs_is_found(store: ServingSqliteStore, named: dict[str, str]) -> None:
    """By id or name, though nothing was ever logged to it."""
    store.open_object(NIGHTLY, {})
    assert [one.container for one in store.objects("project_logs", **named)] == [HERE]


@pytest.mark.parametrize("named", [{"id": "x"}, {"name": "there"}, {"project": "here", "name": "there"}])
def test_what_is_not_there_is_not_found(store: ServingSqliteStore, named: dict[str, str]) -> None:
    """Names and ids match exactly."""
    store.open_object(NIGHTLY, {})
    assert store.objects("project_logs", **named) == []


def test_objects_are_found_by_kind(store: ServingSqliteStore) -> None:
    """An experiment and a dataset of one name are two things."""
    golden = Container("here", "golden")
    for one in (GOLDEN, golden):
        store.open_object(one, {})
    assert [one.container for one in store.objects("dataset", project="here", name="golden")] == [GOLDEN]
    assert [one.container for one in store.objects("experiment", id=container_id(golden))] == [golden]


def test_an_object_is_made_once(store: ServingSqliteStore) -> None:
    """The second time it is there, as it was described at first."""
    made, there = store.open_object(NIGHTLY, {"description": "first"})
    again, there_now = store.open_object(NIGHTLY, {"description": "second"})
    assert (there, there_now, again) == (False, True, made)


def test_what_is_said_of_an_object_changes_member_by_member(store: ServingSqliteStore) -> None:
    """A null takes a member away."""
    store.open_object(NIGHTLY, {"description": "d", "tags": ["a"]})
    assert store.describe(NIGHTLY, {"tags": None, "public": True}).about == {"description": "d", "public": True}


def test_a_project_without_logs_can_be_described(store: ServingSqliteStore) -> None:
    """Its place is made then."""
    store.open_object(NIGHTLY, {})
    assert store.describe(HERE, {"description": "d"}).about == {"description": "d"}


def test_what_is_not_there_cannot_be_described(store: ServingSqliteStore) -> None:
    """Describing makes nothing."""
    with pytest.raises(NotFoundError):
        store.describe(HERE, {"description": "d"})


def test_outcomes_tell_new_traces_from_grown_ones(store: ServingSqliteStore) -> None:
    """A new row of a stored trace has changed that trace."""
    assert post(store, row("a"), row("b", "a")) == [Outcome("new", new=1)] * 2
    assert post(store, row("c", "a"), row("d", trace="d")) == [Outcome("changed", new=1), Outcome("new", new=1)]


def test_the_same_rows_change_nothing(store: ServingSqliteStore) -> None:
    """A client that sends a batch again doubles nothing."""
    post(store, row("a", input="1"), row("b", "a"))
    assert post(store, row("a", input="1"), row("b", "a")) == [Outcome("unchanged", unchanged=1)] * 2


def test_a_full_row_may_move_to_another_trace(store: ServingSqliteStore) -> None:
    """A replacement says where it belongs; an emptied trace is gone."""
    post(store, row("a", trace="t"))
    post(store, row("a", trace="u"))
    assert [one.row.root_span_id for one in store.rows(RowsAsked([HERE]))] == ["u"]
    assert [info.traces for info in store.containers()] == [1]


def test_a_merge_into_another_trace_is_refused(store: ServingSqliteStore) -> None:
    """Rule 2.2: an id of another trace is never merged into."""
    post(store, row("a", trace="t"))
    (outcome,) = post(store, row("a", trace="u"), merges=True)
    assert outcome.problem and outcome.problem.code == "id_in_other_trace"


def test_an_update_by_id_reaches_its_row(store: ServingSqliteStore) -> None:
    """A row that names no trace is merged where it is."""
    post(store, row("a"), row("b", "a"))
    post(store, row("b", trace=None, scores='{"q":1}'), merges=True)
    assert [one.row for one in store.rows(RowsAsked([HERE], Condition("id", "=", "b")))] == [
        row("b", "a", scores='{"q":1}')
    ]


def test_rows_are_found_by_a_pattern(store: ServingSqliteStore) -> None:
    """The first thing that is asked of a store may be a test that SQLite alone does not know."""
    post(store, row("a", input='"apple"'), row("b", "a", input='"pear"'))
    assert ids(store, Condition("input", "like", "%pl%")) == ["a"]


def test_a_row_that_waits_for_its_parent_finds_its_trace(store: ServingSqliteStore) -> None:
    """A row without a trace gets that of its parent, once this is stored."""
    post(store, row("b", "a", trace=None))
    post(store, row("a", trace="t"))
    assert {one.row.root_span_id for one in store.rows(RowsAsked([HERE]))} == {"t"}


def test_a_deleted_row_is_gone(store: ServingSqliteStore) -> None:
    """With its trace, where it was the last; a later row of its id is new."""
    post(store, row("a"))
    assert post(store, row("a"), deleted=True) == [Outcome("changed", changed=1)]
    assert post(store, row("a"), deleted=True) == [Outcome("unchanged", unchanged=1)]
    assert [info.traces for info in store.containers()] == [0]
    assert post(store, row("a")) == [Outcome("new", new=1)]


def test_deletions_keep_their_place_in_a_batch(store: ServingSqliteStore) -> None:
    """A row that is deleted and sent again is there."""
    batch = [
        Submission([row("a", input=value)], None, "replace", tree=False, terms=Terms(deleted=deleted))
        for value, deleted in (("1", False), ("1", True), ("2", False))
    ]
    store.apply([(HERE, batch)])
    assert [one.row.input for one in store.rows(RowsAsked([HERE]))] == ["2"]


def test_transactions_grow(store: ServingSqliteStore) -> None:
    """Each has a number above all before it, which its rows carry."""
    numbers = [store.apply([(HERE, [Submission([row(name)], None, "replace", terms=Terms())])]).xact for name in "abc"]
    assert numbers == sorted(set(numbers))
    assert store.last_transaction() == numbers[-1] == store.rows(RowsAsked([HERE], limit=1))[0].xact


def test_nothing_of_a_failed_transaction_is_stored(store: ServingSqliteStore) -> None:
    """All batches or none."""
    store.db.execute("CREATE TRIGGER full BEFORE INSERT ON spans WHEN NEW.id = 'b' BEGIN SELECT RAISE(FAIL, 'no'); END")
    good = [Submission([row("a")], None, "replace", terms=Terms())]
    bad = [Submission([row("b")], None, "replace", terms=Terms())]
    with pytest.raises(Exception, match="no"):
        store.apply([(HERE, good), (THERE, bad)])
    assert store.containers() == []


@pytest.fixture
def filled(store: ServingSqliteStore) -> ServingSqliteStore:
    """Three traces: a with b, c alone, d with e."""
    post(store, row("a", created="2026-01-03", time=3.0), row("b", "a", input="1"))
    post(store, row("c", trace="c", created="2026-01-01", time=1.0))
    post(store, row("d", trace="d", created="2026-01-02", time=2.0), row("e", "d", trace="d", span_id="s"))
    post(store, row("z", trace="z"), container=THERE)
    return store


def test_rows_come_newest_first(filled: ServingSqliteStore) -> None:
    """By arrival, the last trace first."""
    assert ids(filled) == ["e", "d", "c", "b", "a"]


def test_rows_come_oldest_first(filled: ServingSqliteStore) -> None:
    """The other way round."""
    assert ids(filled, newest_first=False) == ["a", "b", "c", "d", "e"]


def test_rows_come_by_created(filled: ServingSqliteStore) -> None:
    """By the time that is shown of them: of timeless ones that of their arrival."""
    assert ids(filled, sort="created") == ["e", "b", "a", "d", "c"]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_make_up_the_whole(filled: ServingSqliteStore, newest_first: bool, size: int) -> None:
    """Each page goes on behind the last row of the one before."""
    found: list[str] = []
    after = None
    while page := filled.rows(RowsAsked([HERE], None, "spans", "place", newest_first, after, size)):
        found += [one.row.id for one in page]
        after = page[-1].place
    assert found == ids(filled, newest_first=newest_first)


def test_rows_of_several_containers(filled: ServingSqliteStore) -> None:
    """Each row says where it is; a container that is not there has none."""
    rows = filled.rows(RowsAsked([THERE, HERE, NIGHTLY], limit=2))
    assert [(one.row.id, one.container) for one in rows] == [("z", THERE), ("e", HERE)]
    assert filled.rows(RowsAsked([NIGHTLY])) == []


BY_ID = Condition("id", "=", "b")
BY_SPAN = Condition("span_id", "=", "s")
BY_SPAN_AS_ID = Condition("span_id", "=", "c")
BY_TRACE = Condition("root_span_id", "=", "d")


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (BY_ID, ["b"]),
        (BY_SPAN, ["e"]),
        (BY_SPAN_AS_ID, ["c"]),
        (BY_TRACE, ["e", "d"]),
        (Or((BY_TRACE, Condition("root_span_id", "=", "c"))), ["e", "d", "c"]),
        (Or((BY_ID, BY_SPAN, BY_TRACE)), ["e", "d", "b"]),
        (Or((BY_ID, Condition("input", "is null"))), ["e", "d", "c", "b", "a"]),
        (And((BY_TRACE, Condition("input", "is null"))), ["e", "d"]),
        (And((Condition("input", "is null"), BY_TRACE)), ["e", "d"]),
        (Condition("input", "=", 1), ["b"]),
    ],
)
def test_rows_that_match(filled: ServingSqliteStore, test: Test, found: list[str]) -> None:
    """Whether or not an index helps to find them."""
    assert ids(filled, test) == found


def test_whole_traces_of_rows_that_match(filled: ServingSqliteStore) -> None:
    """With the shape ``traces`` one row brings all of its trace."""
    assert ids(filled, BY_ID, shape="traces") == ["b", "a"]
    assert ids(filled, Condition("input", "=", 1), shape="traces") == ["b", "a"]


def test_rows_end_with_the_one_that_is_too_much(filled: ServingSqliteStore) -> None:
    """So that large ones don't fill the memory; a first one is always given."""
    assert len(filled.rows(RowsAsked([HERE], most_bytes=1))) < len(filled.rows(RowsAsked([HERE])))

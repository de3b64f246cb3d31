"""How a row of Braintrust's API meets the stored one (wire protocol: merge semantics)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms, combined, first_version
from builders import row

NOW = "2026-01-02T03:04:05.000+00:00"
HI = '{"id":"c1","comment":{"text":"hi"}}'


def amendment(**fields: str) -> Row:
    """A row that names neither trace nor parents."""
    return Row("a", "a", None, "[]", **fields)


def started(seconds: float) -> Row:
    """A row that has a start and no ``created``."""
    made = row("a")
    made.time = seconds
    return made


def merged(stored: Row, new: Row, **terms: object) -> Row:
    """``new`` merged into ``stored``."""
    return combined(stored, new, True, Terms(**terms))


def replaced(stored: Row, new: Row, **terms: object) -> Row:
    """``new`` in place of ``stored``."""
    return combined(stored, new, False, Terms(**terms))


def test_a_first_amendment_begins_a_trace() -> None:
    """A row that names no trace and is not stored is the root of its own."""
    assert first_version(amendment(input="1"), Terms()) == row("a", input="1")


def test_a_first_row_keeps_its_trace() -> None:
    """What names its trace is stored as it came."""
    assert first_version(row("a", "p", trace="t"), Terms()) == row("a", "p", trace="t")


def test_a_first_row_gets_the_time_of_its_arrival() -> None:
    """A row that says nothing of its time has the one of its terms."""
    first = first_version(row("a"), Terms(created=NOW))
    assert (first.created, first.time) == (NOW, 1767323045.0)


def test_a_row_with_a_start_needs_no_arrival() -> None:
    """Where the start is known, ``created`` is not made up."""
    assert first_version(started(5.0), Terms(created=NOW)).created is None


def test_tags_are_united() -> None:
    """A merge keeps stored tags first, each once."""
    assert merged(row("a", tags='["x","y"]'), row("a", tags='["z", "x"]')).tags == '["x","y","z"]'


def test_tags_that_a_path_names_are_replaced() -> None:
    """``_merge_paths`` with tags stops their union."""
    assert merged(row("a", tags='["x"]'), row("a", tags='["z"]'), replaced=(("tags",),)).tags == '["z"]'


def test_tags_that_are_no_list_are_replaced() -> None:
    """A null in place of tags replaces them."""
    assert merged(row("a", tags='["x"]'), row("a", tags="null")).tags == "null"


@pytest.mark.parametrize(
    ("path", "metadata"),
    [
        (("metadata",), '{"m":{"b":2}}'),
        (("metadata", "m"), '{"k":1,"m":{"b":2}}'),
        (("metadata", "other"), '{"k":1,"m":{"a":1,"b":2}}'),
    ],
)
def test_a_merge_stops_at_a_path(path: tuple[str, ...], metadata: str) -> None:
    """What lies at one of the paths is replaced as a whole, the rest merged."""
    stored = row("a", metadata='{"k":1,"m":{"a":1}}')
    assert merged(stored, row("a", metadata='{"m":{"b":2}}'), replaced=(path,)).metadata == metadata


def test_a_merge_stops_at_an_unknown_key() -> None:
    """A path may lead into a member that is no field of rows."""
    stored = row("a", extra='{"own":{"a":1}}')
    assert merged(stored, row("a", extra='{"own":{"b":2}}'), replaced=(("own",),)).extra == '{"own":{"b":2}}'


@pytest.mark.parametrize(
    ("path", "gone", "metadata"),
    [
        (("metadata", "l"), '[1,"x"]', '{"l":[2],"n":3}'),
        (("metadata", "l"), "[1.0]", '{"l":["x",2],"n":3}'),
        (("metadata", "n"), "[3]", '{"l":[1,"x",2],"n":3}'),
        (("metadata", "absent"), "[3]", '{"l":[1,"x",2],"n":3}'),
        (("metadata", "n", "deeper"), "[3]", '{"l":[1,"x",2],"n":3}'),
        (("input",), "[3]", '{"l":[1,"x",2],"n":3}'),
        (("id",), "[3]", '{"l":[1,"x",2],"n":3}'),
    ],
)
def test_array_delete_takes_items_out(path: tuple[str, ...], gone: str, metadata: str) -> None:
    """Items equal to those listed leave the array at a path; where there is none, nothing happens."""
    stored = row("a", metadata='{"l":[1,"x",2],"n":3}')
    assert merged(stored, row("a", output="1"), removed=((path, gone),)).metadata == metadata


def test_a_replacement_drops_what_was_there() -> None:
    """Without ``_is_merge`` the new row is all there is."""
    assert replaced(row("a", input="1"), row("a", output="2")) == row("a", output="2")


def test_a_replacement_keeps_the_trace_it_does_not_name() -> None:
    """A row without span ids stays where it is stored."""
    found = replaced(row("a", "p", trace="t", span_id="s"), amendment(input="1"))
    assert (found.span_id, found.root_span_id, found.span_parents) == ("s", "t", '["p"]')


def test_a_replacement_keeps_the_time_it_does_not_name() -> None:
    """Sending a row again does not make it younger."""
    stored = row("a", created=NOW, time=1767323045.0)
    assert replaced(stored, row("a"), created="2027-01-01T00:00:00Z") == stored


def test_a_replacement_of_a_timeless_row_gets_a_time() -> None:
    """Where neither version has a time, that of the arrival counts."""
    assert replaced(row("a"), row("a"), created=NOW).time == 1767323045.0


def test_a_replacement_of_a_timeless_row_by_our_own_client_stays_timeless() -> None:
    """Without a time of arrival none is made up."""
    assert replaced(row("a"), row("a")) == row("a")


def test_a_replacement_with_a_start_has_its_own_time() -> None:
    """What says when it was, is not given another time."""
    assert replaced(row("a", created=NOW, time=1767323045.0), started(5.0), created=NOW) == started(5.0)


def test_a_replacement_keeps_comments() -> None:
    """What was said about a row is not part of its next version."""
    stored = row("a", extra=f'{{"comments":[{HI}],"own":1}}')
    assert replaced(stored, row("a", extra='{"k":2}')).extra == f'{{"comments":[{HI}],"k":2}}'
    assert replaced(stored, row("a")).extra == f'{{"comments":[{HI}]}}'


ENTRY, OTHER = '{"source":"external","metadata":null}', '{"source":"app","metadata":{"who":1}}'


@pytest.mark.parametrize("combine", [merged, replaced])
def test_who_gave_feedback_is_kept_once_each(combine: Callable[..., Row]) -> None:
    """The same feedback that comes again changes nothing, another one is added, and a new version keeps them."""
    once = combine(row("a"), row("a"), audit=ENTRY)
    assert once.extra == f'{{"audit_data":[{ENTRY}]}}'
    assert combine(once, row("a"), audit=ENTRY) == combine(once, row("a")) == once
    assert combine(once, row("a"), audit=OTHER).extra == f'{{"audit_data":[{ENTRY},{OTHER}]}}'


def test_who_gave_feedback_on_a_new_row() -> None:
    """The row may come after what is said of it."""
    assert first_version(row("a", extra='{"audit_data":[]}'), Terms(audit=ENTRY)).extra == f'{{"audit_data":[{ENTRY}]}}'


def test_a_comment_is_added() -> None:
    """A comment changes nothing but the list of comments."""
    stored = row("a", input="1", extra='{"own":1}')
    assert merged(stored, amendment(), comment=HI) == row("a", input="1", extra=f'{{"own":1,"comments":[{HI}]}}')


def test_a_comment_with_a_known_id_is_the_later_version() -> None:
    """A comment that is sent again is there once."""
    stored = row("a", extra=f'{{"comments":[{HI},{{"comment":{{"text":"nameless"}}}}]}}')
    again = '{"id":"c1","comment":{"text":"edited"}}'
    assert merged(stored, amendment(), comment=again).extra == (
        f'{{"comments":[{again},{{"comment":{{"text":"nameless"}}}}]}}'
    )


def test_a_comment_may_come_before_its_row() -> None:
    """A comment on a row that is not stored makes its place."""
    assert first_version(amendment(), Terms(comment=HI)) == row("a", extra=f'{{"comments":[{HI}]}}')


def test_comments_that_are_no_list_make_way() -> None:
    """A member of the same name with another shape does not keep comments out."""
    assert merged(row("a", extra='{"comments":null}'), amendment(), comment=HI).extra == f'{{"comments":[{HI}]}}'

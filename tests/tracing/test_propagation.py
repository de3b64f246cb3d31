"""W3C headers go to and come from programs with Braintrust's own package, and what is others' is passed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import braintrust
import pytest
from braintrust.logger import _internal_with_memory_background_logger
from braintrust.propagation import format_traceparent, merge_baggage, parse_baggage, parse_traceparent
from braintrust.test_helpers import init_test_logger
from hypothesis import given
from hypothesis import strategies as some

from bt_cli.spans.slugs import Slug
from bt_cli.tracing.propagation import Continued, Inbound, continued, extract, inject, parent_of, slug_of

TRACE = "fedcba98765432100123456789abcdef"
SPAN = "0123456789abcdef"
TRACEPARENT = f"00-{TRACE}-{SPAN}-01"


def slug(**place: Any) -> Slug:
    """A span of this trace, in a project unless somewhere else."""
    return Slug("project_logs", **(place or {"object_id": "p"}), row_id="r", span_id=SPAN, root_span_id=TRACE)


def injected(carrier: dict[str, str] | None = None, inbound: Inbound | None = None, **place: Any) -> dict[str, str]:
    carrier = {} if carrier is None else carrier
    inject(carrier, slug(**place), inbound)
    return carrier


def test_headers_name_the_span_and_its_container() -> None:
    """A span that began here is sampled."""
    assert injected() == {"traceparent": TRACEPARENT, "baggage": "braintrust.parent=project_id%3Ap"}


PARENTS = {
    "project_id:p": Slug("project_logs", "p"),
    "experiment_id:e": Slug("experiment", "e"),
    "project_name:a b/é:,;=%": Slug("project_logs", None, {"project_name": "a b/é:,;=%"}),
}


@pytest.mark.parametrize(("parent", "container"), PARENTS.items())
def test_a_container_has_words_and_words_a_container(parent: str, container: Slug) -> None:
    """There and back."""
    assert (parent_of(container), slug_of(parent)) == (parent, container)


@pytest.mark.parametrize("words", ["", "project_id", "project_id:", "project_name:", "dataset_id:d", "BAICAw=="])
def test_other_words_name_no_container(words: str) -> None:
    """Nothing is guessed."""
    assert slug_of(words) is None


def test_a_project_of_a_name_is_named_by_its_id_where_that_is_known() -> None:
    """The package writes both; an id means one project only."""
    assert parent_of(Slug("project_logs", None, {"project_name": "n", "project_id": "p"})) == "project_id:p"
    assert parent_of(Slug("project_logs", None, {"project_name": "n", "project_id": None})) == "project_name:n"


@pytest.mark.parametrize("container", [Slug("playground_logs", "p"), Slug("project_logs", None, {"other": 1})])
def test_a_container_without_words_is_left_out(container: Slug) -> None:
    """The headers name the span alone."""
    assert parent_of(container) is None
    carrier: dict[str, str] = {}
    inject(
        carrier,
        Slug(container.object_type, container.object_id, container.compute_object_metadata_args, "r", SPAN, TRACE),
    )
    assert carrier == {"traceparent": TRACEPARENT}


def test_headers_come_back_as_what_they_were() -> None:
    """The span, the container, and what is to be passed on."""
    headers = injected(inbound=Inbound("congo=t61rcWkgMzE", "00"))
    found = continued(headers)
    assert found == Continued(TRACE, SPAN, "project_id:p", Inbound("congo=t61rcWkgMzE", "00"))
    assert slug_of("project_id:p", found) == Slug("project_logs", "p", None, "bt-propagation", SPAN, TRACE)


def test_what_came_in_goes_out_as_it_was() -> None:
    """Trace state and flags of another vendor."""
    headers = injected(inbound=Inbound("a=1,b=2", "a3"))
    assert headers["tracestate"] == "a=1,b=2"
    assert headers["traceparent"].endswith("-a3")


def test_foreign_baggage_stays_byte_for_byte() -> None:
    """With its escapes and properties; another container is replaced."""
    foreign = "path=a%2Fb;ttl=3 , user=%C3%A9,braintrust.parent=project_id%3Aold,flag;x=1"
    headers = injected({"baggage": foreign})
    assert headers["baggage"] == "path=a%2Fb;ttl=3,user=%C3%A9,flag;x=1,braintrust.parent=project_id%3Ap"


def test_headers_of_other_spelling_are_found_and_replaced() -> None:
    """Frameworks write names with capitals; there is one header of a name at the end."""
    headers = injected({"Baggage": "a=1", "TraceParent": "old", "Accept": "*/*"})
    assert headers == {
        "Accept": "*/*",
        "traceparent": TRACEPARENT,
        "baggage": "a=1,braintrust.parent=project_id%3Ap",
    }
    found = continued({"Traceparent": f" {TRACEPARENT} ", "BAGGAGE": "braintrust.parent=experiment_id%3Ae;p=1"})
    assert found is not None
    assert found.parent == "experiment_id:e"


@pytest.mark.parametrize(
    "ids", [("r", "0" * 16, TRACE), ("r", SPAN, "0" * 32), ("r", "span", "trace"), (None, None, None)]
)
def test_ids_that_headers_cannot_have_leave_them_as_they_were(ids: Any) -> None:
    """Those of BRAINTRUST_LEGACY_IDS, for one."""
    carrier = {"Baggage": "a=1"}
    inject(carrier, Slug("project_logs", "p", None, *ids))
    assert carrier == {"Baggage": "a=1"}


WRONG = [
    "",
    "00",
    TRACEPARENT + "-00",
    TRACEPARENT.upper(),
    TRACEPARENT + "\n0",
    f"01-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE}-{SPAN}",
    f"00-{TRACE[1:]}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}-0x",
    b"bytes",
    None,
]


@pytest.mark.parametrize("traceparent", WRONG)
def test_a_wrong_traceparent_names_nothing(traceparent: Any) -> None:
    """The trace begins anew, whatever else the headers say; the package thinks so of the same."""
    headers = {"traceparent": traceparent, "baggage": "braintrust.parent=project_id%3Ap", "tracestate": "a=1"}
    assert (extract(headers), continued(headers), parse_traceparent(traceparent)) == (None, None, None)


def test_headers_that_are_no_text_are_none() -> None:
    """Nor do names that are none stand in the way; a program's headers raise nothing."""
    headers: Any = {5: "five", "baggage": b"a=1", "traceparent": TRACEPARENT, "tracestate": 7}
    assert continued(headers) == Continued(TRACE, SPAN, None, Inbound(None, "01"))
    assert injected(headers) == {
        5: "five",
        "traceparent": TRACEPARENT,
        "baggage": "braintrust.parent=project_id%3Ap",
        "tracestate": 7,
    }


def test_only_the_three_headers_are_extracted() -> None:
    """Under their own names, as they came."""
    headers = {"Authorization": "secret", "TRACEPARENT": TRACEPARENT, "Baggage": "a=%31", "tracestate": ""}
    assert extract(headers) == {"traceparent": TRACEPARENT, "baggage": "a=%31"}
    assert extract({}) is None


@pytest.mark.parametrize("baggage", ["", "a=1", "braintrust.parent", "braintrust.parent=", "=project_id%3Ap", ",,"])
def test_headers_may_name_no_container(baggage: str) -> None:
    """Then it is that of what is current."""
    found = continued({"traceparent": TRACEPARENT, "baggage": baggage})
    assert found is not None
    assert found.parent is None


texts = some.text(some.characters(codec="utf-8"), max_size=12)
members = (
    texts | some.builds("{}={}".format, texts, texts) | some.builds("{}={};{}".format, texts, texts.map(quote), texts)
)
long_members = some.integers(1, 5000).map(lambda size: "k=" + "é" * size)
baggages = some.lists(
    members | long_members | some.just("braintrust.parent=project_id%3Ax") | some.just("braintrust%2Eparent=a%3Ab"),
    max_size=80,
).map(",".join)
names = some.text(some.characters(codec="utf-8"), min_size=1, max_size=40)


@given(baggages, names)
def test_baggage_is_merged_as_the_official_package_does(baggage: str, name: str) -> None:
    """Also beyond the limits of the standard, where whole members are left out."""
    headers = injected({"baggage": baggage}, compute_object_metadata_args={"project_name": name})
    assert headers["baggage"] == merge_baggage(baggage, f"project_name:{name}")


@given(baggages)
def test_baggage_is_read_as_the_official_package_does(baggage: str) -> None:
    """The container in it."""
    found = continued({"traceparent": TRACEPARENT, "baggage": baggage})
    assert found is not None
    assert found.parent == (parse_baggage(baggage).get("braintrust.parent") or None)


hexadecimal = some.text("0123456789abcdefA-", max_size=34)


@given(some.tuples(hexadecimal, hexadecimal, hexadecimal).map("-".join) | some.text())
def test_traceparent_is_read_as_the_official_package_does(rest: str) -> None:
    """Whatever stands there."""
    theirs = parse_traceparent(f"00-{rest}")
    ours = continued({"traceparent": f"00-{rest}"})
    assert (ours and (ours.trace_id, ours.span_id, ours.inbound.flags)) == (theirs and tuple(theirs))


@given(some.binary(min_size=16, max_size=16), some.binary(min_size=8, max_size=8))
def test_traceparent_is_written_as_the_official_package_does(trace: bytes, span: bytes) -> None:
    """Zeros are no ids."""
    carrier: dict[str, str] = {}
    inject(carrier, Slug("project_logs", "p", None, "r", span.hex(), trace.hex()))
    assert carrier.get("traceparent") == format_traceparent(trace.hex(), span.hex())


@pytest.fixture
def package() -> Iterator[Any]:
    """The official package with a project of a name, which keeps its rows to itself."""
    with _internal_with_memory_background_logger():
        yield init_test_logger("their project")


def test_a_span_of_the_official_package_is_continued_here(package: Any) -> None:
    """Its headers name it."""
    span = package.start_span("theirs")
    headers = span.inject({"baggage": "a=1"})
    span.end()
    found = continued(extract(headers) or {})
    assert found is not None
    assert (found.trace_id, found.span_id) == (span.root_span_id, span.span_id)
    container = slug_of(found.parent or "", found)
    assert container is not None
    assert container.object_id or container.compute_object_metadata_args == {"project_name": "their project"}


def test_a_span_from_here_is_continued_by_the_official_package(package: Any) -> None:
    """In the same trace, below it, and on with what others' headers said."""
    headers = injected({"baggage": "a=%31"}, Inbound("v=1", "00"))
    with braintrust.start_span("theirs", parent=braintrust.extract_trace_context(headers)) as span:
        onward = span.inject({"baggage": headers["baggage"]})
    assert (span.root_span_id, span.span_parents) == (TRACE, [SPAN])
    found = continued(onward)
    assert found is not None
    assert (found.trace_id, found.span_id, found.inbound) == (TRACE, span.span_id, Inbound("v=1", "00"))
    assert onward["baggage"].startswith("a=%31")

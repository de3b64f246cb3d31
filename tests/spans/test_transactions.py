"""Transactions, places and cursors as Braintrust writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.transactions import cursor_of, pagination_key, place_of_cursor, place_of_key, xact_id, xact_of_id

PLACES = st.integers(0, 2**63 - 1)


@given(PLACES, PLACES)
def test_keys_sort_as_their_places(one: int, other: int) -> None:
    """A key is as long as any other, and leads back to its place."""
    assert (pagination_key(one) < pagination_key(other)) == (one < other)
    assert place_of_key(pagination_key(one)) == one


@given(PLACES)
def test_a_cursor_leads_back(place: int) -> None:
    """A cursor is its place in other letters."""
    assert place_of_cursor(cursor_of(place)) == place


@pytest.mark.parametrize("written", ["", "x", "AAAA", "////////////", "ä", "a" * 400])
def test_what_is_no_cursor(written: str) -> None:
    """A text that was not given out is refused."""
    with pytest.raises(ValueError, match="cursor"):
        place_of_cursor(written)


def test_a_recorded_transaction() -> None:
    """The constant part is Braintrust's; seconds and a counter follow."""
    assert xact_id(xact_of_id("1000198257884200962")) == "1000198257884200962"
    assert xact_of_id("1") < 0


@pytest.mark.parametrize("written", ["x", "", "-1", str(2**63)])
def test_what_is_no_transaction_nor_key(written: str) -> None:
    """Texts that are no number, or one too large."""
    with pytest.raises(ValueError, match="63 bits"):
        xact_of_id(written)
    with pytest.raises(ValueError, match="63 bits"):
        place_of_key(written)

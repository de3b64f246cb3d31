"""How Braintrust writes the transaction of a row, its place among all rows, and how far a reader has got."""

from __future__ import annotations

import base64
import binascii

MARK = 0x0DE1 << 48
"""What the number of every transaction begins with (wire protocol: ids)."""
_LARGEST = 2**63


def xact_id(xact: int) -> str:
    """``_xact_id`` of a transaction."""
    return str(MARK | xact)


def xact_of_id(written: str) -> int:
    """The transaction that a ``_xact_id`` names, below 0 for one older than any; ValueError for what is none."""
    if not written.isdecimal() or int(written) >= _LARGEST:
        raise ValueError("a transaction is a decimal number of at most 63 bits")
    return int(written) - MARK


def pagination_key(place: int) -> str:
    """``_pagination_key`` of a place: such texts sort as their places do."""
    return f"p{place:020d}"


def place_of_key(written: str) -> int:
    """The place in a ``_pagination_key``; ValueError for what is none."""
    digits = written.removeprefix("p")
    if not digits.isdecimal() or int(digits) >= _LARGEST:
        raise ValueError("a pagination key is p and a decimal number of at most 63 bits")
    return int(digits)


def cursor_of(place: int) -> str:
    """The cursor for what comes behind a place: unpadded base64 of its 8 bytes."""
    return base64.b64encode(place.to_bytes(8, "big")).decode().rstrip("=")


def place_of_cursor(written: str) -> int:
    """The place that a cursor stands for; ValueError for what is no cursor of ours."""
    try:
        found = base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    place = int.from_bytes(found, "big")
    if len(found) != 8 or place >= _LARGEST:
        raise ValueError("the cursor is none that was given out here")
    return place

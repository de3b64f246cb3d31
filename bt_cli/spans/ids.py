"""Derived ids: a function of the record's bytes alone, never of the clock, a path or a container."""

from __future__ import annotations

from hashlib import blake2b

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_MAX_MS = (1 << 48) - 1

NUMBERING_BELOW = 16
"""A ``span_id`` shorter than this many characters is a number within its tree ("1", "s01", "root").

Longer ones (16 hex digits, 26 of a ULID, 36 of a UUID) are taken as unique across trees.
"""


def content_hash(record: bytes, ordinal: int = 0) -> bytes:
    """BLAKE2b-128 of a record's bytes and, for the second and later of identical records, its ordinal.

    The NUL before the ordinal cannot occur in JSON, so no other record has the same input.
    """
    digest = blake2b(record, digest_size=16)
    if ordinal:
        digest.update(b"\0%d" % ordinal)
    return digest.digest()


def uuid_prefix(start: float) -> str:
    """The time part of a derived id, ``018cf7d8-9d22-7``: ``start`` in epoch seconds, 0 if unknown."""
    ms = min(max(int(start * 1000), 0), _MAX_MS)
    text = f"{ms:012x}"
    return f"{text[:8]}-{text[8:]}-7"


def root_id(prefix: str, digest: bytes) -> str:
    """The id of a root: the trace's time (see `uuid_prefix`) and 74 bits of its content hash."""
    digits = digest.hex()
    return f"{prefix}{digits[:3]}-{_VARIANT[digits[3]]}{digits[4:7]}-{digits[7:19]}"


def child_id(prefix: str, parent: str, place: str) -> str:
    """The id of a span below ``parent``'s id at ``place``: ``/0/2/1`` (index path) or ``:s01`` (its span id).

    Like `root_id` a version 7 UUID: 12 and 62 bits of the hash round the variant.
    """
    digits = blake2b((parent + place).encode(), digest_size=16).hexdigest()
    return f"{prefix}{digits[:3]}-{_VARIANT[digits[3]]}{digits[4:7]}-{digits[7:19]}"

"""What a row of Braintrust's API may ask for beside being merged or replaced (wire protocol: merge semantics)."""

from __future__ import annotations

from msgspec import Struct

from bt_cli.spans.row import Row

Path = tuple[str, ...]


class Terms(Struct, array_like=True, gc=False, frozen=True):
    """How one row meets the stored one of its id.

    Tags are united in a merge unless ``replaced`` names them, and comments only ever added.
    """

    replaced: tuple[Path, ...] = ()
    """Places at which a merge stops and replaces: ``_merge_paths``."""
    removed: tuple[tuple[Path, str], ...] = ()
    """Places of arrays and the JSON text of an array of what to take out of each: ``_array_delete``."""
    deleted: bool = False
    """The row is to go: ``_object_delete``."""
    comment: str | None = None
    """The JSON text of a comment to add; nothing else of the row counts."""
    created: str | None = None
    """ISO 8601: the row's ``created`` if it has none and is new, or replaces one that has none."""


def is_amendment(row: Row) -> bool:
    """Whether a row names no trace and no parents, as updates and feedback do."""
    return row.root_span_id is None and row.span_parents == "[]"

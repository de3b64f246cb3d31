"""Attachments that a row names → what its store knows of them."""

from __future__ import annotations

from bt_cli.errors import BtError, Interrupted
from bt_cli.spans.attachments import Located, Reference, references_in
from bt_cli.spans.row import Row
from bt_cli.stores.base import Attached, Store


def located(store: Store | None, row: Row) -> list[Located]:
    """The attachments of a row, each once; without a store, as the row has them. Raises Interrupted."""
    references = dict.fromkeys(references_in(row))
    return [_located(store, one) for one in references]


def _located(store: Store | None, one: Reference) -> Located:
    if store is None or one.key is None:
        return Located(one, None, one.url, None)
    try:
        known = store.attachment(one)
    except Interrupted:
        raise
    except BtError as error:  # the rest of the row can be shown all the same
        return Located(one, None, None, error.message)
    if known is None or known.place is None:
        return Located(one, None, None, lack_of(known))
    return Located(one, known.size, known.place, None)


def lack_of(known: Attached | None) -> str:
    """Why there is no content of an attachment."""
    if known is None:
        return "the store has none with this key"
    return f"its upload failed: {known.error}" if known.status == "error" else "it was not uploaded (yet)"

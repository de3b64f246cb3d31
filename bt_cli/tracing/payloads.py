"""What could not be written, said aloud and kept: warnings, and the bodies of requests in the folders that are named.

The files are bodies of ``/logs3``, which `bt import` reads.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bt_cli.errors import BtError
from bt_cli.spans import text
from bt_cli.spans.problem import Problem
from bt_cli.stores.braintrust.wire import HEAD, TAIL, Form, rows_json

if TYPE_CHECKING:
    from bt_cli.settings.tracing import TracingSettings
    from bt_cli.tracing.attachments import BaseAttachment
    from bt_cli.tracing.draft import Change, Logged
    from bt_cli.tracing.target import Target

_log = logging.getLogger("bt_cli.tracing")
"""Python shows its warnings on stderr, unless the program says otherwise."""


class Payloads:
    """Of one worker: what is sent, and what is lost."""

    def __init__(self, settings: TracingSettings, store: str) -> None:
        self._settings = settings
        self._store = store
        self._dropped = 0
        self._told_at = float("-inf")

    def sent(self, rows: Sequence[Logged]) -> None:
        """Rows are about to be written."""
        self._keep(self._settings.all_folder, rows)

    def failed(self, rows: Sequence[Logged], error: Exception) -> None:
        """Rows could not be written, after all that was tried."""
        kept = self._keep(self._settings.failed_folder, rows)
        why = error.message if isinstance(error, BtError) else f"{type(error).__name__}: {error}"
        _log.warning("bt: %s not stored in %s: %s%s", _spans(len(rows)), self._store, why, _where(kept))

    def refused(self, row: Logged, problem: Problem) -> None:
        """The store has refused a row."""
        kept = self._keep(self._settings.failed_folder, [row])
        row_id = row.submission.rows[0].id
        _log.warning("bt: %s refuses the span %s: %s%s", self._store, row_id, problem.message, _where(kept))

    def not_attached(self, attachment: BaseAttachment, error: Exception) -> None:
        """The content of an attachment could not be brought to the store."""
        why = error.message if isinstance(error, BtError) else error
        _log.warning("bt: the attachment %s is not in %s: %s", attachment.reference["filename"], self._store, why)

    def dropped(self, change: Change) -> None:
        """The queue was full; told at most once in a while. Of a span, each change that found no room is one."""
        self._keep(self._settings.failed_folder or self._settings.all_folder, [change.peek()])
        self._dropped += 1
        if time.monotonic() - self._told_at >= self._settings.report_seconds:
            self._tell_dropped()

    def _tell_dropped(self) -> None:
        kept = self._settings.failed_folder or self._settings.all_folder
        changes = "1 change" if self._dropped == 1 else f"{self._dropped:,} changes"
        _log.warning("bt: the queue was full, %s of spans dropped%s", changes, _where(kept))
        self._dropped = 0
        self._told_at = time.monotonic()

    def left(self, changes: Sequence[Change]) -> None:
        """The program ends, and these were not written in time."""
        if self._dropped:
            self._tell_dropped()
        if changes:
            self.failed([change.take() for change in changes], TimeoutError("the program ended before they were"))

    def _keep(self, folder: str | None, rows: Sequence[Logged]) -> str | None:
        """Writes rows as bodies of requests into a folder; its name, None where nothing was kept."""
        if not folder or not rows:
            return None
        size = self._settings.rows_together
        kept = [self._keep_body(folder, rows[begin : begin + size]) for begin in range(0, len(rows), size)]
        return folder if all(kept) else None

    def _keep_body(self, folder: str, rows: Sequence[Logged]) -> bool:
        path = os.path.join(folder, f"payload_{time.time()}_{uuid.uuid4().hex[:8]}.json")
        try:
            os.makedirs(folder, exist_ok=True)
            with open(path, "wb") as file:
                file.write(HEAD + b",".join(map(_json, rows)) + TAIL)
        except OSError as error:
            _log.warning("bt: %s could not be written: %s", path, error.strerror)
            return False
        return True


def _json(row: Logged) -> bytes:
    submission = row.submission
    return rows_json(submission.rows, Form(_place(row.target), False), submission.conflict == "merge", None)


def _place(target: Target) -> str:
    """The members that say where a row belongs, as far as that is known."""
    if target.object_type == "experiment":
        return f'"experiment_id":{text.quote(target.id_if_known or "")}'
    known = f'"project_id":{text.quote(target.id_if_known)},' if target.id_if_known else ""
    return f'{known}"log_id":"g"'


def _spans(number: int) -> str:
    return "1 span" if number == 1 else f"{number:,} spans"


def _where(folder: str | None) -> str:
    return f"; kept in {folder}" if folder else ""

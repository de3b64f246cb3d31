"""What a trace says of earlier scoring: the score spans in it are the memory of `bt score`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from bt_cli.scoring.base import Result, State
from bt_cli.spans import text
from bt_cli.spans.links import parents_of
from bt_cli.spans.row import Row

Rescore = Literal["missing", "changed", "errors", "all"]
"""Which results are made anew: absent, failed and outdated ones; outdated ones; failed ones; all."""
Verdict = Literal["run", "reuse", ""]
NEEDED = frozenset(("input", "output", "error", "metadata", "span_attributes", "scores", "created", "time"))
"""The fields of rows that reading earlier results and writing new ones takes."""
OURS = ("fingerprint", "scorer", "trials", "skipped")
"""Members of a score span's metadata that are not the scorer's own."""
_MARK = '"scorer"'


class _Attributes(Struct, gc=False):
    name: str
    type: str = ""
    purpose: str = ""


class _Metadata(Struct, gc=False):
    fingerprint: str
    scorer: str | None = None


_attributes = msgspec.json.Decoder(_Attributes).decode
_metadata = msgspec.json.Decoder(_Metadata).decode


class Earlier(Struct):
    """A score span that an earlier run left below a scored span. ``scorer`` is the name of what said it."""

    name: str
    scorer: str
    fingerprint: str
    row: Row

    @property
    def state(self) -> State:
        """What became of it then."""
        if self.row.error not in (None, "null"):
            return "error"
        return "skipped" if self.score is None else "scored"

    @property
    def score(self) -> float | None:
        """The value; None where there is none."""
        output = None if self.row.output is None else text.decode(self.row.output)
        value = output.get("score") if isinstance(output, dict) else None
        return float(value) if isinstance(value, int | float) else None

    def members(self) -> dict[str, Raw]:
        """The scorer's own metadata, as raw text."""
        found = text.members(self.row.metadata or "{}")
        return {key: value for key, value in found.items() if key not in OURS}

    def result(self, span_id: str) -> Result:
        """The result of that time, for the span that was scored."""
        metadata: dict[str, Any] = text.decode(self.row.metadata or "{}")
        state = self.state
        reason = text.decode(self.row.error or '""') if state == "error" else metadata.get("skipped", "")
        return Result(
            self.name,
            span_id,
            state,
            self.score if state == "scored" else None,
            str(reason),
            {key: value for key, value in metadata.items() if key not in OURS},
            self.row.input or "{}",
            self.fingerprint,
            values=metadata.get("trials") or [],
            reused=True,
        )


Found = dict[str, Earlier]
"""The earlier results of one span, by the names of the scores."""


def earlier_results(rows: Iterable[Row]) -> dict[str, Found]:
    """The earlier results of a trace, by the ``span_id`` of what was scored.

    A span without the fingerprint that we write is not ours: it is as good as absent.
    """
    found: dict[str, Found] = {}
    for row in rows:
        if row.span_attributes is not None and _MARK in row.span_attributes:
            one = _earlier(row)
            if one is not None:
                found.setdefault(parents_of(row.span_parents)[0], {})[one.name] = one
    return found


def calls_below(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """The spans of judges' calls in a trace, by the ``span_id`` of what they are below, then by their ids."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row.span_attributes is None or _MARK not in row.span_attributes or row.span_parents == "[]":
            continue
        try:
            about = _attributes(row.span_attributes)
        except msgspec.DecodeError:
            continue
        if about.type == "llm" and about.purpose == "scorer":
            found.setdefault(parents_of(row.span_parents)[0], {})[row.id] = row
    return found


def _earlier(row: Row) -> Earlier | None:
    try:
        about = _attributes(row.span_attributes or "")
        if about.type != "score" or about.purpose != "scorer" or row.span_parents == "[]":
            return None
        known = _metadata(row.metadata or "")
    except msgspec.DecodeError:
        return None
    return Earlier(about.name, known.scorer or about.name, known.fingerprint, row)


def verdict(found: Sequence[Earlier], fingerprint: str, arguments: str, rescore: Rescore) -> Verdict:
    """Whether a scorer is run on a case, or what it ``found`` there earlier stands; empty for neither."""
    if rescore == "all":
        return "run"
    if not found:
        return "run" if rescore == "missing" else ""
    failed = any(one.state == "error" for one in found)
    same = all(one.fingerprint == fingerprint and (one.row.input or "{}") == arguments for one in found)
    if rescore == "missing":
        return "reuse" if same and not failed else "run"
    if rescore == "changed":
        return "reuse" if same else "run"
    return "run" if failed else "reuse"

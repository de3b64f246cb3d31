"""What scoring changes in the row that was scored: its scores and its metadata, never a key that is another's.

A member counts as ours where it equals what the score span of the last run says; all others are the
application's or the user's. A merge removes nothing, so what no longer holds becomes null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Raw

from bt_cli.scoring.base import Result
from bt_cli.scoring.reuse import Found
from bt_cli.spans import text
from bt_cli.spans.facts import scores_of
from bt_cli.spans.row import Row

ERRORS, ASIDE = "scorer_errors", "bt_scores"
"""Members of metadata: errors by the name of the score, and metadata of scores whose name is taken."""
Members = Mapping[str, Raw]


def patch_of(row: Row, results: Sequence[Result], earlier: Found) -> Row | None:
    """The members that results change, to be merged into the row; None where there are none."""
    patch = Row(row.id, row.span_id, row.root_span_id, row.span_parents)
    patch.scores = _scores(row, results, earlier)
    patch.metadata = _metadata(row, results, earlier)
    return None if patch.scores is None and patch.metadata is None else patch


def replaced_scores(row: Row, results: Sequence[Result], earlier: Found) -> list[str]:
    """The names of scores that the application had given itself, and that now are the scorers'."""
    before = scores_of(row.scores)
    return [
        result.name
        for result in results
        if result.score is not None
        and before.get(result.name) not in (None, result.score)
        and not _is_ours(before, result.name, earlier)
    ]


def _is_ours(before: Mapping[str, float | None], name: str, earlier: Found) -> bool:
    return name in earlier and before.get(name) == earlier[name].score


def _scores(row: Row, results: Sequence[Result], earlier: Found) -> str | None:
    before = scores_of(row.scores)
    changes = {}
    for result in results:
        name = result.name
        value = before.get(name)
        if result.score is not None:
            changes[name] = text.number(result.score)
        elif value is None:
            if result.state == "skipped" and name not in before:
                changes[name] = "null"
        elif _is_ours(before, name, earlier):
            changes[name] = "null"
    return _object(changes) if changes else None


def _metadata(row: Row, results: Sequence[Result], earlier: Found) -> str | None:
    quiet = not earlier and not any([result.metadata or result.state == "error" for result in results])
    if quiet and (row.metadata is None or ERRORS not in row.metadata):
        return None
    if row.metadata not in (None, "null") and not text.is_object(row.metadata):
        return None  # no place for members; the score spans have them
    present = text.members(row.metadata) if row.metadata and text.is_object(row.metadata) else {}
    aside, errors = _below(present, ASIDE), _below(present, ERRORS)
    changes: dict[str, str] = {}
    aside_changes: dict[str, str] = {}
    error_changes: dict[str, str] = {}
    for result in results:
        name = result.name
        said = {} if result.state == "error" else result.metadata
        new = {key: text.raw(text.encode(value)) for key, value in said.items()}
        ours = earlier[name].members() if name in earlier else {}
        if (below := _below(present, name)) is not None:
            _note(changes, name, _changed(below, new, ours))
        elif aside is not None and (below := _below(aside, name)) is not None:
            _note(aside_changes, name, _changed(below, new, ours))
        if result.state == "error":
            error_changes[name] = text.quote(result.reason)
        elif errors and not _is_null(errors.get(name)):
            error_changes[name] = "null"
    if aside_changes:
        changes[ASIDE] = _object(aside_changes)
    if error_changes and errors is not None:
        changes[ERRORS] = _object(error_changes)
    return _object(changes) if changes else None


def _below(present: Members, name: str) -> dict[str, Raw] | None:
    """The members of a member; none where it is absent, None where it is no object."""
    value = present.get(name)
    if _is_null(value):
        return {}
    written = text.text_of(value) if value is not None else ""
    return text.members(written) if text.is_object(written) else None


def _changed(present: Members, new: Members, ours: Members) -> dict[str, str]:
    """What to merge into an object: keys that are absent or ours, and null for those of ours that are gone."""
    changes = {}
    for key, value in new.items():
        current = present.get(key)
        if (_is_null(current) or _equal(current, ours.get(key))) and not _equal(current, value):
            changes[key] = text.text_of(value)
    for key, value in ours.items():
        if key not in new and not _is_null(value) and _equal(present.get(key), value):
            changes[key] = "null"
    return changes


def _note(changes: dict[str, str], name: str, members: dict[str, str]) -> None:
    if members:
        changes[name] = _object(members)


def _is_null(value: Raw | None) -> bool:
    return value is None or bytes(value) == b"null"


def _equal(one: Raw | None, other: Raw | None) -> bool:
    return one is not None and other is not None and bytes(one) == bytes(other)


def _object(members: Mapping[str, str]) -> str:
    """Members of JSON text as an object."""
    return f"{{{','.join(f'{text.quote(key)}:{value}' for key, value in members.items())}}}"

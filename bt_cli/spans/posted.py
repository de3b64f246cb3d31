"""A row as a client of Braintrust's API posts it → where it belongs, its row, and the terms on which it is stored."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from bt_cli.spans import text
from bt_cli.spans.decode import decode_node
from bt_cli.spans.flatten import flatten
from bt_cli.spans.merge import Path
from bt_cli.spans.node import Members, is_row
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row
from bt_cli.spans.terms import AUDIT, COMMENTS, Terms, audit_entry

INSTRUCTIONS = ("_merge_paths", "_array_delete", "_object_delete")
"""Members that say what to do with the row and are no part of it."""
_ECHOED = (AUDIT, "classifications", COMMENTS, "facets")
"""Members that clients send back as a server gave them, mostly null; those are left away."""
_AUDITED = ("_audit_source", "_audit_metadata")
"""Members that say who wrote the row, as feedback does: no part of it, see `Terms.audit`."""
_DERIVED = ("is_root",)
"""Members that follow from others."""
_ECHO = re.compile(f'"(?:{"|".join((*_ECHOED, *_DERIVED, *_AUDITED))})"' + r"|\\u00")
_SOME = Members("{}")
_NULL = Raw(b"null")


class Head(Struct):
    """The members of a posted row that decide what becomes of it; the rest is not looked into."""

    project_id: str | None = None
    experiment_id: str | None = None
    dataset_id: str | None = None
    prompt_session_id: str | None = None
    function_data: Raw | UnsetType = UNSET
    prompt_data: Raw | UnsetType = UNSET
    root_span_id: Raw | UnsetType = UNSET
    created: Raw | UnsetType = UNSET
    origin: Raw | UnsetType = UNSET
    comment: Raw | UnsetType = UNSET
    is_merge: bool | None = field(default=None, name="_is_merge")
    merge_paths: list[Path] | UnsetType | None = field(default=UNSET, name="_merge_paths")
    array_delete: list[dict[str, Raw]] | UnsetType | None = field(default=UNSET, name="_array_delete")
    object_delete: bool | UnsetType | None = field(default=UNSET, name="_object_delete")

    @property
    def is_elsewhere(self) -> bool:
        """Whether the row is of a playground, a prompt or a function: nothing that `bt` keeps."""
        return bool(self.prompt_session_id) or _is_given(self.function_data) or _is_given(self.prompt_data)

    @property
    def is_comment(self) -> bool:
        """Whether the row only says something about another."""
        return _is_given(self.comment) and not self.is_merge

    @property
    def has_instructions(self) -> bool:
        """Whether the row has members that are no part of it, be they null."""
        return any(one is not UNSET for one in (self.merge_paths, self.array_delete, self.object_delete))


class Posted(NamedTuple):
    """What a posted row means."""

    row: Row
    merges: bool
    terms: Terms
    problems: list[Problem]


_head = msgspec.json.Decoder(Head)


def read_head(raw: bytes) -> Head:
    """The deciding members of a posted row. Raises `Rejected` for what is no object, or has them in a wrong form."""
    try:
        return _head.decode(raw)
    except msgspec.DecodeError as error:
        raise Rejected("not_a_row", f"not a row: {error}") from None


def read_posted(raw: bytes, head: Head, digest: bytes, created: str | None) -> Posted:
    """The row that ``raw`` (valid JSON) is; a row without an id gets one made of ``digest``.

    ``created`` (ISO 8601) is for rows that say nothing of their time; None leaves them without one.
    Raises `Rejected` for what can't be a row.
    """
    if head.is_comment:
        return _comment(raw, head)
    terms = Terms(created=created if head.created is UNSET else None)
    if head.has_instructions:
        raw, terms = _with_instructions(raw, head, terms)
    node = decode_node(raw)
    if not is_row(node):  # it names no container; what is posted is a row all the same
        node.server = _SOME
    flat = flatten(node, digest)
    row = flat.rows[0]
    if len(flat.rows) > 1:
        raise Rejected("children", "a row has no children here; bt import reads trees", "children")
    row.server = None  # the container knows
    if not node.root_span_id and row.span_parents == "[]":
        row.root_span_id = None  # an update of a row that may be stored, else the beginning of a trace
    if row.extra is not None and _ECHO.search(row.extra):
        members = text.members(row.extra)
        terms = msgspec.structs.replace(terms, audit=_audit(members, "merge" if head.is_merge else "upsert"))
        row.extra = _without_echo(members)
    return Posted(row, bool(head.is_merge), terms, flat.problems)


def _is_given(value: Raw | UnsetType) -> bool:
    return value is not UNSET and bytes(value) != b"null"


def _comment(raw: bytes, head: Head) -> Posted:
    """A comment row: it attaches to the row that its ``origin`` names."""
    target: Any = None if head.origin is UNSET else text.decode(text.text_of(head.origin))
    if not isinstance(target, dict) or not isinstance(target.get("id"), str):
        raise Rejected("comment_without_origin", "a comment must name its row as origin.id", "origin")
    kept = ("id", "created", "comment", "_audit_source", "_audit_metadata")
    comment = {key: value for key, value in text.members(Raw(raw)).items() if key in kept and bytes(value) != b"null"}
    row = Row(target["id"], target["id"], None, "[]")
    return Posted(row, True, Terms(comment=text.join(comment)), [])


def _with_instructions(raw: bytes, head: Head, terms: Terms) -> tuple[bytes, Terms]:
    """The row without its instructions, which become terms."""
    members = {key: value for key, value in text.members(Raw(raw)).items() if key not in INSTRUCTIONS}
    removed = [(_path(one), text.text_of(one["delete"])) for one in head.array_delete or () if "delete" in one]
    changed = msgspec.structs.replace(
        terms,
        replaced=tuple(head.merge_paths or ()),
        removed=tuple(removed),
        deleted=bool(head.object_delete),
    )
    return text.join(members).encode(), changed


def _path(instruction: dict[str, Raw]) -> Path:
    found = text.decode(text.text_of(instruction["path"])) if "path" in instruction else None
    if not isinstance(found, list):
        raise Rejected("bad_instruction", "_array_delete needs a path, a list of keys", "_array_delete")
    return tuple(map(str, found))


def _without_echo(members: dict[str, Raw]) -> str | None:
    kept = {
        key: value
        for key, value in members.items()
        if key not in (*_DERIVED, *_AUDITED) and not (key in _ECHOED and bytes(value) == b"null")
    }
    return text.join(kept) if kept else None


def _audit(members: dict[str, Raw], action: str) -> str | None:
    source, metadata = (text.text_of(members.get(name, _NULL)) for name in _AUDITED)
    return audit_entry(source, metadata, action)

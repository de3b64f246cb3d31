"""What a row of Braintrust's API may ask for beside being merged or replaced (wire protocol: merge semantics)."""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.structs import replace

from bt_cli.spans import text
from bt_cli.spans.canonical import canonical
from bt_cli.spans.merge import MERGED, Path, merge_rows
from bt_cli.spans.row import Row
from bt_cli.spans.times import parse_iso

COMMENTS = "comments"
"""The unknown key under which a row has what was said about it."""
AUDIT = "audit_data"
"""The unknown key under which a row has who gave feedback on it (wire protocol 4.2 and 8.7)."""


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
    """The JSON text of a comment to add, an object with an ``id``; nothing else of the row counts."""
    created: str | None = None
    """ISO 8601: the row's ``created`` if it has none and is new, or replaces one that has none."""
    audit: str | None = None
    """The JSON text of who writes the row, an object; kept once however often it comes."""


def audit_entry(source: str, metadata: str, action: str) -> str | None:
    """Who writes a row, and why, as `Terms.audit`; both are JSON text.

    None where that says no more than that the row came over the API.
    """
    if metadata == "null" and source in ("null", '"api"'):
        return None
    return f'{{"source":{source},"metadata":{metadata},"audit_data":{{"action":"{action}"}}}}'


def first_version(row: Row, terms: Terms) -> Row:
    """What is stored of a row that nothing is stored of: one that names neither trace nor parents begins a trace."""
    if terms.comment is not None:
        row = replace(row, extra=_with_comment(row.extra, terms.comment))
    if terms.audit is not None:
        row = replace(row, extra=_with_audit(row.extra, terms.audit))
    if row.created is None and terms.created is not None and row.time is None:
        row = replace(row, created=terms.created, time=parse_iso(terms.created))
    if row.root_span_id is None and row.span_parents == "[]":
        row = replace(row, root_span_id=row.span_id)
    return row


def combined(stored: Row, new: Row, merges: bool, terms: Terms) -> Row:
    """``new`` merged into ``stored`` or put in its place, on ``terms``."""
    if terms.comment is not None:
        return replace(stored, extra=_with_comment(stored.extra, terms.comment))
    row = _merged(stored, new, terms) if merges else _replaced(stored, new, terms)
    return row if terms.audit is None else replace(row, extra=_with_audit(row.extra, terms.audit))


def _merged(stored: Row, new: Row, terms: Terms) -> Row:
    stops = tuple(_in_row(path) for path in terms.replaced)
    merged = merge_rows(stored, new, stops)
    if ("tags",) not in stops and stored.tags and new.tags:
        merged.tags = _united(stored.tags, new.tags)
    for path, removed in terms.removed:
        field, *rest = _in_row(path)
        if (value := getattr(merged, field)) is not None:
            setattr(merged, field, _without(value, tuple(rest), removed))
    return merged


def _replaced(stored: Row, new: Row, terms: Terms) -> Row:
    """``new`` with what a replacement leaves: its comments, who gave feedback, its time and trace if it says none."""
    if new.root_span_id is None and new.span_parents == "[]":
        new = replace(new, span_id=stored.span_id, root_span_id=stored.root_span_id, span_parents=stored.span_parents)
    if new.created is None and new.time is None:
        new = replace(new, created=stored.created or terms.created, time=stored.time)
        if stored.created is None and terms.created is not None:
            new.time = parse_iso(terms.created)
    kept = text.members(stored.extra) if stored.extra else {}
    kept = {name: kept[name] for name in (COMMENTS, AUDIT) if name in kept}
    if kept:
        new = replace(new, extra=text.join({**kept, **(text.members(new.extra) if new.extra else {})}))
    return new


def _in_row(path: Path) -> Path:
    """A path as a row has it: what is no field of its own lies in ``extra``."""
    return path if path[:1] and path[0] in MERGED and path[0] != "extra" else ("extra", *path)


def _with_comment(extra: str | None, comment: str) -> str:
    """Unknown keys with one more comment, or with the later version of one."""
    members = text.members(extra) if extra else {}
    there = members.get(COMMENTS)
    comments = {_id_of(one): one for one in text.items(there)} if there is not None and _is_array(there) else {}
    comments[_id_of(Raw(comment.encode()))] = text.raw(comment)
    members[COMMENTS] = text.raw(f"[{','.join(map(text.text_of, comments.values()))}]")
    return text.join(members)


def _with_audit(extra: str | None, audit: str) -> str:
    """Unknown keys with one more entry of who wrote the row, unless the same is there."""
    members = text.members(extra) if extra else {}
    there = members.get(AUDIT)
    entries = [text.text_of(one) for one in text.items(there)] if there is not None and _is_array(there) else []
    known = {canonical(text.decode(one)) for one in entries}
    if extra and canonical(text.decode(audit)) in known:
        return extra
    members[AUDIT] = text.raw(f"[{','.join([*entries, audit])}]")
    return text.join(members)


def _id_of(comment: Raw) -> str:
    written = text.text_of(comment)
    return canonical(text.decode(text.text_of(text.members(comment)["id"]))) if '"id"' in written else written


def _is_array(value: Raw) -> bool:
    return bytes(value)[:1] == b"["


def _united(stored: str, new: str) -> str:
    """Tags of both, those that are stored first, each once; what is no list is replaced."""
    if stored[:1] != "[" or new[:1] != "[":
        return new
    tags: dict[str, str] = {}
    for tag in map(text.text_of, [*text.items(stored), *text.items(new)]):
        tags.setdefault(canonical(text.decode(tag)), tag)
    return f"[{','.join(tags.values())}]"


def _without(value: str, path: Path, removed: str) -> str:
    """JSON ``value`` without the items of ``removed`` in the array at ``path``; where there is no array, as it is."""
    if path:
        if not text.is_object(value):
            return value
        members = text.members(value)
        if path[0] in members:
            members[path[0]] = text.raw(_without(text.text_of(members[path[0]]), path[1:], removed))
        return text.join(members)
    if value[:1] != "[":
        return value
    gone = {canonical(text.decode(text.text_of(one))) for one in text.items(removed)}
    kept = [text.text_of(one) for one in text.items(value)]
    return f"[{','.join(one for one in kept if canonical(text.decode(one)) not in gone)}]"

"""Record → rows: linkage, ids, times and what may be filled in. The inverse of `assemble`.

Iterative throughout, and written for speed where every span passes: the common span has no problem,
times in seconds and a plain name, and meets none of the slower functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import UNSET, Struct

from bt_cli.spans import ids, text
from bt_cli.spans.attributes import is_typed, read_attributes
from bt_cli.spans.metrics import Numbers, fill_metrics, has_tokens, read_metrics
from bt_cli.spans.node import MAX_DEPTH, TOO_DEEP, Field, Node, is_row
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import SCORES, TAGS, Invalid, fits
from bt_cli.spans.times import format_iso, is_absolute, parse_iso, to_seconds

Invalids = dict[int, Invalid]
"""What does not fit, by the index of its span; most records have none."""


class Flat(Struct, array_like=True, gc=False, tag=True):
    """The rows of one record, parents first, and what was found on the way.

    ``is_merge`` is the record's own instruction. ``relative_clocks`` counts spans whose start is no
    date. ``anonymous`` tells that the record has neither id nor time, so that a repeated trace
    cannot be told from a copy.
    """

    rows: list[Row]
    problems: list[Problem] = []
    is_merge: bool | None = None
    relative_clocks: int = 0
    anonymous: bool = False
    tree: bool = True
    """The record was a tree or fragment, not a single row."""


def flatten(node: Node, digest: bytes, unit: str | None = None) -> Flat:
    """The rows of one record whose content hash is ``digest``; ``unit`` forces the unit of its times.

    Raises `Rejected` for more than `MAX_DEPTH` spans below each other.
    """
    invalids: Invalids = {}
    if is_row(node):
        places = [""]
        metrics, found = _metrics([node], unit, invalids)
        rows = [_flat_row(node, metrics[0], found[0], digest, invalids)]
    else:
        nodes, parents, places = _walk(node)
        metrics, found = _metrics(nodes, unit, invalids)
        if not node.as_stored:
            fill_metrics(parents, metrics, found)
        rows = _tree_rows(nodes, parents, places, metrics, found, digest, invalids)
    flat = Flat(rows, is_merge=None if node.is_merge is UNSET else node.is_merge, tree=not is_row(node))
    flat.anonymous = rows[0].time is None and not (node.id or node.span_id)
    flat.relative_clocks = _relative_clocks(found)
    if invalids:
        flat.problems = [
            problem
            for index, invalid in sorted(invalids.items())
            for problem in invalid.settle(rows[index], _path(places[index]))
        ]
    return flat


def _walk(top: Node) -> tuple[list[Node], list[int], list[str]]:
    """Pre-order: the nodes, the index of each one's parent (-1 at the top) and its place (``/0/2``)."""
    nodes: list[Node] = []
    parents: list[int] = []
    places: list[str] = []
    stack = [(top, -1, "", 1)]
    while stack:
        node, parent, place, depth = stack.pop()
        index = len(nodes)
        nodes.append(node)
        parents.append(parent)
        places.append(place)
        if node.children:
            if depth == MAX_DEPTH:
                raise Rejected("too_deep", TOO_DEEP, _path(place) + "children")
            for child in range(len(node.children) - 1, -1, -1):
                stack.append((node.children[child], index, f"{place}/{child}", depth + 1))
    return nodes, parents, places


def _metrics(nodes: list[Node], unit: str | None, invalids: Invalids) -> tuple[list[str | None], list[Numbers]]:
    metrics: list[str | None] = []
    found: list[Numbers] = []
    for index, node in enumerate(nodes):
        if node.metrics is UNSET:
            metrics.append(None)
            found.append({})
        else:
            written, numbers = read_metrics(str(node.metrics, "utf-8"), unit, partial(_invalid, invalids, index))  # type: ignore[call-overload]  # Raw is a buffer
            metrics.append(written)
            found.append(numbers)
    return metrics, found


def _invalid(invalids: Invalids, index: int) -> Invalid:
    return invalids.setdefault(index, Invalid())


def _tree_rows(
    nodes: list[Node],
    parents: list[int],
    places: list[str],
    metrics: list[str | None],
    found: list[Numbers],
    digest: bytes,
    invalids: Invalids,
) -> list[Row]:
    top = nodes[0]
    start = found[0].get("start")
    prefix = ids.uuid_prefix(start if start is not None and is_absolute(start) else 0)
    fills = not top.as_stored
    rows: list[Row] = []
    lists: list[str] = []  # the JSON text of [span_id] of each span: its children's span_parents
    for index, node in enumerate(nodes):
        invalid = partial(_invalid, invalids, index)
        if index:
            parent = rows[parents[index]]
            span_id = node.span_id
            row_id = node.id or ids.child_id(prefix, rows[0].id, f":{span_id}" if span_id else places[index])
            span_parents = lists[parents[index]]
            if node.span_parents is not UNSET:
                span_parents = _with_further(span_parents, parent.span_id, _span_parents(node, invalid))
            row = _row(node, row_id, span_id or row_id, node.root_span_id or rows[0].root_span_id, span_parents, invalid)
        else:
            parent = None
            row = _top_row(node, prefix, digest, invalid)
        row.metrics = metrics[index]
        numbers = found[index]
        llm = fills and not node.children and has_tokens(numbers) and not is_typed(node)
        row.span_attributes = read_attributes(node, llm, invalid)
        _set_created(row, node, invalid)
        if row.created is None and fills:
            _derive_created(row, numbers.get("start"), parent)
        lists.append(f"[{text.quote(row.span_id)}]")
        rows.append(row)
    return rows


def _top_row(node: Node, prefix: str, digest: bytes, invalid: Callable[[], Invalid]) -> Row:
    """The row of a tree's top: a root, or a fragment if it names parents of its own."""
    given = _span_parents(node, invalid)
    unique = node.span_id if node.span_id and len(node.span_id) >= ids.NUMBERING_BELOW else None
    row_id = node.id or unique or ids.root_id(prefix, digest)
    span_id = node.span_id or row_id
    trace = node.root_span_id or (None if given else unique or row_id)
    return _row(node, row_id, span_id, trace, _json_list(given), invalid)


def _flat_row(node: Node, metrics: str | None, found: Numbers, digest: bytes, invalids: Invalids) -> Row:
    """A row as it came: ids and linkage default to each other, nothing is filled in."""
    invalid = partial(_invalid, invalids, 0)
    given = _span_parents(node, invalid)
    start = found.get("start")
    dated = start is not None and is_absolute(start)
    row_id = node.id or node.span_id or ids.root_id(ids.uuid_prefix(start or 0 if dated else 0), digest)
    span_id = node.span_id or row_id
    row = _row(node, row_id, span_id, node.root_span_id or (None if given else span_id), _json_list(given), invalid)
    row.metrics = metrics
    row.span_attributes = read_attributes(node, False, invalid)
    _set_created(row, node, invalid)
    if row.time is None and dated:
        row.time = start
    return row


def _row(
    node: Node, row_id: str, span_id: str, trace: str | None, span_parents: str, invalid: Callable[[], Invalid]
) -> Row:
    """The row of a node without metrics, attributes and times: payload as text, shapes checked."""
    row = Row(row_id, span_id, trace or None, span_parents)
    if node.input is not UNSET:
        row.input = str(node.input, "utf-8")  # type: ignore[call-overload]
    if node.output is not UNSET:
        row.output = str(node.output, "utf-8")  # type: ignore[call-overload]
    if node.metadata is not UNSET:
        row.metadata = metadata = str(node.metadata, "utf-8")  # type: ignore[call-overload]
        if metadata[0] != "{" and metadata != "null":
            invalid().move("metadata", metadata)
            row.metadata = None
    if node.expected is not UNSET:
        row.expected = str(node.expected, "utf-8")  # type: ignore[call-overload]
    if node.error is not UNSET:
        row.error = str(node.error, "utf-8")  # type: ignore[call-overload]
    if node.scores is not UNSET:
        row.scores = scores = text.text_of(node.scores)
        if scores != "null" and not fits(SCORES, scores):
            row.scores = invalid().split_members("scores", scores)
    if node.tags is not UNSET:
        row.tags = tags = text.text_of(node.tags)
        if tags != "null" and not fits(TAGS, tags):
            row.tags = invalid().split_tags(tags)
    if node.context is not UNSET:
        row.context = text.text_of(node.context)
    if node.origin is not UNSET:
        row.origin = text.text_of(node.origin)
    if node.extra:
        row.extra = str(node.extra)
    if node.server:
        row.server = str(node.server)
    return row


def _set_created(row: Row, node: Node, invalid: Callable[[], Invalid]) -> None:
    """``created`` as the source has it: text stays, a number becomes ISO text."""
    if node.created is UNSET:
        return
    value = text.decode(text.text_of(node.created))
    if isinstance(value, str):
        row.created, row.time = value, parse_iso(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and is_absolute(to_seconds(value)):
        row.time = to_seconds(value)
        row.created = format_iso(row.time)
    elif value is not None:
        invalid().move("created", text.text_of(node.created))


def _derive_created(row: Row, start: float | None, parent: Row | None) -> None:
    """``created`` of a tree node that has none: its own start, else its parent's."""
    if start is not None and is_absolute(start):
        row.created, row.time = format_iso(start), start
    elif parent is not None:
        row.created, row.time = parent.created, parent.time


def _span_parents(node: Node, invalid: Callable[[], Invalid]) -> list[str]:
    if node.span_parents is UNSET:
        return []
    written = text.text_of(node.span_parents)
    if written in ("null", "[]", '""'):
        return []
    try:
        parents: list[str] = TAGS.decode(written)
    except msgspec.ValidationError:
        invalid().move("span_parents", written)
        return []
    return parents


def _with_further(span_parents: str, parent: str, given: list[str]) -> str:
    """The enclosing node first, then the further parents that the node names."""
    further = [one for one in given if one != parent]
    return _json_list([parent, *further]) if further else span_parents


def _json_list(values: list[str]) -> str:
    return f"[{','.join(map(text.quote, values))}]"


def _relative_clocks(found: list[Numbers]) -> int:
    starts = [numbers.get("start") for numbers in found]
    return sum(1 for start in starts if start is not None and not is_absolute(start))


def _path(place: str) -> str:
    """``/0/2`` as the beginning of a JSON path, ``children[0].children[2].``."""
    return "".join(f"children[{index}]." for index in place.split("/")[1:])

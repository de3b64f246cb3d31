"""Record → rows: linkage, ids, times and what may be filled in. The inverse of `assemble`.

Iterative throughout, and written for speed where every span passes: the common span has no problem,
times in seconds and a plain name, and meets none of the slower functions.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET, Struct

from bt_cli.spans import ids, text
from bt_cli.spans.attributes import read_attributes
from bt_cli.spans.linkage import as_list, given_parents, with_further
from bt_cli.spans.metrics import Numbers, fill_metrics, read_metrics
from bt_cli.spans.node import MAX_DEPTH, TOO_DEEP, Node, is_row
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import SCORES, TAGS, Invalids, fits
from bt_cli.spans.times import format_iso, is_absolute, parse_iso, to_seconds


class Flat(Struct, array_like=True, gc=False, tag=True):
    """The rows of one record, parents first, and what was found on the way.

    ``is_merge`` is the record's own instruction. ``relative_clocks`` counts spans whose start is no
    date. ``anonymous`` tells that the record has neither id nor time, so that a repeated trace
    cannot be told from a copy. ``tree`` tells that it was a tree or fragment, not a single row.
    """

    rows: list[Row]
    problems: list[Problem] = []
    is_merge: bool | None = None
    relative_clocks: int = 0
    anonymous: bool = False
    tree: bool = True


def flatten(node: Node, digest: bytes, unit: str | None = None) -> Flat:
    """The rows of one record whose content hash is ``digest``; ``unit`` forces the unit of its times.

    Raises `Rejected` for more than `MAX_DEPTH` spans below each other.
    """
    invalids = Invalids()
    tree = not is_row(node)
    nodes, parents, places = _walk(node) if tree else ([node], [-1], [""])
    metrics, found = _read_metrics(nodes, unit, invalids)
    if not tree:
        rows = [_flat_row(node, metrics[0], found[0], digest, unit, invalids)]
    else:
        if not node.as_stored:
            fill_metrics(parents, metrics, found)
        rows = _tree_rows(_Tree(nodes, parents, places, metrics, found), digest, unit, invalids)
    flat = Flat(rows, tree=tree)
    if node.is_merge is not UNSET:
        flat.is_merge = node.is_merge
    flat.anonymous = rows[0].time is None and not (node.id or node.span_id)
    starts = [numbers["start"] for numbers in found if "start" in numbers]
    flat.relative_clocks = sum([start is not None and not is_absolute(start) for start in starts])
    if invalids:
        flat.problems = [
            problem
            for index, invalid in sorted(invalids.items())
            for problem in invalid.settle(rows[index], _path(places[index]))
        ]
    return flat


class _Tree(NamedTuple):
    """A record in pre-order: its nodes, each one's parent (-1 at the top) and place, metrics text and numbers."""

    nodes: list[Node]
    parents: list[int]
    places: list[str]
    metrics: list[str | None]
    found: list[Numbers]


def _walk(top: Node) -> tuple[list[Node], list[int], list[str]]:
    """Pre-order: the nodes, the index of each one's parent (-1 at the top) and its place (``/0/2``)."""
    nodes: list[Node] = []
    parents: list[int] = []
    places: list[str] = []
    stack = [(top, -1, "", 1)]
    while stack:
        node, parent, place, depth = stack.pop()
        children = node.children
        if children:
            if depth == MAX_DEPTH:
                raise Rejected("too_deep", TOO_DEEP, _path(place) + "children")
            index = len(nodes)
            for number in range(len(children) - 1, -1, -1):
                stack.append((children[number], index, f"{place}/{number}", depth + 1))
        nodes.append(node)
        parents.append(parent)
        places.append(place)
    return nodes, parents, places


def _read_metrics(nodes: list[Node], unit: str | None, invalids: Invalids) -> tuple[list[str | None], list[Numbers]]:
    metrics: list[str | None] = []
    found: list[Numbers] = []
    for index, node in enumerate(nodes):
        written: str | None = None
        numbers: Numbers = {}
        if node.metrics is not UNSET:
            written, numbers = read_metrics(str(node.metrics, "utf-8"), unit, invalids, index)
        metrics.append(written)
        found.append(numbers)
    return metrics, found


def _tree_rows(tree: _Tree, digest: bytes, unit: str | None, invalids: Invalids) -> list[Row]:
    top = tree.nodes[0]
    prefix = ids.uuid_prefix(_trace_start(top, tree.found))
    fills = not top.as_stored
    rows = [_top_row(top, prefix, digest, invalids)]
    root_id, taken = rows[0].id, {rows[0].id}
    lists = [as_list([rows[0].span_id])]  # of each span the text of [span_id]: its children's span_parents
    for index, node in enumerate(tree.nodes):
        numbers = tree.found[index]
        if index:
            parent = rows[tree.parents[index]]
            span_parents = lists[tree.parents[index]]
            if node.id or node.span_id:
                row_id = _given_id(node, prefix, root_id, tree.places[index], taken)
                row = Row(row_id, node.span_id or row_id, node.root_span_id or parent.root_span_id, span_parents)
                lists.append(as_list([row.span_id]))
            else:
                row_id = ids.child_id(prefix, root_id, tree.places[index])
                row = Row(row_id, row_id, node.root_span_id or parent.root_span_id, span_parents)
                lists.append(f'["{row_id}"]')
            if node.span_parents is not UNSET:
                row.span_parents = with_further(span_parents, parent.span_id, given_parents(node, invalids, index))
            if fills:  # its own start, else what its parent has
                row.created, row.time = parent.created, parent.time
            rows.append(row)
        else:
            row = rows[0]
        start = numbers.get("start")
        if start is not None and is_absolute(start):
            row.time = start
            if fills:
                row.created = format_iso(start)
        if node.created is not UNSET:
            _take_created(row, node, unit, invalids, index)
        row.metrics = tree.metrics[index]
        row.span_attributes = read_attributes(node, numbers if fills else None, invalids, index)
        _take_payload(row, node, invalids, index)
    return rows


def _given_id(node: Node, prefix: str, root_id: str, place: str, taken: set[str]) -> str:
    """The row id of a nested span that has an id or span id of its own; `Rejected` for an id that is taken."""
    if node.id:
        row_id = node.id
        if row_id in taken:
            raise Rejected("duplicate_id", f"two spans of one record have the id {row_id}", _path(place) + "id")
    else:
        row_id = ids.child_id(prefix, root_id, f":{node.span_id}")
        if row_id in taken:  # one span_id twice in a tree
            row_id = ids.child_id(prefix, root_id, f":{node.span_id}{place}")
    taken.add(row_id)
    return row_id


def _trace_start(top: Node, found: list[Numbers]) -> float:
    """Epoch seconds at which a trace starts: its root's start, else the earliest there is, else ``created``, else 0."""
    start = found[0].get("start")
    if start is not None and is_absolute(start):
        return start
    dated = [start for numbers in found if (start := numbers.get("start")) is not None and is_absolute(start)]
    if dated:
        return min(dated)
    created = None if top.created is UNSET else text.decode(text.text_of(top.created))
    return (parse_iso(created) if isinstance(created, str) else None) or 0


def _top_row(node: Node, prefix: str, digest: bytes, invalids: Invalids) -> Row:
    """The row of a tree's top, linkage only: a root, or a fragment if it names parents of its own."""
    given = given_parents(node, invalids, 0)
    unique = node.span_id if node.span_id and len(node.span_id) >= ids.NUMBERING_BELOW else None
    row_id = node.id or unique or ids.root_id(prefix, digest)
    trace = node.root_span_id or (None if given else unique or row_id)
    return Row(row_id, node.span_id or row_id, trace, as_list(given))


def _flat_row(
    node: Node, metrics: str | None, found: Numbers, digest: bytes, unit: str | None, invalids: Invalids
) -> Row:
    """A row as it came: ids and linkage default to each other, nothing is filled in."""
    given = given_parents(node, invalids, 0)
    start = found.get("start")
    dated = start is not None and is_absolute(start)
    row_id = node.id or node.span_id or ids.root_id(ids.uuid_prefix(start or 0 if dated else 0), digest)
    span_id = node.span_id or row_id
    row = Row(row_id, span_id, node.root_span_id or (None if given else span_id), as_list(given))
    if dated:
        row.time = start
    if node.created is not UNSET:
        _take_created(row, node, unit, invalids, 0)
    row.metrics = metrics
    row.span_attributes = read_attributes(node, None, invalids, 0)
    _take_payload(row, node, invalids, 0)
    return row


def _take_payload(row: Row, node: Node, invalids: Invalids, index: int) -> None:  # noqa: C901 - a test a field: no loop is as fast
    """The payload as text, shapes checked."""
    if (value := node.input) is not UNSET:
        row.input = str(value, "utf-8")
    if (value := node.output) is not UNSET:
        row.output = str(value, "utf-8")
    if (value := node.metadata) is not UNSET:
        metadata = str(value, "utf-8")
        if metadata[0] == "{" or metadata == "null":
            row.metadata = metadata
        else:
            invalids[index].move("metadata", metadata)
    if node.expected is not UNSET:
        row.expected = str(node.expected, "utf-8")
    if node.error is not UNSET:
        row.error = str(node.error, "utf-8")
    if node.scores is not UNSET:
        row.scores = scores = str(node.scores, "utf-8")
        if scores != "null" and not fits(SCORES, scores):
            row.scores = invalids[index].split_members("scores", scores)
    if node.tags is not UNSET:
        row.tags = tags = str(node.tags, "utf-8")
        if tags != "null" and not fits(TAGS, tags):
            row.tags = invalids[index].split_tags(tags)
    if node.context is not UNSET:
        row.context = str(node.context, "utf-8")
    if node.origin is not UNSET:
        row.origin = str(node.origin, "utf-8")
    if node.extra:
        row.extra = str(node.extra)
    if node.server:
        row.server = str(node.server)


def _take_created(row: Row, node: Node, unit: str | None, invalids: Invalids, index: int) -> None:
    """``created`` as the source has it: text stays, a number becomes ISO text."""
    written = text.text_of(node.created)  # type: ignore[arg-type]  # the caller has checked for UNSET
    value = text.decode(written)
    if isinstance(value, str):
        row.created, row.time = value, parse_iso(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and is_absolute(to_seconds(value, unit)):
        row.time = to_seconds(value, unit)
        row.created = format_iso(row.time)
    elif value is not None:
        invalids[index].move("created", written)


def _path(place: str) -> str:
    """``/0/2`` as the beginning of a JSON path, ``children[0].children[2].``."""
    return "".join(f"children[{index}]." for index in place.split("/")[1:])

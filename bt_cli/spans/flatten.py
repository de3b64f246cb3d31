"""Record → rows: linkage, ids, times and what may be filled in. The inverse of `assemble`.

Iterative throughout, and written for speed where every span passes: the common span has no problem,
times in seconds and a plain name, and meets none of the slower functions.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET, Raw, Struct

from bt_cli.spans import ids, text
from bt_cli.spans.attributes import read_attributes
from bt_cli.spans.foreign import Foreign
from bt_cli.spans.linkage import as_list, given_parents, with_further
from bt_cli.spans.metrics import Numbers, fill_metrics, read_metrics
from bt_cli.spans.node import MAX_DEPTH, TOO_DEEP, Node, is_row
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import SCORES, TAGS, Invalids, fits
from bt_cli.spans.times import SECONDS_FROM, SECONDS_TO, format_iso, is_absolute, parse_iso, to_seconds


class Flat(Struct, array_like=True, gc=False, tag=True):
    """The rows of one record, parents first, and what was found on the way.

    ``is_merge`` is the record's own instruction. ``relative_clocks`` counts spans whose start is no
    date. ``anonymous`` tells that the record has neither id nor time, so that a repeated trace
    cannot be told from a copy. ``tree`` tells that it was a tree or fragment, not a single row.
    ``foreign`` tells of a record that was neither.
    """

    rows: list[Row]
    problems: list[Problem] = []
    is_merge: bool | None = None
    relative_clocks: int = 0
    anonymous: bool = False
    tree: bool = True
    foreign: Foreign | None = None


def flatten(node: Node, digest: bytes, unit: str | None = None) -> Flat:
    """The rows of one record whose content hash is ``digest``; ``unit`` forces the unit of its times.

    Raises `Rejected` for more than `MAX_DEPTH` spans below each other.
    """
    invalids = Invalids()
    if is_row(node):
        flat = _flat(node, digest, unit, invalids)
        places = [""]
    else:
        nodes, parents, places = _walk(node)
        metrics, found = _read_metrics(nodes, unit, invalids)
        if not node.as_stored:
            fill_metrics(parents, metrics, found)
        starts = [numbers.get("start") for numbers in found]
        dates = [start if start is not None and SECONDS_FROM <= start < SECONDS_TO else None for start in starts]
        tree = _Tree(nodes, parents, places, metrics, found, dates)
        flat = Flat(_tree_rows(tree, digest, unit, invalids))
        flat.relative_clocks = dates.count(None) - starts.count(None)
    rows = flat.rows
    if node.is_merge is not UNSET:
        flat.is_merge = node.is_merge
    flat.anonymous = rows[0].time is None and not (node.id or node.span_id)
    if invalids:
        flat.problems = [
            problem
            for index, invalid in sorted(invalids.items())
            for problem in invalid.settle(rows[index], _path(places[index]))
        ]
    return flat


class _Tree(NamedTuple):
    """A record in pre-order, a list item a span: its node, its parent's index (-1 at the top) and its place.

    Then its metrics as text and as numbers, and its start where that is a date.
    """

    nodes: list[Node]
    parents: list[int]
    places: list[str]
    metrics: list[str | None]
    found: list[Numbers]
    dates: list[float | None]


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
            number = len(children)
            for child in reversed(children):
                number -= 1
                stack.append((child, index, f"{place}/{number}", depth + 1))
        nodes.append(node)
        parents.append(parent)
        places.append(place)
    return nodes, parents, places


def _read_metrics(nodes: list[Node], unit: str | None, invalids: Invalids) -> tuple[list[str | None], list[Numbers]]:
    metrics: list[str | None] = []
    found: list[Numbers] = []
    for index, node in enumerate(nodes):
        if node.metrics is UNSET:
            metrics.append(None)
            found.append({})
        else:
            written, numbers = read_metrics(str(node.metrics, "utf-8"), unit, invalids, index)
            metrics.append(written)
            found.append(numbers)
    return metrics, found


def _tree_rows(tree: _Tree, digest: bytes, unit: str | None, invalids: Invalids) -> list[Row]:
    """The rows of a tree: what a node does not say follows from its place."""
    top = tree.nodes[0]
    prefix = ids.uuid_prefix(_trace_start(top, tree.dates))
    fills = not top.as_stored
    rows: list[Row] = []
    lists: list[str] = []  # of each span the text of [span_id]: its children's span_parents
    taken: set[str] = set()
    root_id = ""
    for node, above, place, metrics, numbers, date in zip(*tree, strict=True):
        index = len(rows)
        created = time = None
        if index:
            parent = rows[above]
            span_parents = lists[above]
            trace = node.root_span_id or parent.root_span_id
            if node.id or node.span_id:
                row_id = _given_id(node, prefix, root_id, place, taken)
                span_id = node.span_id or row_id
                lists.append(as_list([span_id]))
            else:
                span_id = row_id = ids.child_id(prefix, root_id, place)
                lists.append(f'["{row_id}"]')
            if node.span_parents is not UNSET:
                span_parents = with_further(span_parents, parent.span_id, given_parents(node, invalids, index))
            if fills:  # its own start, else what its parent has
                created, time = parent.created, parent.time
        else:
            row_id, span_id, trace, span_parents = _top_linkage(node, prefix, digest, invalids)
            root_id = row_id
            taken.add(row_id)
            lists.append(as_list([span_id]))
        if date is not None:
            time = date
            if fills:
                created = format_iso(date)
        if node.created is not UNSET:
            created, time = _read_created(node, unit, created, time, invalids, index)
        attributes = read_attributes(node, numbers if fills else None, invalids, index)
        placed = row_id, span_id, trace, span_parents, created, time
        rows.append(_row(placed, node, metrics, attributes, invalids, index))
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


def _trace_start(top: Node, dates: list[float | None]) -> float:
    """Epoch seconds at which a trace starts: its root's start, else the earliest there is, else ``created``, else 0."""
    if dates[0] is not None:
        return dates[0]
    dated = [date for date in dates if date is not None]
    if dated:
        return min(dated)
    created = None if top.created is UNSET else text.decode(text.text_of(top.created))
    return (parse_iso(created) if isinstance(created, str) else None) or 0


_Linkage = tuple[str, str, str | None, str]
"""``id``, ``span_id``, ``root_span_id``, ``span_parents``."""


def _top_linkage(node: Node, prefix: str, digest: bytes, invalids: Invalids) -> _Linkage:
    """Of a tree's top: a root, or a fragment if it names parents of its own."""
    given = given_parents(node, invalids, 0)
    unique = node.span_id if node.span_id and len(node.span_id) >= ids.NUMBERING_BELOW else None
    row_id = node.id or unique or ids.root_id(prefix, digest)
    trace = node.root_span_id or (None if given else unique or row_id)
    return row_id, node.span_id or row_id, trace, as_list(given)


def _flat(node: Node, digest: bytes, unit: str | None, invalids: Invalids) -> Flat:
    """A row as it came: ids and linkage default to each other, nothing is filled in."""
    metrics = start = time = None
    if node.metrics is not UNSET:
        metrics, numbers = read_metrics(str(node.metrics, "utf-8"), unit, invalids, 0)
        start = numbers.get("start")
        if start is not None and SECONDS_FROM <= start < SECONDS_TO:
            time = start
    clocks = int(start is not None and time is None)
    given = given_parents(node, invalids, 0)
    row_id = node.id or node.span_id or ids.root_id(ids.uuid_prefix(time or 0), digest)
    span_id = node.span_id or row_id
    trace = node.root_span_id or (None if given else span_id)
    created = None
    if node.created is not UNSET:
        created, time = _read_created(node, unit, created, time, invalids, 0)
    attributes = read_attributes(node, None, invalids, 0)
    placed = row_id, span_id, trace, as_list(given) if given else "[]", created, time
    return Flat([_row(placed, node, metrics, attributes, invalids, 0)], relative_clocks=clocks, tree=False)


_Placed = tuple[str, str, str | None, str, str | None, float | None]
"""The fields of a row that place it: its linkage, ``created`` and time."""


def _row(
    placed: _Placed, node: Node, metrics: str | None, attributes: str | None, invalids: Invalids, index: int
) -> Row:
    """The row of a node: the payload as text, shapes checked."""
    scores, metadata, tags = node.scores, node.metadata, node.tags
    return Row(
        *placed,
        None if (value := node.input) is UNSET else str(value, "utf-8"),
        None if (value := node.output) is UNSET else str(value, "utf-8"),
        None if (value := node.expected) is UNSET else str(value, "utf-8"),
        None if (value := node.error) is UNSET else str(value, "utf-8"),
        None if scores is UNSET else _read_scores(scores, invalids, index),
        None if metadata is UNSET else _read_metadata(metadata, invalids, index),
        metrics,
        None if tags is UNSET else _read_tags(tags, invalids, index),
        attributes,
        None if (value := node.context) is UNSET else str(value, "utf-8"),
        None if (value := node.origin) is UNSET else str(value, "utf-8"),
        str(node.extra) if node.extra else None,
        str(node.server) if node.server else None,
    )


def _read_scores(value: Raw, invalids: Invalids, index: int) -> str | None:
    scores = str(value, "utf-8")
    if scores == "null" or fits(SCORES, scores):
        return scores
    return invalids[index].split_members("scores", scores)


def _read_metadata(value: Raw, invalids: Invalids, index: int) -> str | None:
    metadata = str(value, "utf-8")
    if metadata[0] == "{" or metadata == "null":
        return metadata
    invalids[index].move("metadata", metadata)
    return None


def _read_tags(value: Raw, invalids: Invalids, index: int) -> str | None:
    tags = str(value, "utf-8")
    if tags == "null" or fits(TAGS, tags):
        return tags
    return invalids[index].split_tags(tags)


def _read_created(
    node: Node, unit: str | None, created: str | None, time: float | None, invalids: Invalids, index: int
) -> tuple[str | None, float | None]:
    """``created`` as the source has it and its time: text stays, a number becomes ISO text.

    What says nothing leaves ``created`` and ``time`` as they are given.
    """
    written = text.text_of(node.created)  # type: ignore[arg-type]  # the caller has checked for UNSET
    value = text.decode(written)
    if isinstance(value, str):
        return value, parse_iso(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and is_absolute(to_seconds(value, unit)):
        seconds = to_seconds(value, unit)
        return format_iso(seconds), seconds
    if value is not None:
        invalids[index].move("created", written)
    return created, time


def _path(place: str) -> str:
    """``/0/2`` as the beginning of a JSON path, ``children[0].children[2].``."""
    return "".join(f"children[{index}]." for index in place.split("/")[1:])

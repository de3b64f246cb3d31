"""BTQL in clauses, ``select: * | from: project_logs('ID') spans | filter: …``, as one statement of SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from msgspec import Struct

from bt_cli.errors import QueryError
from bt_cli.query.limits import whole_number

KNOWN = (
    "select",
    "dimensions",
    "measures",
    "from",
    "filter",
    "sort",
    "limit",
    "cursor",
    "preview_length",
)
_ABSENT = ("pivot", "unpivot", "sample", "having", "final_filter", "infer", "traces", "spans", "comparison_key")
_CLAUSE = re.compile(rf"({'|'.join((*KNOWN, *_ABSENT))})\s*:(?!:)", re.IGNORECASE)
_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<quote>['"`])|(?P<comment>--|/\*)|(?P<word>[A-Za-z_]\w*)|(?P<bar>\|)|(?P<space>\s+)""",
    re.DOTALL,
)
_SOURCE = re.compile(r"\s*(?P<call>\w+\s*\(.*\))\s*(?P<shape>\w+)?\s*\Z", re.DOTALL)
_NAMED = re.compile(r"\s*:(?!:)")
_NEAR = 20
"""Characters before a text that tell whether it is a name."""
SHAPES = ("spans", "traces", "summary")


class Clauses(Struct, frozen=True):
    """The clauses of a query, each as SQL; those that are not there are empty."""

    source: str
    """A call, ``project_logs('ID')``."""
    shape: str = "spans"
    select: str = ""
    dimensions: str = ""
    measures: str = ""
    filter: str = ""
    sort: str = ""
    limit: str = ""
    cursor: str = ""
    preview: int = -1


def is_btql(query: str) -> bool:
    """Whether a query begins with a clause of BTQL."""
    return _CLAUSE.match(query.lstrip()) is not None


def clauses_of(query: str) -> Clauses:
    """The clauses of BTQL text, separated by bars or lines. Raises QueryError with the place."""
    found: dict[str, str] = {}
    for name, begin, end in _cut(query):
        if name in _ABSENT:
            raise _at(query, begin, f"there is no {name}: here", f"clauses: {', '.join(KNOWN)}")
        if name in found:
            raise _at(query, begin, f"{name}: is there twice")
        found[name] = _in_sql(query[begin:end]).strip()
    if "from" not in found:
        raise QueryError("from: is missing", hint="as in: select: * | from: project_logs('NAME')")
    source = _SOURCE.match(found["from"])
    if source is None or (source["shape"] or "spans").lower() not in SHAPES:
        hint = f"as in: from: project_logs('NAME') spans; shapes: {', '.join(SHAPES)}"
        raise _at(query, query.find(found["from"]) if found["from"] in query else 0, "from: cannot be read", hint)
    return Clauses(
        source["call"],
        (source["shape"] or "spans").lower(),
        **{name: found.get(name, "") for name in ("select", "dimensions", "measures", "filter", "sort", "limit")},
        cursor=_text(found.get("cursor", "")),
        preview=_number(found.get("preview_length", "")),
    )


def statement_of(clauses: Clauses) -> str:
    """The clauses as one statement of SQL, on lines of their own."""
    grouped = ", ".join(filter(None, (clauses.dimensions, clauses.measures)))
    if grouped and clauses.select:
        raise QueryError("select: stands with neither dimensions: nor measures:", hint="leave one away")
    lines = [f"SELECT {grouped or clauses.select or '*'}", f"FROM {_with_shape(clauses.source, clauses.shape)}"]
    if clauses.filter:
        lines.append(f"WHERE {clauses.filter}")
    if clauses.dimensions:
        places = range(1, len(split(clauses.dimensions)) + 1)
        lines.append(f"GROUP BY {', '.join(map(str, places))}")
    if clauses.sort:
        lines.append(f"ORDER BY {clauses.sort}")
    if clauses.limit:
        lines.append(f"LIMIT {clauses.limit}")
    return "\n".join(lines)


def split(listed: str) -> Sequence[str]:
    """The items of a list, which commas separate outside of brackets and quotation marks."""
    cuts, depth = [-1], 0
    for token in re.finditer(_TOKEN.pattern + r"|(?P<comma>,)", listed, re.DOTALL):
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
        if token.lastgroup == "comma" and depth == 0:
            cuts.append(token.start())
    return [listed[begin + 1 : end] for begin, end in zip(cuts, [*cuts[1:], len(listed)], strict=True)]


def _cut(query: str) -> list[tuple[str, int, int]]:
    """Each clause with where its content begins and ends."""
    starts: list[tuple[str, int, int]] = []
    depth, at_start, behind_bar = 0, True, True
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind in ("quote", "comment"):
            told = "a quote is not closed" if kind == "quote" else "a comment is no part of a query"
            raise _at(query, token.start(), told)
        clause = _CLAUSE.match(query, token.start()) if kind == "word" and depth == 0 and at_start else None
        if clause:
            starts.append((clause[1].lower(), token.start(), clause.end()))
        elif kind == "word" and depth == 0 and behind_bar and _NAMED.match(query, token.end()):
            raise _at(query, token.start(), f"there is no {token.group()}: here", f"clauses: {', '.join(KNOWN)}")
        depth += {"open": 1, "close": -1}.get(kind or "", 0)
        at_start = kind in ("bar", "space")
        behind_bar = kind == "bar" or (kind == "space" and (behind_bar or "\n" in token.group()))
    ends = [begin for _, begin, _ in starts[1:]] + [len(query)]
    return [(name, begin, _without_bar(query, begin, end)) for (name, _, begin), end in zip(starts, ends, strict=True)]


def _without_bar(query: str, begin: int, end: int) -> int:
    content = query[begin:end].rstrip()
    if content.endswith("|"):
        content = content[:-1]
    if not content.strip():
        raise _at(query, begin, "a clause is empty")
    return begin + len(content)


def _in_sql(piece: str) -> str:
    """A clause with its texts in single quotes; what stands in double ones after a dot or ``as`` is a name."""

    def write(token: re.Match[str]) -> str:
        found, before = token.group(), piece[max(0, token.start() - _NEAR) : token.start()].rstrip()
        if found[0] != '"' or before.endswith(".") or before.lower().endswith(" as"):
            return found
        return literal(_unquoted(found))

    return _TOKEN.sub(write, piece)


def _unquoted(written: str) -> str:
    if "\\" in written:
        try:
            return str(json.loads(written))
        except ValueError:
            pass
    return written[1:-1].replace('""', '"')


def literal(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _with_shape(source: str, shape: str) -> str:
    if shape == "spans":
        return source
    return f"{source.rstrip()[:-1]}, shape => '{shape}')"


def _text(written: str) -> str:
    """The text of a literal in single quotes; null is none."""
    if written.lower() in ("", "null"):
        return ""
    if len(written) < 2 or written[0] != "'" or written[-1] != "'":
        raise QueryError("cursor: needs a text", hint="as in: cursor: 'AAAA'")
    return written[1:-1].replace("''", "'")


def _number(written: str) -> int:
    if written in ("", "-1"):
        return -1
    number = whole_number(written)
    if number is None:
        raise QueryError(f"preview_length: is a whole number, and {written} is none")
    return number


def _at(query: str, place: int, message: str, hint: str | None = None) -> QueryError:
    told = QueryError(message, hint=hint)
    told.point_at(query, place)
    return told

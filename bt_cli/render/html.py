"""A trace as one page of HTML: no script, no network; every text of the trace is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from bt_cli.render import amounts
from bt_cli.render.error_text import error_line
from bt_cli.render.folding import by_start
from bt_cli.render.html_style import POLICY, STYLE
from bt_cli.render.json_text import compact, pretty
from bt_cli.render.look import Look
from bt_cli.render.media import shortened
from bt_cli.render.span import conversation_in, fields, message_lines
from bt_cli.render.tree import MARKS
from bt_cli.render.waterfall import Range, range_of
from bt_cli.spans.assemble import Branch
from bt_cli.spans.facts import Facts
from bt_cli.spans.fragments import Why
from bt_cli.spans.media import media_of
from bt_cli.spans.peek import members, word
from bt_cli.spans.trace import TraceFacts

_DEEP = 25
"""Levels after which the tree is not moved further to the right."""
_OPEN = 4
"""Levels that are open at first."""
_DOT = " · "
_THINNEST = 0.3
"""Percent of the width that a bar takes at least."""
_BRIEF = 80
"""Characters of JSON that stay on one line."""
_MIDDLING = 4_000
"""Characters of JSON of which line ends and indents may make three quarters; of more, half."""


def page(
    trace: TraceFacts,
    tops: Sequence[Branch],
    facts: Mapping[int, Facts],
    why: Mapping[int, Why],
    clean: Callable[[str], str],
) -> Iterator[str]:
    """The parts of the page in order; ``clean`` spells out control characters and marks that turn text around."""
    written = _Page(facts, why, clean)
    yield from written.head(trace)
    waiting: list[tuple[Branch, int] | None] = [(top, 1) for top in reversed(tops)]
    while waiting:
        step = waiting.pop()
        if step is None:
            yield "</details>\n"
            continue
        branch, depth = step
        yield written.span(branch, depth)
        waiting.append(None)
        waiting += [(child, depth + 1) for child in reversed(by_start(branch.children, facts))]
    yield "</main>\n</body>\n</html>\n"


class _Page:
    """What all spans of a page share."""

    def __init__(self, facts: Mapping[int, Facts], why: Mapping[int, Why], clean: Callable[[str], str]) -> None:
        self._facts, self._why, self._clean = facts, why, clean
        self._range: Range | None = range_of(facts.values())
        self._look = Look(clean, clean)

    def text(self, text: str) -> str:
        """Text of the trace on one line, as HTML for the content of an element."""
        return escape(self._clean(text), quote=False)

    def lines(self, text: str) -> str:
        """Text of several lines, as HTML."""
        return "\n".join(self.text(line.expandtabs(4)) for line in text.split("\n"))

    def head(self, trace: TraceFacts) -> Iterator[str]:
        """All that comes before the first span."""
        name = self.text(trace.name or "(no name)")
        told = [
            f"{moment} UTC" if (moment := amounts.moment(trace.time)) else "",
            amounts.duration(trace.duration),
            amounts.count(trace.spans, "span"),
            f'<span class="error">{amounts.count(trace.errors, "error")}</span>' if trace.errors else "",
            f"{amounts.tokens(trace.tokens)} tokens" if trace.tokens is not None else "",
            amounts.cost(trace.cost),
            self.text(amounts.scores(trace.scores, ", ")),
        ]
        yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        yield f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield '<meta name="referrer" content="no-referrer">\n'
        yield f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        yield f"<h1>{name}</h1>\n"
        yield f'<p class="about">{_DOT.join(one for one in told if one)}</p>\n'
        yield f'<p class="id">{self.text(trace.id or "")}</p>\n<main>\n'

    def span(self, branch: Branch, depth: int) -> str:
        """A span up to its children: its line and its fields; the element stays open.

        A trace has thousands of them, hence elements of short names instead of classes.
        """
        facts = self._facts[id(branch)]
        why = self._why.get(id(branch))
        kind = f"<i>{self.text(facts.type)}</i>" if facts.type else ""
        mark = f"<i>({MARKS[why]})</i>" if why else ""
        name = self.text(facts.name or "(no name)")
        return (
            f"<details{_classes(facts, depth)}{' open' if depth <= _OPEN and branch.children else ''}>"
            f"<summary><b>{name}</b>{kind}{mark}<em>{self._more(facts)}</em>{self._bar(facts)}</summary>\n"
            f"{self._error(facts)}{self._fields(branch)}"
        )

    def _more(self, facts: Facts) -> str:
        told = [
            self.text(facts.model or ""),
            f"{amounts.tokens(facts.tokens)} tokens" if facts.tokens is not None else "",
            amounts.cost(facts.cost),
            self.text(amounts.scores(facts.scores, _DOT)),
        ]
        return _DOT.join(one for one in told if one)

    def _bar(self, facts: Facts) -> str:
        """When the span ran and how long; what takes no time is still to be seen."""
        share = self._range.share(facts) if self._range else None
        drawn = ""
        if share is not None:
            left = min(share[0] * 100, 100 - _THINNEST)
            wide = max(share[1] * 100 - left, _THINNEST)
            drawn = f'<rect x="{left:.3g}%" width="{wide:.3g}%"/>'
        lasted = amounts.duration(facts.duration)
        return f"<svg>{drawn}</svg><time>{lasted}</time>" if drawn or lasted else ""

    def _error(self, facts: Facts) -> str:
        if facts.error is None:
            return ""
        return f'<p class="error">{self.text(error_line(facts.error))}</p>\n'

    def _fields(self, branch: Branch) -> str:
        """What a span says of itself; before children it is folded away."""
        row = branch.row
        ids = [("id", row.id), *([("span_id", row.span_id)] if row.span_id != row.id else [])]
        parts = [f"<dt>{name}<dd>{self.text(value)}" for name, value in ids]
        parts += [
            f"<dt>{self.text(name)}<dd>{self._value(name, json)}"
            for name, json in fields(row)
            if name != "span_attributes" or members(json).keys() - {"name", "type"}  # these stand in its line
        ]
        told = f"<dl>{''.join(parts)}</dl>\n"
        return f'<details class="fields"><summary>fields</summary>{told}</details>\n' if branch.children else told

    def _value(self, name: str, json: str) -> str:
        if found := conversation_in(name, json):
            told = "\n".join(message_lines(found.messages, self._look, "", whole=True))
            return escape(told, quote=False) + (f"\n{self._json(found.rest)}" if found.rest else "")
        plain = word(json)
        if plain is not None and media_of(json) is None:
            return self.lines(plain)
        return self._json(json)

    def _json(self, json: str) -> str:
        """JSON over several lines, unless it is short, or indents would make most of it."""
        json = shortened(json)
        close = compact(json)
        wide = close if len(close) <= _BRIEF else pretty(json)
        most = (4 if len(close) <= _MIDDLING else 2) * len(close)
        return self.lines(close if len(wide) > most else wide)


def _classes(facts: Facts, depth: int) -> str:
    kind = facts.type if facts.type in ("llm", "tool") else ""
    classes = [kind, "bad" if facts.error is not None else "", "deep" if depth >= _DEEP else ""]
    named = " ".join(one for one in classes if one)
    return f' class="{named}"' if named else ""

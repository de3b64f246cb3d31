"""A trace as one page of HTML: no script, no network; every text of the trace is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from bt_cli.render import amounts
from bt_cli.render.error_text import error_line
from bt_cli.render.folding import by_start
from bt_cli.render.html_style import POLICY, STYLE
from bt_cli.render.json_text import pretty
from bt_cli.render.look import Look
from bt_cli.render.media import media_of, shortened, word
from bt_cli.render.messages import parse_messages, rest_of
from bt_cli.render.span import fields, message_lines
from bt_cli.render.tree import MARKS
from bt_cli.render.waterfall import Range, range_of
from bt_cli.spans.assemble import Branch
from bt_cli.spans.facts import Facts
from bt_cli.spans.fragments import Why
from bt_cli.spans.trace import TraceFacts

_DEEP = 25
"""Levels after which the tree is not moved further to the right."""
_OPEN = 4
"""Levels that are open at first."""
_DOT = " · "
_SCALE = 1000


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
        """Text of the trace on one line, as HTML."""
        return escape(self._clean(text))

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
        yield f"<h1><bdi>{name}</bdi></h1>\n"
        yield f'<p class="about">{_DOT.join(one for one in told if one)}</p>\n'
        yield f'<p class="id">{self.text(trace.id or "")}</p>\n<main>\n'

    def span(self, branch: Branch, depth: int) -> str:
        """A span up to its children: its line and its fields; the element stays open."""
        facts = self._facts[id(branch)]
        classes = ["llm" if facts.type == "llm" else "tool" if facts.type == "tool" else ""]
        classes += ["bad" if facts.error is not None else "", "deep" if depth >= _DEEP else ""]
        named = " ".join(one for one in classes if one)
        opened = " open" if depth <= _OPEN and branch.children else ""
        kind = f' <span class="kind">{self.text(facts.type)}</span>' if facts.type else ""
        why = self._why.get(id(branch))
        mark = f' <span class="mark">({MARKS[why]})</span>' if why else ""
        return (
            f'<details class="{named}"{opened}><summary>'
            f'<span class="name"><bdi>{self.text(facts.name or "(no name)")}</bdi>{kind}{mark}</span>'
            f'<span class="more">{self._more(facts)}</span>{self._bar(facts)}'
            f'<span class="time">{amounts.duration(facts.duration)}</span></summary>\n'
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
        share = self._range.share(facts) if self._range else None
        drawn = ""
        if share is not None:
            left, right = (round(one * _SCALE) for one in share)
            left = min(left, _SCALE - 3)  # what takes no time is still to be seen
            drawn = f'<rect x="{left}" y="0" width="{max(right - left, 3)}" height="1"/>'
        return f'<svg class="bar" viewBox="0 0 {_SCALE} 1" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'

    def _error(self, facts: Facts) -> str:
        if facts.error is None:
            return ""
        return f'<p class="error">{self.text(error_line(facts.error))}</p>\n'

    def _fields(self, branch: Branch) -> str:
        """What a span says of itself; before children it is folded away."""
        row = branch.row
        ids = f"id {row.id}" + (f"{_DOT}span_id {row.span_id}" if row.span_id != row.id else "")
        parts = "".join(self._field(name, json) for name, json in fields(row))
        told = f'<p class="id">{self.text(ids)}</p>\n{parts}'
        return f'<details class="fields"><summary>fields</summary>{told}</details>\n' if branch.children else told

    def _field(self, name: str, json: str) -> str:
        return f"<h2>{self.text(name)}</h2><pre>{self._value(name, json)}</pre>\n"

    def _value(self, name: str, json: str) -> str:
        role = "assistant" if name == "output" else "user"
        messages = parse_messages(json, role) if name in ("input", "output") else None
        if messages:
            rest = rest_of(json)
            told = "\n".join(message_lines(messages, self._look, ""))
            return escape(told) + (f"\n{self.lines(pretty(shortened(rest)))}" if rest else "")
        plain = word(json)
        if plain is not None and media_of(json) is None:
            return self.lines(plain)
        return self.lines(pretty(shortened(json)))

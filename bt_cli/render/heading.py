"""What stands above a trace: its name and the numbers of the whole of it."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render import amounts
from bt_cli.render.look import BOLD, DIM, GREEN, RED, Look, cells
from bt_cli.spans.trace import TraceFacts

FEW = 8
"""Characters of an id where it is not shown whole."""


def heading(trace: TraceFacts, look: Look) -> str:
    """Name, time, and the numbers of the whole trace, on as many lines as they need; the id below."""
    name = look.fit(look.clean(trace.name or "(no name)"), (look.width or 0) - 2)
    facts = [
        (name, BOLD),
        (f"{moment} UTC" if (moment := amounts.moment(trace.time)) else "", ""),
        (amounts.duration(trace.duration), ""),
        (amounts.count(trace.spans, "span"), ""),
        (amounts.count(trace.errors, "error") if trace.errors else "", RED),
        (f"{amounts.tokens(trace.tokens)} tokens" if trace.tokens is not None else "", ""),
        (amounts.cost(trace.cost), ""),
        *((look.clean(f"{name} {amounts.score(value)}"), GREEN) for name, value in trace.scores.items()),
    ]
    return _wrapped(facts, look) + look.paint("id " + look.clean(trace.id or ""), DIM) + "\n"


def brief_heading(trace: TraceFacts, look: Look) -> str:
    """The same on one line, for where there is little room: half of it the name's, and the end of the id."""
    name = look.fit(look.clean(trace.name or "(no name)"), (look.width or 0) // 2)
    told = [
        name,
        amounts.count(trace.spans, "span"),
        amounts.count(trace.errors, "error") if trace.errors else "",
        look.clean((trace.id or "")[-FEW:]),
    ]
    return look.fit(look.dot.join(one for one in told if one), look.width or 0) + "\n"


def _wrapped(facts: Sequence[tuple[str, str]], look: Look) -> str:
    """Facts with dots between, on a new line where the next does not fit."""
    drawn, used = "", 0
    for text, color in facts:
        if not text:
            continue
        text = look.fit(text, look.width or 0)
        needed = cells(text) + len(look.dot) * bool(used)
        if used and look.width is not None and used + needed > look.width:
            drawn, used, needed = drawn + "\n", 0, cells(text)
        drawn += (look.dot if used else "") + look.paint(text, *([color] if color else []))
        used += needed
    return drawn + "\n"

"""The conversation of a trace: what was said to models, what they answered, what tools gave; repeats folded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import orjson
from msgspec import Struct

from bt_cli.render import amounts
from bt_cli.render.error_text import error_line
from bt_cli.render.folding import FactsOf, entries
from bt_cli.render.look import BOLD, DIM, RED, Look
from bt_cli.render.span import message_lines, part_lines, short, title
from bt_cli.spans.assemble import Branch
from bt_cli.spans.facts import Facts
from bt_cli.spans.message_parts import value_part
from bt_cli.spans.messages import Message, said
from bt_cli.spans.row import Row

_INDENT = "  "
_REMEMBERED = 20
"""Earlier calls with which a call is compared."""
_NAMED = 3
"""Kinds of spans without input and output that are named."""


class Turn(Struct):
    """What one span adds to the conversation: its messages without the ``repeated`` ones before them."""

    row: Row
    facts: Facts
    messages: list[Message]
    repeated: int = 0


def conversation(tops: Sequence[Branch], facts: FactsOf) -> list[Turn]:
    """The turns of a trace, in the order of its tree.

    Model calls and tools speak; in a trace without model calls its root does.
    """
    every = [entry.branch for entry in entries(tops, facts) if entry.branch is not None]
    spoken = [one for one in every if facts[id(one)].purpose != "scorer"]
    calls = [one for one in spoken if facts[id(one)].type in ("llm", "tool")]
    if not any(facts[id(one)].type == "llm" for one in calls):
        first = spoken[:1]
        return [_Talk().turn(one.row, facts[id(one)]) for one in [*first, *(one for one in calls if one not in first)]]
    talk = _Talk()
    return [talk.turn(one.row, facts[id(one)]) for one in calls]


class _Talk:
    """What has been said so far."""

    def __init__(self) -> None:
        self._histories: list[list[Message]] = []
        self._results: set[str] = set()

    def turn(self, row: Row, facts: Facts) -> Turn:
        """What a span adds."""
        if facts.type == "tool":
            return self._tool(row, facts)
        asked, answered = said(row.input, "user"), said(row.output, "assistant")
        known = max((_common(asked, history) for history in self._histories), default=0)
        new = [one for one in asked[known:] if not self._is_known_result(one)]
        self._histories = [*self._histories[1 - _REMEMBERED :], [*asked, *answered]]
        return Turn(row, facts, [*new, *answered], len(asked) - len(new))

    def _tool(self, row: Row, facts: Facts) -> Turn:
        parts = [] if row.input is None else [value_part(row.input, "call", facts.name or "")]
        if row.output is not None:
            parts.append(value_part(row.output, "result"))
            self._results.add(_normal(parts[-1].text))
        return Turn(row, facts, [Message("tool", tuple(parts))])

    def _is_known_result(self, message: Message) -> bool:
        """Whether a message only hands a model what a tool's own span has shown."""
        return bool(message.parts) and all(
            part.kind == "result" and _normal(part.text) in self._results for part in message.parts
        )


def _common(asked: list[Message], history: list[Message]) -> int:
    same = 0
    for one, other in zip(asked, history, strict=False):
        if one.said != other.said:
            break
        same += 1
    return same


def _normal(text: str) -> str:
    """JSON in one spelling, so that a result is known again after it was encoded into a message."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS).decode()
    except (ValueError, TypeError):
        return text


def thread_text(turns: Sequence[Turn], look: Look) -> str:
    """The conversation, span by span."""
    told = []
    for silent, group in groupby(turns, _is_silent):
        run = list(group)
        several = silent and len(run) > 1
        told += [[_silent_line(run, look)]] if several else [_turn_lines(turn, look) for turn in run]
    return "".join("\n" + "\n".join(lines) + "\n" for lines in told)


def _is_silent(turn: Turn) -> bool:
    """Whether a span adds nothing that could be told."""
    return turn.facts.error is None and not turn.repeated and not any(one.parts for one in turn.messages)


def _silent_line(turns: Sequence[Turn], look: Look) -> str:
    """One line for spans without input and output: ``… 500 spans without input and output: embed [tool]``."""
    names = list(dict.fromkeys(title(turn.facts, look) for turn in turns))
    told = ", ".join(names[:_NAMED]) + (f" {look.ellipsis}" if len(names) > _NAMED else "")
    line = f"{look.ellipsis} {amounts.count(len(turns), 'span')} without input and output: {told}"
    return look.paint(look.fit(line, look.room), DIM)


def _turn_lines(turn: Turn, look: Look) -> list[str]:
    lines = [_heading(turn.facts, look)]
    if turn.repeated:
        lines.append(look.paint(f"{_INDENT}{look.ellipsis} {amounts.count(turn.repeated, 'message')} as above", DIM))
    if turn.facts.type == "tool":
        lines += [line for one in turn.messages for part in one.parts for line in part_lines(part, look, _INDENT)]
    else:
        lines += message_lines(turn.messages, look, _INDENT)
    if turn.facts.error is not None:
        error = look.fit(f"{look.cross} {look.clean(error_line(turn.facts.error))}", look.room - len(_INDENT))
        lines.append(_INDENT + look.paint(error, RED))
    return lines


def _heading(facts: Facts, look: Look) -> str:
    told = [
        short(facts.model or "", look),
        amounts.duration(facts.duration),
        f"{amounts.tokens(facts.tokens)} tokens" if facts.tokens is not None else "",
    ]
    return look.dot.join([look.paint(title(facts, look), BOLD), *(look.paint(one, DIM) for one in told if one)])

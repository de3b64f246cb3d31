"""The page of a trace as text; tests/e2e/test_view_browser.py opens it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from bt_cli.cli.visible import visible
from bt_cli.render.html import page
from bt_cli.spans.row import Row
from bt_cli.writers.rows import write_rows
from seeing import seen, span

AT = 1767603731.0


def html(*rows: Row) -> str:
    """The page of a trace of these rows."""
    trace = seen(*rows)
    return "".join(page(trace.short, trace.tops, trace.facts, trace.why, visible))


def calls(count: int) -> list[Row]:
    """A root and so many model calls, as programs trace them."""
    said = [{"role": "user", "content": "Where is my order?"}]
    meta = {"model": "gpt-4o", "temperature": 0.2, "user_id": 4117}
    made = [span("root-0000-aaaa", at=(AT, AT + count))]
    for n in range(count):
        used = {"prompt_tokens": 10, "completion_tokens": 5}
        fields = {"input": said, "output": "On its way.", "metadata": meta, "metrics": used}
        made.append(span(f"call-{n:04}-bbbb", "root-0000-aaaa", type="llm", at=(AT + n, AT + n + 1), **fields))
    return made


@pytest.mark.parametrize(
    "rows",
    [
        calls(500),
        [span("a", output="\"<&>'" * 20_000)],
        [span("a", output={"deep": {"er": {"still": list(range(20_000))}}})],
        [span("a", output=[{"id": n, "tags": ["a", "b"]} for n in range(5_000)])],
    ],
    ids=["calls", "marks", "numbers", "objects"],
)
def test_a_page_is_about_as_large_as_its_trace(rows: list[Row]) -> None:
    """What stands around the data is at most twice as much again."""
    assert len(html(*rows)) < 3 * len(write_rows(rows)) + 8_000


def test_all_is_there_to_read() -> None:
    """Names, kinds, numbers and every field; of the attributes only those that the line does not show."""
    one = span("a", type="llm", at=(AT, AT + 1), input="hi", metadata={"model": "m-1"}, scores={"good": 1})
    text = unescape(re.sub(r"<[^>]+>", "\n", html(one).partition("<main>")[2])).split("\n")
    shown = [line for line in text if line]
    assert shown == [
        "a", "llm", "m-1 · good 1", "1.00 s", "id", "a", "input", "hi", "scores", '{"good":1}',
        "metadata", '{"model":"m-1"}', "metrics", json.dumps({"start": AT, "end": AT + 1}, separators=(",", ":")),
    ]  # fmt: skip


def test_what_messages_have_beside_what_is_said_is_there() -> None:
    """Why an answer ended, and the id of a call, as the text of a span has them."""
    call = {"id": "call-7", "function": {"name": "find", "arguments": "{}"}}
    answer = {"message": {"role": "assistant", "content": None, "tool_calls": [call]}, "finish_reason": "length"}
    text = unescape(html(span("a", input={"system": "be good", "messages": []}, output=[answer])))
    assert all(f'"{value}"' in text for value in ("call-7", "length")) and "system\n  be good" in text


def test_attributes_of_other_names_are_shown() -> None:
    """Whatever else a program puts beside name and type."""
    one = span("a")
    one.span_attributes = '{"name":"a","exec_counter":3}'
    assert '{"name":"a","exec_counter":3}' in html(one)


def test_nothing_of_the_trace_is_markup() -> None:
    """Every text is escaped, wherever it stands; attributes of elements hold none of it."""
    bad = "<b>&\"'"
    one = span(
        "a", name=bad, type=bad, error=bad, input=bad, output={bad: bad}, scores={bad: 1}, metadata={"model": bad}
    )
    body = html(one).partition("<main>")[2]
    assert "&lt;b&gt;&amp;\"'" in body and body.count("<b>") == 1
    assert all(bad[3:] not in tag for tag in re.findall(r"<[^>]+>", body))


def test_json_of_many_lines_is_indented() -> None:
    """What is too long for a line, and not mostly indents."""
    one = span("a", output={"first": "x" * 60, "second": "y" * 60})
    assert f'{{\n  "first": "{"x" * 60}",\n  "second"' in html(one)

"""The conversation of a trace."""

from __future__ import annotations

from typing import Any

from bt_cli.render.thread import conversation, thread_text
from bt_cli.spans.row import Row
from seeing import look, seen, span

SYSTEM, ASKED = {"role": "system", "content": "be good"}, {"role": "user", "content": "where?"}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c", "function": {"name": "find", "arguments": "{}"}}],
}
RESULT = {"role": "tool", "tool_call_id": "c", "content": '{"at": 7}'}
ANSWER = {"role": "assistant", "content": "at 7"}


def said(*rows: Row) -> str:
    trace = seen(*rows)
    return thread_text(conversation(trace.tops, trace.facts), look())


def call(span_id: str, at: int, asked: Any, answered: Any, **more: Any) -> Row:
    return span(span_id, "root", type="llm", at=(at, at + 1), input=asked, output=answered, **more)


def test_roles_and_texts_in_order() -> None:
    """Who says what, call by call."""
    text = said(span("root"), call("b", 2, [ASKED], "second"), call("a", 1, [SYSTEM, ASKED], ANSWER))
    assert text.index("be good") < text.index("where?") < text.index("at 7") < text.index("second")
    assert "  system\n    be good\n  user\n    where?\n  assistant\n    at 7\n" in text


def test_repeated_messages_are_folded() -> None:
    """What an earlier call had is counted, not said again."""
    more = {"role": "user", "content": "really?"}
    text = said(span("root"), call("a", 1, [SYSTEM, ASKED], ANSWER), call("b", 2, [SYSTEM, ASKED, ANSWER, more], "yes"))
    assert text.count("be good") == text.count("where?") == text.count("at 7") == 1
    assert "  … 3 messages as above\n  user\n    really?\n" in text


def test_another_conversation_is_not_folded() -> None:
    """Only what is the same from the beginning is a repeat."""
    other = {"role": "system", "content": "be bad"}
    text = said(span("root"), call("a", 1, [SYSTEM, ASKED], "x"), call("b", 2, [other, ASKED], "y"))
    assert text.count("where?") == 2 and "as above" not in text


def test_each_call_is_compared_with_all_before() -> None:
    """Two conversations in turns fold each with its own."""
    other = {"role": "system", "content": "be bad"}
    text = said(
        span("root"), call("a", 1, [SYSTEM], "x"), call("b", 2, [other], "y"), call("c", 3, [SYSTEM, ASKED], "z")
    )
    assert text.count("be good") == 1 and "1 message as above" in text


def test_tools_stand_where_they_ran() -> None:
    """Call and result of a tool's span; the message that hands the result on is a repeat."""
    tool = span("t", "root", name="find", type="tool", at=(2, 3), input={}, output={"at": 7})
    text = said(span("root"), call("a", 1, [ASKED], CALL), tool, call("b", 4, [ASKED, CALL, RESULT], ANSWER))
    assert 'find [tool] · 1.00 s\n  → find {}\n  ← {"at":7}\n' in text
    assert "… 3 messages as above\n  assistant\n    at 7" in text and text.count('at":7') == 1


def test_results_without_a_span_are_said() -> None:
    """A trace without tool spans tells the results from the messages."""
    text = said(span("root"), call("a", 1, [ASKED], CALL), call("b", 4, [ASKED, CALL, RESULT], ANSWER))
    assert '  tool\n    ← {"at": 7}\n' in text


def test_results_that_are_no_json_are_known_again() -> None:
    """Plain text that a tool gave is folded like JSON."""
    tool = span("t", "root", name="find", type="tool", at=(2, 3), output="not { json")
    handed = {"role": "tool", "content": "not { json"}
    text = said(span("root"), call("a", 1, [ASKED], CALL), tool, call("b", 4, [ASKED, CALL, handed], ANSWER))
    assert text.count("not { json") == 1 and "find [tool] · 1.00 s\n  ← not { json\n" in text


def test_without_model_calls_the_root_speaks() -> None:
    """Input and output of the trace, then its tools."""
    text = said(span("root", input="where?", output="here"), span("t", "root", type="tool", input=[1], error="broken"))
    assert "  user\n    where?\n  assistant\n    here\n" in text and "→ t [1]" in text and "✗ broken" in text


def test_judges_do_not_speak() -> None:
    """What scorers asked is no part of the conversation."""
    judge = span("j", "root", type="llm", input="judge this", at=(5, 6))
    judge.span_attributes = '{"type":"llm","purpose":"scorer"}'
    assert "judge this" not in said(span("root"), call("a", 1, [ASKED], ANSWER), judge)


def test_an_answer_is_known_again_without_why_it_ended() -> None:
    """A history hands on what was said; what the choice had beside it makes no difference, nor is it said."""
    choice = {"index": 0, "finish_reason": "stop", "message": ANSWER}
    more = {"role": "user", "content": "really?"}
    text = said(span("root"), call("a", 1, [ASKED], [choice]), call("b", 2, [ASKED, ANSWER, more], "yes"))
    assert "… 2 messages as above\n" in text and "finish_reason" not in text


def test_thoughts_without_words_are_not_told() -> None:
    """A signature alone is nothing that anybody says."""
    answer = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "", "signature": "s"}, {"type": "text", "text": "hi"}],
    }
    assert "  assistant\n    hi\n" in said(span("root"), call("a", 1, [ASKED], answer))


def test_spans_that_say_nothing_are_counted() -> None:
    """Hundreds of spans without input and output are one line; one that failed has its own."""
    silent = [span(f"s{n}", "root", name="embed", type="tool", at=(n, n + 1)) for n in range(500)]
    silent[400].error = '"boom"'
    text = said(span("root"), *silent, call("z", 900, [ASKED], ANSWER))
    assert "\n… 400 spans without input and output: embed [tool]\n\nembed [tool] · 1.00 s\n  ✗ boom\n" in text
    assert "\n… 99 spans without input and output: embed [tool]\n\nz [llm]" in text


def test_one_span_that_says_nothing_is_named() -> None:
    """What would be counted as one is that one."""
    text = said(span("root"), span("t", "root", name="embed", type="tool", at=(0, 1)), call("z", 2, [ASKED], ANSWER))
    assert "\nembed [tool] · 1.00 s\n\nz [llm]" in text


def test_few_kinds_of_silent_spans_are_named() -> None:
    """However many names there are, the line stays short."""
    silent = [span(f"t{n}", "root", type="tool", at=(n, n + 1)) for n in range(9)]
    text = said(span("root"), *silent, call("z", 20, [ASKED], ANSWER))
    assert "… 9 spans without input and output: t0 [tool], t1 [tool], t2 [tool] …\n" in text


def test_numbers_of_a_call() -> None:
    """Model, time and tokens stand beside its name."""
    text = said(span("root"), call("a", 1, [ASKED], ANSWER, metadata={"model": "m"}, metrics={"tokens": 9}))
    assert "a [llm] · m · 1.00 s · 9 tokens\n" in text

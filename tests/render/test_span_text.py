"""One span with every field."""

from __future__ import annotations

from bt_cli.render.span import span_text
from bt_cli.spans.facts import facts_of
from bt_cli.spans.row import PAYLOAD, Row
from builders import row
from seeing import look, span


def shown(one: Row, **options: object) -> str:
    return span_text(one, facts_of(one), look(**options))


def test_every_field_is_there() -> None:
    """No field of a row is left out, nor unknown keys, nor the server's."""
    one = row(
        "a", "p", extra='{"mine":1}', server='{"project_id":"x"}', **{name: f'{{"of {name}":1}}' for name in PAYLOAD}
    )
    text = shown(one)
    assert all(f'"of {name}": 1' in text and f"\n{name}\n" in text for name in PAYLOAD)
    assert "\nmine\n" in text and "\nproject_id\n" in text and "span_parents p" in text


def test_numbers_and_keys_stay_as_written() -> None:
    """Indented, but not decoded."""
    text = shown(row("a", metadata='{"big":123456789012345678901234567890,"f":1.0,"e":1e400,"a":1,"a":2}'))
    for written in ('"big": 123456789012345678901234567890', '"f": 1.0', '"e": 1e400', '"a": 1,', '"a": 2'):
        assert written in text


def test_json_has_colours() -> None:
    """Keys, strings, numbers and null differ."""
    text = shown(row("a", output='{"k":"s","n":1,"z":null}'), color=True)
    for part in ('\x1b[34m"k"\x1b[0m: \x1b[32m"s"\x1b[0m', "\x1b[35m1\x1b[0m", "\x1b[2mnull\x1b[0m"):
        assert part in text


def test_text_is_shown_line_by_line() -> None:
    """A string is its text, not its JSON."""
    assert "\noutput\n  one\n  two\n" in shown(row("a", output='"one\\ntwo"'))


def test_messages_are_readable() -> None:
    """Role and text, calls and results; media by name."""
    one = span("a", type="llm", input=[
        {"role": "system", "content": "be good"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "name": "find", "input": {"q": 1}}]},
        {"role": "tool", "content": "found\nit"},
    ])  # fmt: skip
    text = shown(one)
    assert "  system\n    be good\n  user\n    [image/png, 3 B]\n" in text
    assert '    → find {"q":1}\n' in text and "    ← found\n      it\n" in text


def test_what_comes_with_messages_is_shown_below() -> None:
    """Settings beside the messages, and thoughts in brackets."""
    said = [{"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]}]
    text = shown(span("a", input={"messages": said, "temperature": 0.5}))
    assert '  assistant\n    (hm)\n  {\n    "temperature": 0.5\n  }\n' in text


def test_nothing_of_a_message_is_lost() -> None:
    """What nobody says stands below: of a part, of a message, of the choice round it."""
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": "A", "name": "bob", "tool_calls": [call], "weird": 1}
    text = shown(span("a", output=[{"message": message, "finish_reason": "length", "index": 0}]))
    below = ["→ f {}", '{"id":"c1"}', '{"finish_reason":"length","index":0}', '{"weird":1}']
    assert "  assistant (bob)\n    A\n" + "".join(f"    {line}\n" for line in below) in text


def test_an_attachment_within_a_value_is_named() -> None:
    """By its type and name, wherever it stands."""
    file = {"type": "braintrust_attachment", "filename": "f.txt", "content_type": "text/plain", "key": "k"}
    assert '"att": "[text/plain, f.txt, k]"' in shown(span("a", output={"att": file, "n": [1]}))


def test_ascii_arrows() -> None:
    """With --ascii nothing else is drawn."""
    one = span("a", input=[{"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {}}]}])
    assert "-> f {}" in shown(one, ascii=True)


def test_long_arguments_take_more_lines() -> None:
    """Short values stay on one line, others are indented."""
    one = span(
        "a", input=[{"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {"q": "x" * 90}}]}]
    )
    assert '    → f {\n        "q": "xxx' in shown(one)


def test_deep_json_is_shown() -> None:
    """What no parser takes is shown as it is."""
    deep = "[" * 3000 + "]" * 3000
    assert "[" in shown(row("a", output=deep, metadata="not json"))


def test_what_is_too_deep_for_a_parser_is_shown_as_it_is() -> None:
    """No message and no value of a payload stops the rest from being shown."""
    deep = "[" * 200_000 + "]" * 200_000
    one = row("a", input='[{"role":"user","content":[{"type":"tool_use","name":"f","input":[[}]}]', output=deep)
    assert deep in shown(one)


def test_a_failed_span_says_so() -> None:
    """The mark stands in the first line, the error below."""
    text = shown(span("a", error="line 1\nline 2"))
    assert text.splitlines()[0].endswith("✗ error") and "\nerror\n  line 1\n  line 2\n" in text


def test_hostile_text_is_spelled_out() -> None:
    """In text and in JSON, in keys and in unknown fields."""
    one = row("a", input='"\\u001b[2J"', output='{"\u202e":"\u202e"}', extra='{"\\u001b[2Jkey":1}')
    text = shown(one, color=True)
    assert "\x1b[2J" not in text and "\u202e" not in text

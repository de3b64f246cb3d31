"""Media are told by type and size."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bt_cli.render.media import named, shortened
from bt_cli.spans.media import media_of

CAT = {"type": "braintrust_attachment", "filename": "cat.png", "content_type": "image/png", "key": "k"}
URL = "data:image/png;base64," + "A" * 400


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (URL, "[image/png, 300 B]"),
        ({"type": "braintrust_attachment", "filename": "cat.png", "content_type": "image/png", "key": "k"}, "[image/png, cat.png, k]"),
        ({"type": "external_attachment", "url": "s3://b/c.pdf", "content_type": "application/pdf", "size": 2000}, "[application/pdf, 2.0 KB, s3://b/c.pdf]"),
        ({"type": "braintrust_attachment", "key": "k", "size": True}, "[attachment, k]"),
        ({"type": "image_url", "image_url": {"url": URL}}, "[image/png, 300 B]"),
        ({"type": "input_image", "image_url": URL}, "[image/png, 300 B]"),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "A" * 400}}, "[image/jpeg, 300 B]"),
        ({"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}, "[image, https://x/y.png]"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "[audio/wav, 3 B]"),
        ({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}, "[application/pdf, 3 B, a.pdf]"),
        ({"type": "input_file", "file_id": "f-1"}, "[file, f-1]"),
        ({"type": "image_url", "image_url": {"url": CAT}}, "[image/png, cat.png, k]"),
        ({"type": "image", "image": CAT}, "[image/png, cat.png, k]"),
        ({"type": "file", "file": {"filename": "x", "file_data": CAT}}, "[image/png, cat.png, k]"),
        ({"type": "file", "data": "A" * 400, "mediaType": "text/csv", "filename": "a.csv"}, "[text/csv, 300 B, a.csv]"),
        ({"inlineData": {"mimeType": "image/png", "data": "A" * 92}}, "[image/png, 69 B]"),
        ({"fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/v"}}, "[video/mp4, gs://b/v]"),
    ],
)  # fmt: skip
def test_a_medium_is_named(value: Any, told: str) -> None:
    """Its type, the bytes where they are there, its name or address."""
    medium = media_of(orjson.dumps(value).decode())
    assert medium and named(medium) == told


@pytest.mark.parametrize("value", ["text", 1, None, {}, {"type": "text", "text": "a"}, [URL]])
def test_other_values_are_no_media(value: Any) -> None:
    """Text is text."""
    assert media_of(orjson.dumps(value).decode()) is None


def test_bytes_within_json_are_replaced() -> None:
    """Wherever a data URL stands, also with escaped slashes; all else stays as written."""
    json = '{"n": 1.0, "a": ["' + URL + '"], "b": "data:image\\/gif;base64,AAAA"}'
    assert shortened(json) == '{"n": 1.0, "a": ["[image/png, 300 B]"], "b": "[image/gif, 3 B]"}'


def test_long_base64_is_replaced() -> None:
    """The bytes that Anthropic's blocks carry, but no long text under another name."""
    assert shortened('{"data":"%s"}' % ("A" * 400)) == '{"data":"[base64, 300 B]"}'
    assert shortened('{"text":"%s"}' % ("A" * 400)) == '{"text":"%s"}' % ("A" * 400)


def test_attachments_within_json_are_named() -> None:
    """Wherever one stands in a value; a string that only looks like one stays."""
    cat = '{"type":"braintrust_attachment","filename":"c{at.png","content_type":"image/png","key":"k"}'
    quoted = '"{\\"type\\":\\"braintrust_attachment\\"}"'
    other = '{"about":"braintrust_attachment"}'
    json = f'{{"s": "{{", "a": [{cat}], "q": {quoted}, "o": {other}}}'
    assert shortened(json) == f'{{"s": "{{", "a": ["[image/png, c{{at.png, k]"], "q": {quoted}, "o": {other}}}'

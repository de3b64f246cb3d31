"""Attachments that rows name."""

from __future__ import annotations

import pytest

from bt_cli.spans.attachments import Reference, reference_of, references_in
from builders import row

KEPT = '{"type":"braintrust_attachment","filename":"a.png","content_type":"image/png","key":"k1"}'
ELSEWHERE = '{"content_type":"text/plain","url":"s3://b/k","filename":"t","type":"external_attachment"}'


def test_attachments_are_found_anywhere() -> None:
    """In any field, at any depth, in unknown members, in order."""
    one = row("a", input=f'[{{"x":[{KEPT}]}},"y"]', extra=f'{{"z":{ELSEWHERE}}}')
    assert list(references_in(one)) == [
        Reference("a.png", "image/png", "k1"),
        Reference("t", "text/plain", None, "s3://b/k"),
    ]


def test_text_is_no_attachment() -> None:
    """JSON in a string is a string."""
    quoted = KEPT.replace('"', '\\"')
    assert list(references_in(row("a", input=f'{{"said":"{quoted}"}}'))) == []


@pytest.mark.parametrize(
    "json",
    [
        '{"type":"braintrust_attachment","filename":"a"}',
        '{"type":"braintrust_attachment","key":7}',
        '{"type":"external_attachment","key":"k"}',
        '{"type":"other_attachment","key":"k"}',
        '"braintrust_attachment"',
    ],
)
def test_what_names_nothing_is_no_attachment(json: str) -> None:
    """An attachment has a key or a URL, as befits its type."""
    assert reference_of(json) is None


def test_an_attachment_that_lacks_a_name_has_one() -> None:
    """What a row does not say is said for it."""
    found = reference_of('{"type":"braintrust_attachment","key":"k"}')
    assert found == Reference("attachment", "application/octet-stream", "k")

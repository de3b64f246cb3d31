"""The attachments of a span: what they are, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render.look import BOLD, DIM, MAGENTA, RED, Look
from bt_cli.render.media import named
from bt_cli.spans.attachments import Located
from bt_cli.spans.media import Media

_INDENT = "  "


def attachment_lines(attachments: Sequence[Located], look: Look) -> list[str]:
    """A heading, and for each its type, size and name, then its place, or why it has none; nothing for none."""
    lines = ["", look.paint("attachments", BOLD)] if attachments else []
    for one in attachments:
        reference = one.reference
        told = named(Media(reference.content_type, one.size, reference.filename))
        lines.append(_INDENT + look.paint(look.clean(told), MAGENTA))
        if one.place or one.lack:
            place = look.paint(look.clean(one.place), DIM) if one.place else look.paint(look.clean(one.lack or ""), RED)
            lines.append(_INDENT * 2 + place)
    return lines

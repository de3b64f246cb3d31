"""Images and attachments told by type and size instead of by their bytes."""

from __future__ import annotations

import re

from bt_cli.render.amounts import size
from bt_cli.spans import text
from bt_cli.spans.attachments import FLAT
from bt_cli.spans.media import DATA_URL, Media, decoded_size, media_of, of_url

_BARE = re.compile(r'("(?:data|file_data|b64_json|base64|bytes)"\s*:\s*)"([A-Za-z0-9+/=_\\-]{256,})"')


def named(medium: Media) -> str:
    """``[image/png, 12.3 KB, cat.png]``."""
    parts = [medium.type, "" if medium.size is None else size(medium.size), medium.name or ""]
    return f"[{', '.join(part for part in parts if part)}]"


def shortened(json: str) -> str:
    """JSON text with attachments and the bytes of data URLs replaced by their type and size."""
    if '_attachment"' in json:
        json = FLAT.sub(lambda found: _attachment(found) or found[0], json)
    if ";base64," in json:
        json = DATA_URL.sub(lambda found: text.quote(named(of_url(found))), json)
    if _BARE.search(json):
        json = _BARE.sub(lambda found: f'{found[1]}"[base64, {size(decoded_size(found[2]))}]"', json)
    return json


def _attachment(found: re.Match[str]) -> str | None:
    """An attachment of Braintrust's, told; None for any other object."""
    if not found[1] or '_attachment"' not in found[1]:
        return None
    medium = media_of(found[1])
    return medium and text.quote(named(medium))

"""Bodies that hold rows: JSON objects, odd JSON mended as in files, read no further than is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import msgspec
from msgspec import Raw

from bt_cli.errors import InputError
from bt_cli.readers.repair import repair
from bt_cli.spans.plain import Plain, plain_body, plain_row

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])


class Body:
    """A body with rows as the ``member`` of that name."""

    def __init__(self, content: bytes, member: str) -> None:
        self._given = content
        self._member = member

    def rows(self) -> Iterable[Plain | Raw]:
        """The rows in order, plain ones as such where they may be. Raises InputError where there is no list of them."""
        found = plain_body(self._content, self._member)
        return found if found is not None else map(plain_row, self.items)

    @cached_property
    def items(self) -> list[Raw]:
        """The rows as they are. Raises InputError where there is no list of them."""
        try:
            return [] if self.value is None else _items.decode(self.value)
        except msgspec.DecodeError:
            raise InputError(f"{self._member} must be a list", code="not_rows") from None

    @cached_property
    def _content(self) -> bytes:
        """The body in UTF-8."""
        return self._given if _is_text(self._given) else repair(self._given)[0]

    @cached_property
    def value(self) -> Raw | None:
        """What stands where rows should. Raises InputError where the body is no JSON object."""
        try:
            return _members.decode(self._content).get(self._member)
        except (msgspec.DecodeError, RecursionError):
            mended, _ = repair(self._content)
        try:
            return _members.decode(mended).get(self._member)
        except RecursionError:
            raise InputError("the body is nested too deeply", code="too_deep") from None
        except msgspec.DecodeError as error:
            raise InputError(f"the body is not a JSON object: {error}", code="not_json") from None


def _is_text(content: bytes) -> bool:
    """Whether bytes are UTF-8, which nothing looks at in values that are passed on as they are."""
    if content.isascii():
        return True
    try:
        str(content, "utf-8")
    except UnicodeDecodeError:
        return False
    return True

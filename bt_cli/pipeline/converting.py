"""Records → rows: a pure function of bytes and options, so that it can run in another process."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from bt_cli.pipeline.options import InputOptions
from bt_cli.readers.forms import form_of, read_form
from bt_cli.spans import text
from bt_cli.spans.decode import decode_node
from bt_cli.spans.flatten import Flat, flatten
from bt_cli.spans.foreign import Foreign
from bt_cli.spans.mapping import NO_MAPPING, Mapping
from bt_cli.spans.merge import merge_text
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.row import Row

Converted = Flat | Problem
"""The rows of a record, or why it has none."""


class Conversion(Struct, frozen=True):
    """The options that change what a record becomes."""

    mapping: Mapping = NO_MAPPING
    time_unit: str | None = None
    tags: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, given: InputOptions) -> Conversion:
        """The conversion that the input options ask for."""
        return cls(given.mapping, given.time_unit, given.tags, given.metadata)

    def key(self) -> bytes:
        """The options as bytes: part of the hash by which a record is known again. Empty for none."""
        if self == Conversion():
            return b""
        return repr((self.mapping, self.time_unit, self.tags, self.metadata)).encode()

    def convert(self, record: bytes, digest: bytes, form: str = "") -> Converted:
        """The rows of one record, whose content hash is ``digest``: a line of valid JSON unless its form says else."""
        try:
            flat = self._flat(record, digest, form)
        except Rejected as rejected:
            return rejected.problem
        if self.tags or self.metadata:
            for row in flat.rows:
                if row.span_parents == "[]":
                    self._annotate(row)
        return flat

    def _flat(self, record: bytes, digest: bytes, form: str) -> Flat:
        if not form:
            node = decode_node(record, self.mapping)
            form = form_of(node) if node.extra else ""
            if not form:
                return flatten(node, digest, self.time_unit)
        translation = read_form(form, record)
        flat = flatten(translation.node, digest)
        flat.foreign = Foreign(form, translation.dialects, translation.losses, translation.parent)
        return flat

    def _annotate(self, root: Row) -> None:
        if self.tags:
            present = [] if root.tags in (None, "null") else text.decode(root.tags or "[]")
            added = [tag for tag in self.tags if tag not in present]
            if added:
                root.tags = f"[{','.join(map(text.quote, [*present, *added]))}]"
        if self.metadata:
            members = ",".join(f"{text.quote(key)}:{value}" for key, value in self.metadata)
            root.metadata = merge_text(root.metadata, f"{{{members}}}")


Records = list[tuple[bytes, bytes, str]]
"""Records, valid JSON on one line unless their form says else, their content hashes, and their forms."""

_encode = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(list[Converted]).decode
"""The results of `convert_packed`."""


def convert_records(conversion: Conversion, records: Records) -> list[Converted]:
    """Converts some records."""
    return [conversion.convert(record, digest, form) for record, digest, form in records]


def convert_packed(conversion: Conversion, records: Records) -> bytes:
    """The same, packed for the way between processes."""
    return _encode(convert_records(conversion, records))

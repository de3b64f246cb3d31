"""JSON records: one a line in the usual case, else however they are laid out.

Several values on a line, values over many lines, a top-level array, envelopes (``{"rows": […]}``)
and lines of a rejects file. A line that is one valid value, as nearly all are, takes the short way
through `_whole_line`; everything else is cut by a scanner that knows strings and brackets.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterator

import msgspec
from msgspec import Raw

from bt_cli.readers.base import MAX_RECORD_BYTES, Reader, Recognise, Record, Reject, Run, Skip
from bt_cli.readers.explain import explain
from bt_cli.readers.lines import Line, split_lines
from bt_cli.readers.repair import is_utf8, repair
from bt_cli.readers.runs import leading_run
from bt_cli.readers.scanning import Unbalanced, ValueScanner
from bt_cli.readers.wrapped import may_wrap, unwrap

_valid = msgspec.json.Decoder(Raw).decode
_SPACE = b" \t\r\n"
_SCALAR = re.compile(rb'(?:"[^"\\]*(?:\\.[^"\\]*)*+"|-?\d[\d.eE+-]*|true|false|null)(?=\s*(?:,|\]|$))', re.DOTALL)
"""An element of an array that is no object."""
_BOM = b"\xef\xbb\xbf"

Items = Iterator[Record | Reject | Skip]


class JsonReader:
    """See `bt_cli.readers.base.Reader`. One instance reads one stream."""

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        self._limit = limit
        self._in_array = False
        self._array: Reject | None = None
        """What to say if the input ends before the array does; None once something in it was rejected."""
        self._scanner: ValueScanner | None = None
        self._held: list[Line] = []
        """The lines of a value that is not complete yet."""
        self._again: deque[Line] = deque()
        """Lines to read once more, after a value that held them turned out to be none."""
        self._bad: list[bytes] = []
        """A reject that grows until a line begins a new value."""
        self._bad_size = 0
        self._bad_head: Reject | None = None
        self._skipping = False
        """The reject is of a value too long to be held: its lines are passed over."""

    def read(
        self, blocks: Iterator[bytes], recognise: Recognise | None = None
    ) -> Iterator[Record | Run | Reject | Skip | None]:
        """Records and rejects in order; `IDLE` for each empty block."""
        for lines in split_lines(blocks, self._limit):
            if lines is None:
                yield from self._end_bad()
                yield None
                continue
            passed = 0
            if recognise is not None and self._begins_anew:
                run = leading_run(lines, recognise)
                passed = len(run.lines)
                if passed:
                    yield run
            for line in lines.behind(passed):
                record = _whole_line(line) if self._begins_anew else None
                if record is not None:
                    yield record
                else:
                    yield from self._laid_out(line)
        while self._held:
            yield from self._give_up("the text ends before the value does", at_end=True)
            yield from self._read_again()
        yield from self._end_bad()
        if self._in_array and self._array is not None:
            yield self._array

    @property
    def _begins_anew(self) -> bool:
        """Whether the next line is no part of something that began before."""
        return not (self._held or self._bad_head or self._in_array)

    def _laid_out(self, line: Line) -> Items:
        yield from self._line(line)
        yield from self._read_again()

    def _read_again(self) -> Items:
        while self._again:
            yield from self._line(self._again.popleft())

    def _line(self, line: Line) -> Items:  # noqa: C901 - one case for each way a line can go on
        """One line that is not simply one value."""
        if self._held:
            yield from self._continue(line)
            return
        if self._bad_head is not None:
            if line.text is not None and not _begins_value(line.text):
                yield from self._more_bad(line, line.text)
                return
            yield from self._end_bad()
        if line.text is None:
            self._array = None
            yield self._oversize(line)
            return
        at = 0
        while at >= 0:
            at = _skip(line.text, at, self._in_array)
            if at == len(line.text):
                return
            first = line.text[at : at + 1]
            if self._in_array and first == b"]":
                self._in_array = False
                at += 1
            elif not self._in_array and first == b"[":
                self._in_array = True
                place = (line.number, line.byte + at)
                self._array = Reject("truncated_last_record", "the array is not closed", *place, at + 1, b"[")
                at += 1
            elif first in (b"{", b"["):
                at = yield from self._value(line, at)
            elif self._in_array and (scalar := _SCALAR.match(line.text, at)):
                why = "an element of the array is not an object"
                place = (line.number, line.byte + at)
                yield Reject("not_object", why, *place, at + 1, scalar.group(), line.text[at:], 0)
                at = scalar.end()
            else:
                self._start_bad(line, at, "not_json", "not valid JSON: expected { or [")
                return

    def _value(self, line: Line, at: int) -> Generator[Record | Reject | Skip, None, int]:
        """The value at ``at``; returns where it ends, -1 where the rest of the line is dealt with."""
        assert line.text is not None
        rest = line.text[at:].rstrip(_SPACE)
        if self._in_array and rest[-1:] == b",":
            rest = rest[:-1].rstrip(_SPACE)
        if _is_valid(rest):
            yield from _records(rest, line.number, line.byte + at, at + 1)
            return -1
        scanner = ValueScanner()
        try:
            end = scanner.feed(line.text, at)
        except Unbalanced as error:
            if error.cut and not line.ended:
                self._held = [Line(line.text[at:], line.number, line.byte + at, ended=False)]
                return -1
            self._start_bad(line, at, "not_json", f"not valid JSON: {error}", error.offset)
            return -1
        if end < 0:
            self._scanner = scanner
            self._held = [Line(line.text[at:], line.number, line.byte + at, line.ended)]
            return -1
        yield from _records(line.text[at:end], line.number, line.byte + at, at + 1)
        return end

    def _continue(self, line: Line) -> Items:
        """One more line of a value that has not ended."""
        assert self._scanner is not None
        if line.text is not None and not self._scanner.may_continue_with(line.text):
            self._again.append(line)
            yield from self._give_up("the text ends before the value does")
            return
        first = self._held[0]
        if line.text is None or line.byte + len(line.text) - first.byte > self._limit:
            self._forget()
            self._bad_head, self._skipping, self._array = self._oversize(first), True, None
            return
        self._held.append(line)
        try:
            end = self._scanner.feed(line.text)
        except Unbalanced as error:
            if line.ended or not error.cut:
                yield from self._give_up(str(error))
            return
        if end < 0:
            return
        value = b"\n".join([one.text or b"" for one in self._held[:-1]] + [line.text[:end]])
        self._forget()
        yield from _records(value, first.number, first.byte)
        self._again.append(Line(line.text[end:], line.number, line.byte + end, line.ended))

    def _forget(self) -> None:
        self._held = []
        self._scanner = None

    def _give_up(self, why: str, at_end: bool = False) -> Items:
        """The held lines are no value: rejects the first, up to the next that begins one, and reads on there."""
        held = self._held
        self._forget()
        self._array = None
        until = next((i for i, one in enumerate(held[1:], 1) if (one.text or b"")[:1] in (b"{", b"[")), len(held))
        self._again.extendleft(reversed(held[until:]))
        cut_off = at_end and until == len(held) and not held[-1].ended
        code = "truncated_last_record" if cut_off else "not_json"
        message = "the last record is cut off" if cut_off else f"not valid JSON: {why}"
        raw = b"\n".join(one.text or b"" for one in held[:until])
        yield _placed(Reject(code, message, held[0].number, held[0].byte, raw=raw), raw, len(held[0].text or b""))
        # What follows an array that broke off is read as records of their own.
        self._in_array = self._in_array and not at_end

    def _oversize(self, line: Line) -> Reject:
        return Reject("oversize", f"longer than {self._limit} bytes", line.number, line.byte)

    def _start_bad(self, line: Line, at: int, code: str, message: str, offset: int | None = None) -> None:
        assert line.text is not None
        raw = line.text[at:]
        self._array = None
        self._bad = [raw]
        self._bad_size = len(raw)
        fault = at if offset is None else offset
        place = (line.number, line.byte + fault, fault + 1)
        self._bad_head = Reject(code, message, *place, excerpt=raw, caret=fault - at, begin=line.byte + at)

    def _more_bad(self, line: Line, text: bytes) -> Items:
        """One more line that begins no value."""
        if self._skipping:
            return
        self._bad_size += len(text) + 1
        if self._bad_size > self._limit:
            yield from self._end_bad()
            self._start_bad(line, 0, "not_json", "not valid JSON: expected { or [")
        else:
            self._bad.append(text)

    def _end_bad(self) -> Items:
        if self._bad_head is not None:
            if not self._skipping:
                self._bad_head.raw = b"\n".join(self._bad).rstrip(_SPACE)
            yield self._bad_head
            self._bad_head = None
            self._skipping = False
            self._bad = []


def _skip(text: bytes, at: int, in_array: bool) -> int:
    """Past white space, a byte order mark at the line's start and, within an array, commas."""
    if at == 0 and text[:3] == _BOM:
        at = 3
    skipped = _SPACE + b"," if in_array else _SPACE
    while at < len(text) and text[at] in skipped:
        at += 1
    return at


def _begins_value(text: bytes) -> bool:
    return text.removeprefix(_BOM).lstrip(_SPACE)[:1] in (b"{", b"[")


def _is_valid(text: bytes) -> bool:
    try:
        _valid(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _whole_line(line: Line) -> Record | None:
    """The record of a line that is one plain object, valid and in UTF-8; None for any other."""
    text = line.text
    if text is None or text[:1] != b"{" or may_wrap(text):
        return None
    text = text.rstrip(_SPACE)
    if b"\r" in text or not (_is_valid(text) and is_utf8(text)):
        return None
    return Record(text, text, line.number, line.byte)


def _records(text: bytes, number: int, byte: int, column: int = 1) -> Items:
    """The records of one value that the scanner has cut out, mended where needed; it begins at ``column``."""
    mended = text
    repairs: tuple[str, ...] = ()
    if not (_is_valid(text) and is_utf8(text)):
        mended, repairs = repair(text)
        if not _is_valid(mended):
            why, offset = explain(mended if repairs == ("bad_utf8",) else text)
            yield _placed(Reject("not_json", f"not valid JSON: {why}", number, byte, column, raw=text), text, offset)
            return
    if b"\n" in mended or b"\r" in mended:
        mended = msgspec.json.format(mended, indent=-1)
    if may_wrap(mended):
        inner = unwrap(mended)
        if isinstance(inner, Reject):
            inner.line, inner.byte = number, byte
            yield inner
            return
        if isinstance(inner, bytes):
            yield from _again(inner, number, byte)
            return
        if inner is not None:
            for item in inner:
                if isinstance(item, Skip):
                    yield item
                    continue
                yield Record(item.json, item.json, number, byte, repairs, item.form)
                repairs = ()  # told once for all of them
            return
    yield Record(text, mended, number, byte, repairs)


def _again(raw: bytes, number: int, byte: int) -> Items:
    """What a line of a rejects file holds, read like the input that it came from."""
    reader: Reader = JsonReader()
    if raw[:1] not in (b"{", b"["):
        from bt_cli.readers.protobuf_records import ProtobufReader, is_request

        reader = ProtobufReader() if is_request(raw) else reader
    for item in reader.read(iter([raw])):
        if isinstance(item, Record | Reject):
            item.line, item.byte = number, byte
            yield item


def _placed(reject: Reject, text: bytes, offset: int) -> Reject:
    """The reject of ``text``, whose place is that of its beginning, with the place of an offset into it."""
    before = text[:offset]
    begin = before.rfind(b"\n") + 1
    reject.line += before.count(b"\n")
    reject.byte += offset
    reject.column = offset - begin + (1 if begin else max(1, reject.column))
    reject.excerpt, reject.caret = text[begin:].split(b"\n", 1)[0], offset - begin
    return reject

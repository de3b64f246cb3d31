"""Findings about data, as opposed to exceptions."""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct, array_like=True, gc=False, tag=True):
    """One finding: a stable ``code``, a sentence, and the JSON path inside the record (``children[2]``)."""

    code: str
    message: str
    path: str = ""


class Rejected(Exception):  # noqa: N818 - control flow inside the domain, not an error that anybody sees
    """Leaves the reading of one record, with the problem that makes it unusable."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(code, message, path)

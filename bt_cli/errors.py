"""Every exception that `bt` raises on purpose.

::

    BtError                 1
    ├─ UsageError           2   options or settings that do not work; nothing was done
    │  ├─ NotFoundError     2   a named project, experiment or id that does not exist
    │  └─ QueryError        2   SQL that does not work, with its place
    ├─ JudgeError           3   one call of a judge that failed; an error of its case, not of the run
    ├─ LimitError           3   a limit on cost, tokens, quota or waiting was reached; the rest is not run
    ├─ GateError            4   the answer is no: findings of ``--check``
    ├─ InputError           5   the input cannot be used
    ├─ CredentialsError     6   missing or refused
    ├─ NetworkError         7   network or server, after retries
    ├─ StoreError           8   locked, corrupt, full, read-only
    │  └─ StoreLockedError  8   another process holds it; trying again helps
    └─ Interrupted    130/143   a signal, after a clean checkpoint

Each knows its exit code, a code word for ``--json``, a hint that says what to type next, and whether
trying again helps. The numbers are those of ``bt help exit-codes``.
"""

from __future__ import annotations

_EXCERPT = 100
"""Characters of a line that an error shows."""


class BtError(Exception):
    """What went wrong, in one sentence, with the way out in ``hint``."""

    exit_code = 1
    code = "error"
    retryable = False

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None, file: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        if code:
            self.code = code


class UsageError(BtError):
    """A usage or configuration mistake; nothing was done."""

    exit_code = 2
    code = "usage"


class NotFoundError(UsageError):
    """A named project, experiment, trace or store that does not exist."""

    code = "not_found"


class QueryError(UsageError):
    """SQL that does not work; ``excerpt`` shows the line and points at the place, where that is known.

    ``name`` is the name in the query that it is about, if it is about one.
    """

    code = "sql"

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.name = name
        self._told = message
        self.line: int | None = None
        self.byte: int | None = None
        self.excerpt: tuple[str, ...] = ()

    def point_at(self, statement: str, place: int | None) -> None:
        """Shows the line of ``statement`` at ``place`` (characters from its beginning), with a caret below.

        Takes the place of what was shown before; None for a place that is not known.
        """
        if place is None:
            self.line, self.byte, self.excerpt, self.message = None, None, (), self._told
            return
        begin = statement.rfind("\n", 0, place) + 1
        line = statement[begin:].split("\n", 1)[0].replace("\t", " ")
        column = place - begin
        first = max(0, column - _EXCERPT // 2) if len(line) > _EXCERPT else 0
        self.line = statement.count("\n", 0, place) + 1
        self.byte = len(statement[:place].encode("utf-8", "replace"))
        self.excerpt = (line[first : first + _EXCERPT], " " * (column - first) + "^")
        self.message = f"{self._told} (line {self.line}, column {column + 1})"


class JudgeError(BtError):
    """One call of a judge that failed for good; what was to be scored with it has an error."""

    exit_code = 3
    code = "judge"


class LimitError(BtError):
    """A limit on cost, tokens, quota or waiting was reached; what had not begun is not run."""

    exit_code = 3
    code = "limit"


class GateError(BtError):
    """The command ran, and its answer is no."""

    exit_code = 4
    code = "gate"


class InputError(BtError):
    """Input that cannot be used: missing, unreadable, of the wrong format."""

    exit_code = 5
    code = "input"


class CredentialsError(BtError):
    """A key is missing or was refused."""

    exit_code = 6
    code = "credentials"


class NetworkError(BtError):
    """A server that could not be reached or kept failing; safe to run again."""

    exit_code = 7
    code = "network"
    retryable = True


class StoreError(BtError):
    """A store that cannot be read or written."""

    exit_code = 8
    code = "store"


class StoreLockedError(StoreError):
    """Another process held the store for longer than the waiting time."""

    code = "store_locked"
    retryable = True


class Interrupted(BtError):  # noqa: N818 - a signal is no error
    """A signal ended the run after a clean checkpoint; ``exit_code`` is 128 + its number."""

    code = "interrupted"

    def __init__(self, signum: int, *, hint: str | None = None) -> None:
        super().__init__("interrupted" if signum == 2 else "terminated", hint=hint)
        self.exit_code = 128 + signum

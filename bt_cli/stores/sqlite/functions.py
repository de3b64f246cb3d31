"""Functions for queries, beside SQLite's own: times cut to a unit, percentiles, and tests of Braintrust's SQL.

Those that begin with ``bt_`` are what its operators become.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from bt_cli.query.patterns import includes, like, match, search
from bt_cli.spans import text
from bt_cli.spans.times import parse_iso, to_seconds

UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""What `date_trunc` cuts to; each is a function too, as ``day(created)``."""
FAILURES = (
    "date_trunc takes a unit as 'day' or '15 minutes', percentile a number from 0 to 1, "
    "regexp an expression without look-around and back-references"
)
"""What to say where one of these raises: SQLite does not tell which."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_EVERY = re.compile(r"\s*(?:(\d+)\s+)?([a-z]+?)s?\s*", re.IGNORECASE)


def add_query_functions(db: sqlite3.Connection) -> None:
    """Makes the functions known to a connection; ``now()`` is one moment for all of a query."""
    begun = _written(datetime.fromtimestamp(time.time(), UTC))
    add = partial(db.create_function, deterministic=True)
    add("now", 0, lambda: begun)
    add("date_trunc", 2, date_trunc)
    for unit in UNITS:
        add(unit, 1, partial(date_trunc, unit))
    add("regexp", 2, search)  # x REGEXP y is regexp(y, x)
    add("bt_like", 2, _liking(ignore_case=False))
    add("bt_ilike", 2, _liking(ignore_case=True))
    add("bt_match", 2, match)
    add("bt_includes", 2, includes)
    add("bt_length", 1, length)
    db.create_aggregate("percentile", 2, Percentile)  # type: ignore[arg-type]  # any result is allowed


def date_trunc(unit: str, moment: str | float | None) -> str | None:
    """The beginning of the unit in which a moment lies (ISO text or epoch), in UTC, as ``created`` is written.

    None for what is no time. Raises ValueError for an unknown unit; days and less may come in multiples.
    """
    count, word = _unit(unit)
    seconds = parse_iso(moment) if isinstance(moment, str) else None if moment is None else to_seconds(moment)
    if seconds is None:
        return None
    size = _SECONDS.get(word)
    if size:
        return _written(datetime.fromtimestamp(seconds // (size * count) * size * count, UTC))
    day = datetime.fromtimestamp(seconds // 86400 * 86400, UTC)
    if word == "week":
        return _written(day - timedelta(days=day.weekday()))
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[word]
    return _written(day.replace(month=month, day=1))


@lru_cache(maxsize=16)
def _unit(written: str) -> tuple[int, str]:
    """``15 minutes`` as (15, "minute")."""
    found = _EVERY.fullmatch(written)
    count, word = (int(found[1] or 1), found[2].lower()) if found else (0, "")
    if count < 1 or word not in UNITS or (count > 1 and word not in _SECONDS):
        raise ValueError(FAILURES)
    return count, word


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _liking(ignore_case: bool) -> Callable[[Any, Any], bool | None]:
    compiled = lru_cache(maxsize=16)(partial(like, ignore_case=ignore_case))

    def is_like(value: Any, pattern: Any) -> bool | None:
        """SQL's ``LIKE``, over the JSON where a column holds no plain text; None for NULL."""
        return search(compiled(pattern), value) if isinstance(pattern, str) else None

    return is_like


def length(value: Any) -> int | None:
    """How many elements a list in JSON has, members an object, or characters another text; None for the rest."""
    found = _decoded(value)
    return len(found) if isinstance(found, list | dict | str) else None


def _decoded(value: Any) -> Any:
    """What a column shows, decoded where it is a list or an object."""
    return text.decode(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


class Percentile:
    """``percentile(duration, 0.95)``: between the two nearest values, as `bt summary` has it; NULL never counts."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._part = 0.0

    def step(self, value: Any, part: Any) -> None:
        """Takes in a number; raises ValueError for a part that is none from 0 to 1."""
        if not isinstance(part, int | float) or not 0 <= part <= 1:
            raise ValueError(FAILURES)
        self._part = part
        if isinstance(value, int | float):
            self._values.append(value)

    def finalize(self) -> float | None:
        """The percentile; None without any number."""
        from bt_cli.spans.statistics import quantile

        return quantile(sorted(self._values), self._part) if self._values else None

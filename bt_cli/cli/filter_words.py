"""Filters that are written in small languages of their own: ``Factuality<0.5``, ``user_id=42``, ``output=/regex/``."""

from __future__ import annotations

import re
from typing import cast

from bt_cli.errors import UsageError
from bt_cli.query.fields import ALIASES, FIELDS, NAMES, resolve, unknown_hint
from bt_cli.query.filters import Condition, Grep, Operator, Path
from bt_cli.query.patterns import checked

_SCORE = re.compile(r"(?P<name>.+?)\s*(?P<operator><=|>=|<>|!=|==|=|<|>)\s*(?P<value>-?(?:\d+\.?\d*|\.\d+))")
_GREP = re.compile(r"(?P<path>[A-Za-z_][\w.\[\]-]*)=/(?P<pattern>.*)/(?P<flags>i?)", re.DOTALL)
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
_TEXTS = ("json", "tags")
"""Kinds of fields that may have texts."""
_SAME: dict[str, Operator] = {"!=": "<>", "==": "="}


def parse_score_test(written: str) -> Condition:
    """``Factuality<0.5`` as a test of that score; raises UsageError for anything else."""
    found = _SCORE.fullmatch(written.strip())
    if found is None:
        raise UsageError(f"--where-score {written}: not a test of a score", hint="as in --where-score 'Factuality<0.5'")
    operator = _SAME.get(found["operator"]) or cast(Operator, found["operator"])
    return Condition("scores", operator, float(found["value"]), (_key(found["name"], "--where-score"),))


def parse_metadata(written: str) -> Condition:
    """``user.id=42`` as a test of the text of a string, number or boolean; raises UsageError for anything else."""
    path, equals, value = written.partition("=")
    if not equals or not path:
        raise UsageError(f"--metadata {written}: not KEY=VALUE", hint="as in --metadata user_id=42")
    return Condition("metadata", "text", value, _steps(path, "--metadata"))


def parse_grep(written: str) -> Grep:
    """A regular expression over any text, or with ``path=/…/`` over the texts there (``/…/i``: in any case)."""
    found = _GREP.fullmatch(written)
    if found is None:
        return Grep(checked(written, "--grep"))
    first, *rest = _steps(found["path"], "--grep")
    place = resolve(str(first), tuple(rest))
    if place is None or FIELDS[place[0]] not in _TEXTS:
        with_text = [name for name in NAMES if FIELDS[ALIASES.get(name, (name, ()))[0]] in _TEXTS]
        hint = unknown_hint(str(first), with_text)
        raise UsageError(f"--grep: there is no text in {found['path']!r}", hint=hint)
    return Grep(checked("(?i)" * bool(found["flags"]) + found["pattern"], "--grep"), *place)


def _steps(path: str, option: str) -> Path:
    """``choices[0].text`` as keys and indexes."""
    steps = tuple(int(index) if index else _key(key, option) for index, key in _STEP.findall(path))
    if not steps:
        raise UsageError(f"{option}: {path!r} is no path")
    return steps


def _key(key: str, option: str) -> str:
    if '"' in key:
        raise UsageError(f"{option}: a key with a quotation mark can't be asked for: {key}")
    return key

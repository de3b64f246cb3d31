"""Cases of a comparison: the traces of one side that answer the same question, by a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field

from bt_cli.spans.canonical import canonical, digest
from bt_cli.spans.paths import Path
from bt_cli.spans.rollup import NEEDED, roll_up
from bt_cli.spans.row import Row

LONGEST_LABEL = 200
"""Characters of a key that are kept to show it; a digest stands for all of it."""

USAGE = ("latency", "tokens", "cost")
"""Measures beside the scores, of which less is better."""


class Trial(Struct, array_like=True, gc=False):
    """One trace as a trial of a case; ``key`` None where it can't be matched.

    ``scores`` and ``usage`` hold only what has a value: scores by name, and what `USAGE` names in
    seconds, tokens and USD.
    """

    key: bytes | None
    label: str
    trace: str
    scores: dict[str, float] = field(default_factory=dict)
    usage: dict[str, float] = field(default_factory=dict)
    error: bool = False


class Case(Struct, gc=False):
    """The trials of one key on one side, in any order."""

    label: str
    traces: list[str]
    scores: dict[str, list[float]]
    usage: dict[str, list[float]]
    errors: int = 0


class Side(Struct):
    """One side of a comparison: its cases by key, and how many traces have no key."""

    name: str
    cases: dict[bytes, Case] = field(default_factory=dict)
    traces: int = 0
    unkeyed: int = 0

    def add(self, trial: Trial) -> None:
        """Takes in one trace."""
        self.traces += 1
        if trial.key is None:
            self.unkeyed += 1
            return
        case = self.cases.get(trial.key)
        if case is None:
            case = self.cases[trial.key] = Case(trial.label, [], {}, {})
        case.traces.append(trial.trace)
        case.errors += trial.error
        for found, kept in ((trial.scores, case.scores), (trial.usage, case.usage)):
            for name, value in found.items():
                kept.setdefault(name, []).append(value)


def trial_fields(by: Path) -> tuple[str, ...]:
    """The fields of a row that a comparison by ``by`` looks at."""
    return (*NEEDED, by.field)


def trials(traces: Iterable[Sequence[Row]], by: Path) -> list[Trial]:
    """Each trace as a trial, keyed by the value at ``by`` of its root (of its first span where it has none)."""
    return [_trial(rows, by) for rows in traces]


def _trial(rows: Sequence[Row], by: Path) -> Trial:
    rolled = roll_up(rows)
    root = rows[rolled.root or 0]
    value = by.of(root)
    usage = zip(USAGE, (rolled.duration, rolled.tokens, rolled.cost), strict=True)
    return Trial(
        key=None if value is None else digest(value),
        label="" if value is None else _label(value),
        trace=root.root_span_id or root.span_id,
        scores={name: score for name, score in rolled.scores.items() if score is not None},
        usage={name: number for name, number in usage if number is not None},
        error=rolled.errors > 0,
    )


def _label(value: Any) -> str:
    written = value if isinstance(value, str) else canonical(value)
    return written if len(written) <= LONGEST_LABEL else written[: LONGEST_LABEL - 1] + "…"

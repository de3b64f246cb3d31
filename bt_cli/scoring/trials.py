"""One scorer on one case: its trials, what they come to, and what is not taken from a scorer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from statistics import fmean, median, mode
from typing import Any, Literal

from msgspec import Struct, field

from bt_cli.errors import BtError, CredentialsError, Interrupted, LimitError, NetworkError, UsageError
from bt_cli.scoring.base import Call, Case, Judge, Scorer, Value
from bt_cli.spans import text

Reduce = Literal["mean", "median", "mode", "min", "max"]
_REDUCE: dict[Reduce, Callable[[Sequence[float]], float]] = {
    "mean": fmean,
    "median": median,
    "mode": mode,
    "min": min,
    "max": max,
}
_ENDING = (CredentialsError, LimitError, NetworkError, UsageError)
"""What ends a run: it would happen to every case that follows."""
_LONGEST = 500
"""Characters of a reason."""


class Ending:
    """Why a run ends before its input does, if it does. Every thread looks at it before it begins something."""

    def __init__(self, stop: Callable[[], int]) -> None:
        self._stop = stop
        self.error: BtError | None = None
        """What ended the run."""
        self.interrupted = False
        """A signal did."""

    def look(self) -> None:
        """Asks whether a signal wants the run to end; for the main thread."""
        self.interrupted = self.interrupted or bool(self._stop())

    @property
    def over(self) -> bool:
        """Whether nothing new is to begin."""
        return self.interrupted or self.error is not None

    @property
    def reason(self) -> str:
        """Why the rest is not run."""
        return "interrupted" if self.error is None else shortened(self.error.message)


class Trials(Struct, frozen=True):
    """How often a case is scored, what the trials come to, and the judge whose calls are recorded."""

    number: int
    reduce: Reduce
    judge: Judge | None

    def mark(self, fingerprint: str) -> str:
        """The fingerprint of a result: the scorer's, and that there were several trials."""
        return fingerprint if self.number == 1 else f"{fingerprint}-{self.number}-{self.reduce}"


class Said(Struct):
    """What the trials of one scorer said of one case: reduced values by name, or why there are none."""

    values: list[Value] = field(default_factory=list)
    each: dict[str, list[float | None]] = field(default_factory=dict)
    """The score of each trial, by the names of the values."""
    calls: list[Call] = field(default_factory=list)
    error: str = ""
    begun: bool = True
    """False where the run ended first."""


def try_out(scorer: Scorer, case: Case, arguments: Mapping[str, Any], trials: Trials, ending: Ending) -> Said:
    """Runs a scorer as often as it is to be. The error of one trial is the error of the case.

    Errors that concern all cases end the run; the case is then as if it had not begun.
    """
    said = Said()
    every: list[list[Value]] = []
    for trial in range(trials.number):
        if ending.over:
            return Said(begun=False)
        judge = trials.judge if scorer.judged else None
        with judge.recording(trial) if judge else nullcontext(said.calls) as calls:
            try:
                every.append([_checked(one) for one in scorer.score(case, arguments)])
            except _ENDING as error:
                ending.error = ending.error or error
                return Said(begun=False)
            except Interrupted:
                return Said(begun=False)
            except (Exception, SystemExit) as error:  # a scorer may raise anything
                said.error = reason_of(error)
        if calls is not said.calls:
            said.calls += calls
        if said.error:
            return said
    _reduce(said, every, scorer.name, trials.reduce)
    return said


def _checked(value: Value) -> Value:
    """The value, which has a score from 0 to 1 or none; raises ValueError for another."""
    score = value.score
    if score is None:
        return value
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise ValueError(f"its score is {score!r}, which is no finite number")
    if not 0 <= score <= 1:
        raise ValueError(f"its score is {score!r}, which is not between 0 and 1")
    text.encode(value.metadata)
    return value


def _reduce(said: Said, every: list[list[Value]], name: str, how: Reduce) -> None:
    """Puts the trials together, name by name; only numbers count."""
    by_name: dict[str, list[Value]] = {}
    for values in every:
        for value in values or [Value(None)]:
            by_name.setdefault(value.name or name, []).append(value)
        if len({value.name or name for value in values}) < len(values):
            said.error = "it says two values of one name"
            return
    for one, values in by_name.items():
        scores = [value.score for value in values if value.score is not None]
        score = _REDUCE[how](scores) if scores else None
        typical = next((value for value in values if value.score == score), values[0])
        said.values.append(Value(score, typical.metadata, one))
        if len(every) > 1:
            said.each[one] = [value.score for value in values]


def reason_of(error: BaseException) -> str:
    """An exception as the short text of an error: its message, with its kind unless it is one of ours."""
    said = str(error).strip()
    if isinstance(error, BtError):
        return shortened(said)
    kind = type(error).__name__
    return shortened(f"{kind}: {said}" if said else kind)


def shortened(reason: str) -> str:
    """A reason of at most so many characters, which can be written as JSON."""
    cut = reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + "…"
    return str(text.decode(text.encode(cut)))

"""One scorer on one case: its trials, what they come to, and what is not taken from a scorer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
        try:
            every.append(_asked(scorer, case, arguments, trials.judge, trial, said.calls))
        except _ENDING as error:
            ending.error = ending.error or error
            return Said(begun=False)
        except Interrupted:
            return Said(begun=False)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a scorer may raise anything, and may not end the program
            said.error = reason_of(error)
            return said
    try:
        _put_together(said, every, trials.reduce)
    except ValueError as error:
        said.error = reason_of(error)
    return said


def _asked(
    scorer: Scorer, case: Case, arguments: Mapping[str, Any], judge: Judge | None, trial: int, calls: list[Call]
) -> list[Value]:
    """What a scorer says once; the calls it made are added to ``calls`` even where it fails."""
    if judge is None or not scorer.judged:
        said = scorer.score(case, arguments)
    else:
        with judge.recording(trial) as recorded:
            try:
                said = scorer.score(case, arguments)
            finally:
                calls += recorded
    return [_checked(one, scorer.name) for one in said or [Value(None)]]


def _checked(value: Value, name: str) -> Value:
    """The value under its name. Raises ValueError where its score is not None nor from 0 to 1, or can't be written."""
    score = value.score
    if score is not None:
        if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
            raise ValueError(f"its score is {score!r}, which is no finite number")
        if not 0 <= score <= 1:
            raise ValueError(f"its score is {score!r}, which is not between 0 and 1")
    if value.metadata:
        text.encode(value.metadata, strict=True)
    return Value(score, value.metadata, value.name or name)


def _put_together(said: Said, every: list[list[Value]], how: Reduce) -> None:
    """Reduces the trials, name by name; only numbers count. Raises ValueError for one name twice in a trial."""
    for values in every:
        if len(values) > 1 and len({value.name for value in values}) < len(values):
            raise ValueError("it says two values of one name")
    if len(every) == 1:
        said.values = every[0]
        return
    by_name: dict[str, list[Value]] = {}
    for values in every:
        for value in values:
            by_name.setdefault(value.name or "", []).append(value)
    for name, values in by_name.items():
        scores = [value.score for value in values if value.score is not None]
        score = _REDUCE[how](scores) if scores else None
        typical = next((value for value in values if value.score == score), values[0])
        said.values.append(Value(score, typical.metadata, name))
        said.each[name] = [value.score for value in values]


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

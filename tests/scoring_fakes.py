"""A scorer and a judge at their protocols, which say what a test tells them to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bt_cli.scoring.base import Call, Case, JudgeTotals, Missing, Result, ScoredTrace, Value
from bt_cli.scoring.engine import score_traces
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.spans import put_together, rows_of
from bt_cli.scoring.trials import Ending
from bt_cli.spans.row import Row

Say = Callable[[Mapping[str, Any]], Any]


class FakeScorer:
    """Gives some fields of a case to a function; what that returns is a score, a value, or several."""

    def __init__(
        self, say: Say = lambda given: 1.0, name: str = "good", *, fingerprint: str = "f1", judged: bool = False
    ) -> None:
        self._say = say
        self.name = name
        self.fingerprint = fingerprint
        self.judged = self.waits = judged
        self.fields = frozenset(("input", "output", "expected"))
        self.needs: tuple[str, ...] = ()
        self.asked: list[Any] = []

    def arguments(self, case: Case) -> dict[str, Any] | Missing:
        missing = tuple(name for name in self.needs if case.value(name) is None)
        return Missing(missing) if missing else {name: case.value(name) for name in ("output", *self.needs)}

    def score(self, case: Case, arguments: Mapping[str, Any]) -> list[Value]:
        self.asked.append(arguments["output"])
        said = self._say(arguments)
        if isinstance(said, list):
            return said
        return [said if isinstance(said, Value) else Value(said)]


class FakeJudge:
    """Records the calls that a scorer makes through `ask`, by thread."""

    def __init__(self) -> None:
        self._here = threading.local()
        self.totals = JudgeTotals()
        self.trials: list[int] = []

    @contextmanager
    def recording(self, trial: int) -> Iterator[list[Call]]:
        self.trials.append(trial)
        self._here.calls = []
        yield self._here.calls

    def ask(self, **more: Any) -> None:
        """Makes one call, of which a test may say more."""
        about: dict[str, Any] = {
            "name": "Chat Completion",
            "host": "127.0.0.1",
            "request": '{"model":"m","messages":[{"role":"user","content":"?"}],"temperature":0}',
            "start": 1.8e9,
            "end": 1.8e9 + 2,
            "reply": '{"id":"x","choices":[{"message":{"content":"B"}}]}',
            "metrics": {"prompt_tokens": 7, "completion_tokens": 1, "tokens": 8},
        }
        self._here.calls.append(Call(**{**about, **more}))

    def close(self) -> None:
        pass


def scored(
    traces: Iterable[list[Row] | None], *scorers: FakeScorer, stop: Callable[[], int] = lambda: 0, **plan: Any
) -> list[ScoredTrace]:
    """All results of some traces."""
    results = score_traces(traces, Plan(list(scorers), **plan), Ending(stop))
    return [one for one in results if one is not None]


def results_of(row: Row, *scorers: FakeScorer, **plan: Any) -> list[Result]:
    """The results of a trace of one row."""
    (only,) = scored([[row]], *scorers, **plan)
    return only.results


def again(rows: list[Row], *scorers: FakeScorer, **plan: Any) -> list[Row]:
    """A trace of these rows as scoring leaves it."""
    (only,) = scored([rows], *scorers, **plan)
    return put_together(rows, rows_of(only))

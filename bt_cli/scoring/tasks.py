"""What there is to do for a trace: for each case and scorer an earlier result that stands, or work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from bt_cli.scoring.base import Case, Missing, Result, Scorer, State
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.reuse import Earlier, earlier_results, verdict
from bt_cli.scoring.selection import picker
from bt_cli.scoring.trials import Ending, Said, Trials, reason_of, try_out
from bt_cli.spans import text
from bt_cli.spans.row import Row

NEVER_SCORED = "it was never scored"
"""Why something is not run that only results made earlier are made anew of."""
_NOTHING = "null"
"""What stands for the arguments of a scorer that was not given any."""


class Task(NamedTuple):
    """What a case has of one scorer: results, or the work that leads to them, which may ask a judge."""

    scorer: Scorer
    span_id: str
    results: list[Result]
    work: Callable[[], list[Result]] | None = None


class Tasks:
    """The tasks of traces under a plan."""

    def __init__(self, plan: Plan, ending: Ending) -> None:
        self._plan = plan
        self._ending = ending
        self._pick = picker(plan.on)
        self._trials = Trials(plan.trials, plan.reduce, plan.judge)
        self._names = {scorer.name for scorer in plan.scorers}

    def of(self, rows: list[Row]) -> Iterator[Task]:
        """The tasks of a trace: case by case, scorer by scorer."""
        earlier = earlier_results(rows)
        for row in self._pick(rows):
            case = Case(row, rows)
            found = earlier.get(row.span_id)
            for scorer in self._plan.scorers:
                mine = [one for one in found.values() if one.scorer == scorer.name] if found else []
                yield self._task(scorer, case, mine)

    def _task(self, scorer: Scorer, case: Case, found: Sequence[Earlier]) -> Task:
        arguments, written = _arguments(scorer, case)
        making = _Making(scorer, case, self._trials.mark(scorer.fingerprint), written, [one.name for one in found])
        decided = verdict(found, making.fingerprint, written, self._plan.rescore)
        if decided == "reuse":
            return Task(scorer, case.row.span_id, [one.result(case.row.span_id) for one in found])
        if self._ending.over or not decided:
            return Task(
                scorer, case.row.span_id, making.not_run(self._ending.reason if self._ending.over else NEVER_SCORED)
            )
        if isinstance(arguments, Missing):
            return Task(scorer, case.row.span_id, making.skipped(f"missing {', '.join(arguments.fields)}"))
        if isinstance(arguments, str):
            return Task(scorer, case.row.span_id, making.failed(arguments))
        return Task(scorer, case.row.span_id, [], partial(self._work, making, arguments))

    def _work(self, making: _Making, arguments: Mapping[str, Any]) -> list[Result]:
        said = try_out(making.scorer, making.case, arguments, self._trials, self._ending)
        if not said.begun:
            return making.not_run(self._ending.reason)
        taken = {value.name for value in said.values if value.name in self._names} - {making.scorer.name}
        if taken and not said.error:
            said.error = f"it says {', '.join(map(str, taken))}, which is the name of another scorer"
        return making.failed(said.error, said) if said.error else making.scored(said)


def _arguments(scorer: Scorer, case: Case) -> tuple[dict[str, Any] | Missing | str, str]:
    """What a scorer is given, or why it has none, and that as JSON text."""
    try:
        arguments = scorer.arguments(case)
        return arguments, _NOTHING if isinstance(arguments, Missing) else text.encode(arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a scorer may raise anything, and may not end the program
        return reason_of(error), _NOTHING


class _Making(NamedTuple):
    """The results of one scorer for one case in the making; ``before`` are the names of earlier ones."""

    scorer: Scorer
    case: Case
    fingerprint: str
    arguments: str
    before: list[str]

    def scored(self, said: Said) -> list[Result]:
        """What the scorer said. A score of its that it no longer gives is skipped, so that no old one stands."""
        results = []
        for value in said.values:
            one = self._result(value.name or self.scorer.name, "skipped" if value.score is None else "scored")
            one.score = None if value.score is None else float(value.score)
            one.reason = "no opinion" if value.score is None else ""
            one.metadata = value.metadata
            one.values = said.each.get(one.name, [])
            results.append(one)
        results[0].calls = said.calls
        names = {one.name for one in results}
        return results + [self._result(name, "skipped", "no longer said") for name in self.before if name not in names]

    def failed(self, reason: str, said: Said | None = None) -> list[Result]:
        """An error, of all that was said earlier."""
        results = [self._result(name, "error", reason) for name in self.before or [self.scorer.name]]
        results[0].calls = said.calls if said else []
        return results

    def skipped(self, reason: str) -> list[Result]:
        """Nothing to score by."""
        return [self._result(name, "skipped", reason) for name in self.before or [self.scorer.name]]

    def not_run(self, reason: str) -> list[Result]:
        """Not begun."""
        return [self._result(self.scorer.name, "not_run", reason)]

    def _result(self, name: str, state: State, reason: str = "") -> Result:
        made = Result(name, self.case.row.span_id, state, reason=reason)
        made.arguments, made.fingerprint = self.arguments, self.fingerprint
        made.scorer = "" if name == self.scorer.name else self.scorer.name
        return made

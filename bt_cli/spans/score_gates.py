"""The gates of a scoring run: whether CI may go on.

One verdict serves the exit code, the table, JSON, Markdown and JUnit. A gate over incomplete data is no
verdict: errors beyond the limit, cases that were not run, or none at all come before any failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Literal

from msgspec import Struct, field

from bt_cli.spans import gate
from bt_cli.spans.comparison import Comparison
from bt_cli.spans.score_tally import SLACK, ScorerNumbers

MissingKind = Literal["rejected", "broken_off", "baseline", "refused"]
Kind = Literal["fail_under", "min_pass", "max_drop", "max_score_errors", "max_skipped", "not_run"] | MissingKind
Lack = Literal["", "cut_short", "missing", "not_run", "errors", "skipped", "no_case", "no_pair"]
"""Why there is no verdict; ``no_pair``: no case has a score in the baseline; ``missing``: see `Missing`."""

_MIN_PASS = re.compile(r"(?s)(?P<name>.+?)\s*>=\s*(?P<threshold>[\d.]+)\s*:\s*(?P<percent>[\d.]+)\s*%")


class FailUnder(Struct, frozen=True):
    """The mean of a score must be at least ``least``."""

    name: str
    least: float

    @classmethod
    def parse(cls, written: str) -> FailUnder:
        """``NAME=0.8``. Raises ValueError."""
        name, _, least = written.rpartition("=")
        if not name:
            raise ValueError(f"not NAME=SCORE: {written!r}")
        return cls(name, _share(least))


class MinPass(Struct, frozen=True):
    """Of the cases with a score, ``percent`` must have one of at least ``threshold``."""

    name: str
    threshold: float
    percent: float

    @classmethod
    def parse(cls, written: str) -> MinPass:
        """``NAME>=0.5:90%``. Raises ValueError."""
        match = _MIN_PASS.fullmatch(written)
        if match is None:
            raise ValueError(f"not NAME>=SCORE:P%: {written!r}")
        return cls(match["name"], _share(match["threshold"]), _share(match["percent"], 100))


class Allowance(Struct, frozen=True):
    """How many cases of a scorer may be so: a number, or with ``percent`` a share of them."""

    number: int = 0
    percent: float | None = None

    @classmethod
    def parse(cls, written: str) -> Allowance:
        """``20`` or ``0.5%``. Raises ValueError."""
        if written.endswith("%"):
            return cls(percent=_share(written[:-1], 100))
        if int(written) < 0:
            raise ValueError(f"below zero: {written}")
        return cls(int(written))

    def exceeded(self, number: int, cases: int) -> bool:
        """Whether ``number`` of ``cases`` are too many."""
        if self.percent is None:
            return number > self.number
        return number * 100 > self.percent * cases * (1 + SLACK)


def drop_rule(written: str) -> gate.Rule:
    """``NAME=0.02``: how far a mean may fall below the baseline's. Raises ValueError."""
    if not written:
        raise ValueError("not NAME=DELTA")
    return gate.Rule.parse(written)


def _share(written: str, whole: float = 1) -> float:
    value = float(written)
    if not isfinite(value) or not 0 <= value <= whole:
        raise ValueError(f"not from 0 to {whole:g}: {written}")
    return value


class Gates(Struct, frozen=True):
    """What is asked of a run."""

    fail_under: tuple[FailUnder, ...] = ()
    min_pass: tuple[MinPass, ...] = ()
    max_drop: tuple[gate.Rule, ...] = ()
    max_errors: Allowance = field(default_factory=Allowance)
    max_skipped: Allowance = field(default_factory=lambda: Allowance(percent=100))
    report_only: bool = False

    @property
    def names(self) -> list[str]:
        """The scores that the gates are about, each once."""
        means, shares = [rule.name for rule in self.fail_under], [rule.name for rule in self.min_pass]
        drops = [rule.name for rule in self.max_drop if rule.name is not None]
        return list(dict.fromkeys([*means, *shares, *drops]))

    def thresholds(self) -> dict[str, float]:
        """The score that a single case must have, by name; of several the highest."""
        return {rule.name: rule.threshold for rule in sorted(self.min_pass, key=lambda one: one.threshold)}


class Missing(Struct, frozen=True):
    """What a run has not seen, or not kept, beside its cases: every gate lacks it.

    ``number`` records were ``rejected`` beyond the limit; reading the input was ``broken_off``; the
    ``baseline`` could not be read as a whole; ``number`` traces were ``refused`` by the store.
    """

    kind: MissingKind
    number: int = 0


class Check(Struct, frozen=True):
    """What one gate or limit says.

    ``value`` is what was found and ``wanted`` the least or most allowed: means and drops as scores, shares
    as percentages, limits as counts. ``unknown`` where ``lack`` says why there is no verdict.
    """

    kind: Kind
    name: str
    state: Literal["passed", "failed", "unknown"]
    value: float | None
    wanted: float
    threshold: float | None = None
    """The score of a case that passes, of a ``min_pass``."""
    lack: Lack = ""


class Verdict(Struct, frozen=True):
    """What the gates say together; ``incomplete`` where a limit is passed or a gate has no verdict."""

    state: Literal["none", "passed", "failed", "incomplete"]
    checks: list[Check]
    report_only: bool = False

    @property
    def exit_code(self) -> int:
        """3 before 4: a gate over incomplete data is no verdict. ``--report-only`` forgives a failed gate only."""
        return {"incomplete": 3, "failed": 0 if self.report_only else 4}.get(self.state, 0)


def judge(
    gates: Gates,
    scorers: Sequence[ScorerNumbers],
    comparison: Comparison | None,
    whole: bool,
    missing: Sequence[Missing] = (),
) -> Verdict:
    """What the gates say of a run; ``whole``: it was not cut short. ``comparison`` is that with the baseline."""
    known = {one.name: one for one in scorers}
    general: Lack = "missing" if missing else "" if whole else "cut_short"
    lacks = {name: general or _lack(known.get(name), gates) for name in {*known, *gates.names}}
    checks = [*_fail_under(gates, known, lacks), *_min_pass(gates, known, lacks)]
    checks += [] if comparison is None else _max_drop(gates, comparison, lacks)
    limits = [Check(one.kind, "", "unknown", one.number, 0, None, "missing") for one in missing]
    limits += [check for one in scorers for check in _limits(gates, one)]
    states = {check.state for check in (*checks, *limits)}
    if "unknown" in states:
        return Verdict("incomplete", [*checks, *limits], gates.report_only)
    if "failed" in states:
        return Verdict("failed", checks, gates.report_only)
    return Verdict("passed" if checks else "none", checks, gates.report_only)


def _lack(scorer: ScorerNumbers | None, gates: Gates) -> Lack:
    if scorer is None or not scorer.cases:
        return "no_case"
    if scorer.not_run:
        return "not_run"
    if gates.max_errors.exceeded(scorer.errors, scorer.cases):
        return "errors"
    if gates.max_skipped.exceeded(scorer.skipped, scorer.cases):
        return "skipped"
    return "" if scorer.scored else "no_case"


def _fail_under(gates: Gates, known: Mapping[str, ScorerNumbers], lacks: Mapping[str, Lack]) -> Iterator[Check]:
    for rule in gates.fail_under:
        mean = known[rule.name].mean if rule.name in known else None
        yield _checked("fail_under", rule.name, lacks[rule.name], mean, rule.least)


def _min_pass(gates: Gates, known: Mapping[str, ScorerNumbers], lacks: Mapping[str, Lack]) -> Iterator[Check]:
    for rule in gates.min_pass:
        scorer = known.get(rule.name)
        share = 100 * scorer.at_least(rule.threshold) / scorer.scored if scorer and scorer.scored else None
        yield _checked("min_pass", rule.name, lacks[rule.name], share, rule.percent, rule.threshold)


def _checked(
    kind: Kind, name: str, lack: Lack, value: float | None, least: float, threshold: float | None = None
) -> Check:
    """A value that must be at least so high; without one there is a lack."""
    if lack or value is None:
        return Check(kind, name, "unknown", value, least, threshold, lack or "no_case")
    passed = value >= least - SLACK * max(1.0, least)
    return Check(kind, name, "passed" if passed else "failed", value, least, threshold)


def _max_drop(gates: Gates, comparison: Comparison, lacks: Mapping[str, Lack]) -> Iterator[Check]:
    # Of cases that only the baseline has, this run knows nothing: its gates are about its own.
    for found in gate.judge(comparison, gates.max_drop, lambda missing, of: False):
        lack: Lack = lacks[found.measure] or ("no_pair" if found.state == "unknown" else "")
        state = "unknown" if lack else "failed" if found.state == "failed" else "passed"
        yield Check("max_drop", found.measure, state, found.worse_by, found.allowed, None, lack)  # type: ignore[arg-type]


def _limits(gates: Gates, scorer: ScorerNumbers) -> Iterator[Check]:
    """The limits that a scorer has passed."""
    if scorer.not_run:
        yield Check("not_run", scorer.name, "unknown", scorer.not_run, 0, None, "not_run")
    for kind, lack, limit, number in (
        ("max_score_errors", "errors", gates.max_errors, scorer.errors),
        ("max_skipped", "skipped", gates.max_skipped, scorer.skipped),
    ):
        if limit.exceeded(number, scorer.cases):
            allowed = limit.number if limit.percent is None else limit.percent * scorer.cases / 100
            yield Check(kind, scorer.name, "unknown", number, allowed, None, lack)  # type: ignore[arg-type]

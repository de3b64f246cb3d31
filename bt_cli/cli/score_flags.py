"""What the options of scoring mean: checks, and the plain structs that judge, gates and reports take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from bt_cli.cli.score_files import FilePlan
from bt_cli.cli.times import parse_duration
from bt_cli.errors import UsageError
from bt_cli.spans.score_gates import Allowance, FailUnder, Gates, MinPass, drop_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bt_cli.scoring.judge.options import JudgeOptions

_T = TypeVar("_T")
_HINTS = {
    "--fail-under": "--fail-under Factuality=0.8",
    "--min-pass": "--min-pass 'Factuality>=0.5:90%'",
    "--max-drop": "--max-drop Factuality=0.02",
    "--max-score-errors": "--max-score-errors 3, or 0.5%",
    "--max-skipped": "--max-skipped 10, or 5%",
}


class ScoreFlags(Struct, frozen=True):
    """The options of scoring as given; its methods check them."""

    score: tuple[str, ...] = ()
    score_map: tuple[str, ...] = ()
    on: str = "root"
    first: int | None = None
    sample: int | None = None
    sample_seed: int | None = None
    trials: int = 1
    reduce: str = "mean"
    rescore: str = "missing"
    judge_model: str | None = None
    judge_embedding_model: str | None = None
    judge_base_url: str | None = None
    judge_api: str | None = None
    judge_mode: str | None = None
    judge_timeout: str | None = None
    judge_retries: int | None = None
    judge_max_wait: str | None = None
    concurrency: int = 16
    rpm: float | None = None
    tpm: float | None = None
    max_cost: float | None = None
    max_judge_tokens: int | None = None
    prices: str | None = None
    judge_cache: str | None = None
    no_cache: bool = False
    cache_only: bool = False
    fail_under: tuple[str, ...] = ()
    min_pass: tuple[str, ...] = ()
    baseline: str | None = None
    max_drop: tuple[str, ...] = ()
    max_score_errors: str | None = None
    max_skipped: str | None = None
    report_only: bool = False
    jsonl: str | None = None
    junit: str | None = None
    markdown: str | None = None

    def check(self) -> None:
        """Raises UsageError for options that do not go together."""
        if not self.score:
            raise UsageError("no scorer is named", hint="--score ExactMatch; all of them: bt score --list")
        if self.sample_seed is not None and self.sample is None:
            raise UsageError("--sample-seed is for --sample", hint="add --sample N")
        if self.max_drop and not self.baseline:
            raise UsageError("--max-drop compares with a baseline", hint="add --baseline RUN")
        if self.no_cache and (self.judge_cache or self.cache_only):
            raise UsageError("--no-cache and the cache's other options exclude each other", hint="give one of them")

    def gates(self) -> Gates:
        """The gates; raises UsageError for one that can't be judged."""
        return Gates(
            fail_under=_all("--fail-under", FailUnder.parse, self.fail_under),
            min_pass=_all("--min-pass", MinPass.parse, self.min_pass),
            max_drop=_all("--max-drop", drop_rule, self.max_drop),
            max_errors=_parsed("--max-score-errors", Allowance.parse, self.max_score_errors or "0"),
            max_skipped=_parsed("--max-skipped", Allowance.parse, self.max_skipped or "100%"),
            report_only=self.report_only,
        )

    def files(self) -> FilePlan:
        """Where reports go; Markdown without a file is for stdout, and none of these."""
        return FilePlan(self.jsonl, self.junit, self.markdown or None)

    def check_files(self, inputs: Sequence[str], *taken: str | Path | None) -> None:
        """Raises UsageError for a report that can't be written, is an input, or a path that is ``taken``."""
        used = [*taken, self.prices, self.judge_cache, self.baseline]
        self.files().check(inputs, [str(path) for path in used if path])

    def judge_options(self) -> JudgeOptions:
        """What the judge is asked with; what was not given is left to its own defaults and the settings."""
        from bt_cli.scoring.judge.options import JudgeOptions

        given: dict[str, Any] = {
            "model": self.judge_model,
            "embedding_model": self.judge_embedding_model,
            "base_url": self.judge_base_url,
            "api": self.judge_api,
            "mode": self.judge_mode,
            "timeout": None if self.judge_timeout is None else parse_duration(self.judge_timeout),
            "retries": self.judge_retries,
            "max_wait": None if self.judge_max_wait is None else parse_duration(self.judge_max_wait),
            "concurrency": self.concurrency,
            "rpm": self.rpm,
            "tpm": self.tpm,
            "max_cost": self.max_cost,
            "max_tokens": self.max_judge_tokens,
            "prices": self.prices,
            "cache": self.judge_cache,
            "use_cache": not self.no_cache,
            "cache_only": self.cache_only,
        }
        return JudgeOptions(**{name: value for name, value in given.items() if value is not None})


def _all(option: str, parse: Callable[[str], _T], written: Sequence[str]) -> tuple[_T, ...]:
    return tuple(_parsed(option, parse, one) for one in written)


def _parsed(option: str, parse: Callable[[str], _T], written: str) -> _T:
    try:
        return parse(written)
    except ValueError as error:
        raise UsageError(f"{option} {written}: {error}", hint=f"as in {_HINTS[option]}") from None

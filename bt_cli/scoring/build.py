"""Specs → scorers, all of them before the first case, so that a mistake in one stops a run that has done nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bt_cli.errors import UsageError
from bt_cli.scoring.base import OpenedJudge, Scorer
from bt_cli.scoring.build_builtin import Models, build_builtin
from bt_cli.scoring.classifier import build_classifier
from bt_cli.scoring.custom import build_custom
from bt_cli.scoring.score_map import ScoreMap
from bt_cli.scoring.spec import Spec, parse_spec

__all__ = ["Models", "build_scorers", "parse_specs"]


def parse_specs(written: Iterable[str]) -> list[Spec]:
    """Every SPEC of a command line. Raises UsageError for one that is none, and for two of one name."""
    specs = [parse_spec(one) for one in written]
    seen: dict[str, Spec] = {}
    for spec in specs:
        if spec.name in seen:
            hint = f"name one of them: --score 'other={spec.unnamed}'"
            raise UsageError(f"two scorers are called {spec.name}", hint=hint, code="score_spec")
        seen[spec.name] = spec
    return specs


def build_scorers(specs: Sequence[Spec], score_map: Iterable[str], judge: OpenedJudge, models: Models) -> list[Scorer]:
    """A scorer for each SPEC, in their order; ``score_map`` as on the command line.

    Without a judge, judged scorers can still say what they would be given. Raises UsageError.
    """
    mapping = ScoreMap(score_map, specs)
    scorers = [_build(spec, mapping, judge, models) for spec in specs]
    mapping.check_used()
    return scorers


def _build(spec: Spec, score_map: ScoreMap, judge: OpenedJudge, models: Models) -> Scorer:
    if spec.kind == "python":
        return build_custom(spec, score_map)
    if spec.kind == "classifier" or spec.target == "LLMClassifier":
        return build_classifier(spec, score_map, judge, models)
    return build_builtin(spec, score_map, judge, models)

"""``--score-map FIELD=PATH`` and ``SCORER.FIELD=PATH``: where scorers' inputs lie in the traces of an app."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.scoring.inputs import Source, at_path, default_source, literal
from bt_cli.scoring.nearest import suggestion
from bt_cli.scoring.spec import Spec


class _Rule(Struct):
    """One ``--score-map``; ``scorer`` None for all."""

    written: str
    target: str
    source: Source
    scorer: str | None = None
    field: str = ""
    used: bool = False


class ScoreMap:
    """The rules of a run. Raises UsageError for one that is none."""

    def __init__(self, written: Iterable[str], specs: Iterable[Spec]) -> None:
        self._specs = list(specs)
        self._rules = [_parse(one) for one in written]
        self._known: dict[str, None] = {}
        for rule in self._rules:
            self._aim(rule)

    def sources(self, spec: Spec, names: Iterable[str]) -> Mapping[str, Source]:
        """The source of each input of a scorer: what its SPEC sets, else a rule, else the default."""
        return {name: self.source(spec, name) or default_source(name) for name in names}

    def source(self, spec: Spec, name: str) -> Source | None:
        """What a SPEC sets an input to, else what the scorer's own rule says, else one for all; else None."""
        self._known[name] = None
        found = [one for one in self._rules if one.field == name and one.scorer in (None, spec.name)]
        for one in found:
            one.used = True
        if spec.arguments.get(name) is not None:
            return literal(spec.arguments[name])
        return max(found, key=lambda one: one.scorer is not None).source if found else None

    def own_names(self, spec: Spec) -> list[str]:
        """The inputs for which there is a rule of this scorer alone; what a function that takes all is given too."""
        return [one.field for one in self._rules if one.scorer == spec.name]

    def check_used(self) -> None:
        """Raises UsageError for a rule that no scorer has looked at; asked when all are built."""
        for rule in self._rules:
            if not rule.used:
                whose = f"{rule.scorer} has" if rule.scorer else "the scorers have"
                message = f"--score-map {rule.written}: {whose} no input {rule.field!r}"
                raise UsageError(message, hint=suggestion(rule.field, self._known), code="score_map")

    def _aim(self, rule: _Rule) -> None:
        """Takes what is left of ``=`` apart: a scorer's name and a field, or a field."""
        names = [one.name for one in self._specs]
        scorer, dot, field = rule.target.rpartition(".")
        if not dot:
            rule.field = rule.target
            return
        rule.scorer = next((name for name in names if name.lower() == scorer.lower()), None)
        rule.field = field
        if rule.scorer is None:
            message = f"--score-map {rule.written}: no scorer is called {scorer!r}"
            raise UsageError(message, hint=suggestion(scorer, names), code="score_map")


def _parse(written: str) -> _Rule:
    target, equals, given = (part.strip() for part in written.partition("="))
    if not equals or not target or not given:
        hint = "as in --score-map context=metadata.docs or Faithfulness.context=metadata.docs"
        raise UsageError(f"--score-map {written}: not FIELD=PATH", hint=hint, code="score_map")
    return _Rule(written, target, _source(written, given))


def _source(written: str, given: str) -> Source:
    """A path, or a literal where it is quoted."""
    try:
        if given[0] in "\"'":
            return literal(ast.literal_eval(given))
        return at_path(given)
    except (ValueError, SyntaxError):
        hint = "write a path such as metadata.docs or input.messages.0.content, or text in quotes"
        raise UsageError(f"--score-map {written}: {given} is no path", hint=hint, code="score_map") from None

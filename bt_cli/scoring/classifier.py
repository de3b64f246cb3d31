"""Prompts of the user's own: an LLMClassifier of autoevals out of a YAML file or a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bt_cli.errors import UsageError
from bt_cli.scoring.base import Case, Missing, OpenedJudge
from bt_cli.scoring.build_builtin import Models
from bt_cli.scoring.builtin import InputScorer
from bt_cli.scoring.catalog import CATALOG
from bt_cli.scoring.classifier_file import Definition, definition_of, read_definition
from bt_cli.scoring.fingerprint import fingerprint
from bt_cli.scoring.inputs import Input, as_text
from bt_cli.scoring.nearest import suggestion
from bt_cli.scoring.score_map import ScoreMap
from bt_cli.scoring.spec import Spec
from bt_cli.scoring.template import Template, parse_template, rendered
from bt_cli.scoring.unscored import own_metadata
from bt_cli.spans.conversation import thread

_THREAD_FIELDS = frozenset(("input", "output", "span_attributes", "metrics"))
_METADATA_FIELDS = frozenset(("metadata", "span_attributes"))


class Classifier(InputScorer):
    """A prompt that is filled in for each case, and asked of a judge."""

    def __init__(self, name: str, digits: str, inputs: list[Input], template: Template, asked: Any) -> None:
        super().__init__(name, digits, True, inputs, self._ask)
        self._template = template
        self._asked = asked
        self.fields |= _THREAD_FIELDS if template.threaded else frozenset()
        self.fields |= _METADATA_FIELDS if "metadata" in template.roots else frozenset()

    def arguments(self, case: Case) -> dict[str, Any] | Missing:
        """The variables of the prompt, and the conversation where it uses that."""
        given = super().arguments(case)
        if isinstance(given, Missing):
            return given
        lacking = tuple(name for name in self._template.members if _member(given, name) is None)
        if lacking:
            return Missing(lacking)
        if self._template.threaded:
            said = thread(case.trace)
            if not said:
                return Missing(("thread",))
            given["thread"] = said
        return given

    def _ask(self, arguments: Mapping[str, Any]) -> Any:
        values = rendered(self._template, arguments)
        trace = _Thread(arguments["thread"]) if self._template.threaded else None
        output, expected = values.pop("output", ""), values.pop("expected", "")
        return self._asked.eval(output, expected, trace=trace, **values)


class _Thread:
    """A conversation as autoevals asks for it."""

    def __init__(self, messages: list[Any]) -> None:
        self._messages = messages

    async def get_thread(self, options: Any = None) -> list[Any]:
        """Its messages, system ones included."""
        return self._messages


def build_classifier(spec: Spec, score_map: ScoreMap, judge: OpenedJudge, models: Models) -> Classifier:
    """The scorer of a SPEC that names a YAML file, or LLMClassifier. Raises UsageError."""
    definition = _definition(spec)
    model = definition.model or models.completion
    if not model:
        hint = "give --judge-model NAME or BT_JUDGE_MODEL, or write model: into the file"
        raise UsageError(f"{spec.name} asks a judge, and no model is set", hint=hint, code="no_judge_model")
    try:
        template = parse_template(definition.prompt)
    except ValueError as error:
        raise UsageError(f"the prompt of {spec.name}: {error}", code="score_file") from None
    settings = {**definition.settings(), "model": model}
    digits = fingerprint("classifier", definition.prompt, settings, choices=definition.choice_scores, **_versions())
    asked = _built(spec, definition, settings, judge)
    return Classifier(spec.name, digits, _inputs(spec, template, score_map), template, asked)


def _definition(spec: Spec) -> Definition:
    if spec.kind == "builtin":
        return definition_of(spec.arguments, f"--score {spec.written}")
    definition = read_definition(spec.target)
    known = [key for key in CATALOG["LLMClassifier"].parameters if key not in ("prompt", "choice_scores")]
    for key in spec.arguments:
        if key not in known:
            raise UsageError(f"--score {spec.written}: a prompt has no argument {key!r}", hint=suggestion(key, known))
    given = {"prompt": definition.prompt, "choice_scores": definition.choice_scores}
    return definition_of({**given, **definition.settings(), **spec.arguments}, f"--score {spec.written}")


def _inputs(spec: Spec, template: Template, score_map: ScoreMap) -> list[Input]:
    """The variables of a prompt; whole where it opens them, else as text."""
    found = []
    for name, source in score_map.sources(spec, template.roots).items():
        if name == "metadata" and score_map.source(spec, name) is None:
            source = own_metadata
        form = None if name in template.opened else as_text(name)
        found.append(Input(name, source, name in template.required, form))
    return found


def _built(spec: Spec, definition: Definition, settings: dict[str, Any], judge: OpenedJudge) -> Any:
    from bt_cli.scoring.seam import PromptClassifier, SeamClient

    return PromptClassifier(
        name=spec.name,
        prompt_template=definition.prompt,
        choice_scores=definition.choice_scores,
        client=SeamClient(judge, None),
        **settings,
    )


def _versions() -> dict[str, str]:
    from autoevals.version import VERSION

    return {"autoevals": str(VERSION)}


def _member(values: Mapping[str, Any], dotted: str) -> Any:
    """What a dotted variable leads to among the arguments."""
    found: Any = values
    for key in dotted.split("."):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, list):
            found = found[int(key)] if key.isdecimal() and int(key) < len(found) else None
        else:
            return None
    return found

"""Spec → scorer, for the names of the catalog."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.scoring.base import OpenedJudge
from bt_cli.scoring.builtin import InputScorer, Run, evaluate
from bt_cli.scoring.catalog import CATALOG, Entry
from bt_cli.scoring.fingerprint import fingerprint
from bt_cli.scoring.inputs import Input, as_text
from bt_cli.scoring.offline import OFFLINE
from bt_cli.scoring.score_map import ScoreMap
from bt_cli.scoring.spec import Spec

_REFUSES_TEMPERATURE = "gpt-5"
"""Models whose name begins so reject a temperature; AnswerRelevancy sends one unless told otherwise."""


class Models(Struct, frozen=True):
    """The models that are asked where a SPEC names none; None where none is set."""

    completion: str | None = None
    embedding: str | None = None


def build_builtin(spec: Spec, score_map: ScoreMap, judge: OpenedJudge, models: Models) -> InputScorer:
    """The scorer of a SPEC. Raises UsageError for a missing package or model, and for arguments that it refuses."""
    entry = CATALOG[spec.target]
    check_extra(entry)
    models = models_of(spec, entry, models)
    check_models(spec, entry, models)
    bound = _with_schema(spec)
    settings = {key: value for key, value in bound.items() if key in entry.parameters}
    asked = {"completion": models.completion if entry.completes else None} if entry.judged else {}
    if entry.embeds:
        asked["embedding"] = models.embedding
    digits = fingerprint(spec.kind, entry.name, bound, autoevals=_version(entry), **asked)
    sources = score_map.sources(spec, entry.needs)
    forms = {name: as_text(name) if entry.form == "text" else None for name in entry.needs}
    inputs = [Input(name, source, form=forms[name]) for name, source in sources.items()]
    return InputScorer(spec.name, digits, entry.judged, inputs, _run(spec, entry, settings, judge, models))


def models_of(spec: Spec, entry: Entry, models: Models) -> Models:
    """The models that a SPEC asks: those that it names, else those that are set."""
    named = spec.arguments.get("model")
    if not entry.completes:
        return Models(models.completion, named or models.embedding)
    return Models(named or models.completion, spec.arguments.get("embedding_model") or models.embedding)


def check_models(spec: Spec, entry: Entry, models: Models) -> None:
    """Raises UsageError where a scorer has no model to ask; none is ever assumed."""
    if entry.completes and not models.completion:
        hint = f'give --judge-model NAME or BT_JUDGE_MODEL, or write {entry.name}(model="NAME")'
        raise UsageError(f"{spec.name} asks a judge, and no model is set", hint=hint, code="no_judge_model")
    if entry.embeds and not models.embedding:
        key = "embedding_model" if entry.completes else "model"
        hint = f'give --judge-embedding-model NAME or BT_JUDGE_EMBEDDING_MODEL, or write {entry.name}({key}="NAME")'
        raise UsageError(f"{spec.name} asks for embeddings, and no model is set", hint=hint, code="no_embedding_model")


def is_missing(package: str | None) -> bool:
    """Whether a package is not installed here."""
    from importlib.util import find_spec

    return package is not None and find_spec(package) is None


def check_extra(entry: Entry) -> None:
    """Raises UsageError where a package that the scorer imports is not installed."""
    if is_missing(entry.extra):
        hint = f"pip install 'bt-spans[{entry.extra}]'"
        raise UsageError(f"{entry.name} needs {entry.extra}, which is not installed", hint=hint, code="missing_package")


def _version(entry: Entry) -> str | None:
    if entry.own:
        return None
    from autoevals.version import VERSION

    return str(VERSION)


def _run(spec: Spec, entry: Entry, settings: dict[str, Any], judge: OpenedJudge, models: Models) -> Run:
    try:
        return evaluate(_asking(entry, settings, judge, models)) if entry.judged else OFFLINE[entry.name](settings)
    except (TypeError, ValueError) as error:
        raise UsageError(f"--score {spec.written}: {error}", code="score_spec") from error


def _asking(entry: Entry, settings: dict[str, Any], judge: OpenedJudge, models: Models) -> Any:
    """A scorer with its client and its models, always given: left out, autoevals would choose both itself."""
    import autoevals

    from bt_cli.scoring.seam import SeamClient, forget_embeddings

    if settings.get("expected_min", 0) >= 1:
        raise ValueError("expected_min must be below 1")
    forget_embeddings()
    if entry.name in ("AnswerRelevancy", "ContextEntityRecall"):  # the client sees to their embedding model
        settings.pop("embedding_model", None)
    given: dict[str, Any] = {"client": SeamClient(judge, models.embedding), **settings}
    if entry.completes:
        given["model"] = models.completion
        if entry.name == "AnswerRelevancy" and str(models.completion).startswith(_REFUSES_TEMPERATURE):
            given.setdefault("temperature", None)
    return getattr(autoevals, entry.name)(**given)


def _with_schema(spec: Spec) -> dict[str, Any]:
    """The arguments of a SPEC; a schema that is a text names the file in which it is."""
    path = spec.arguments.get("schema")
    if not isinstance(path, str):
        return spec.arguments
    try:
        with open(path, "rb") as file:
            return {**spec.arguments, "schema": orjson.loads(file.read())}
    except OSError as error:
        raise UsageError(f"the schema {path} cannot be read: {error.strerror}", code="score_spec", file=path) from None
    except ValueError as error:
        raise UsageError(f"the schema {path} is not JSON: {error}", code="score_spec", file=path) from None

"""Scorers of the user's own: functions, classes and objects of Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from bt_cli.errors import UsageError
from bt_cli.scoring import coroutines
from bt_cli.scoring.base import Case, Missing, Value
from bt_cli.scoring.fingerprint import fingerprint
from bt_cli.scoring.inputs import Input, Source, default_source, fields_of, gather
from bt_cli.scoring.loading import load
from bt_cli.scoring.nearest import suggestion
from bt_cli.scoring.normalise import values_of
from bt_cli.scoring.score_map import ScoreMap
from bt_cli.scoring.spec import Spec
from bt_cli.scoring.trace import Trace
from bt_cli.scoring.unscored import app_span, app_spans, digest_of, own_metadata
from bt_cli.spans.row import PAYLOAD

GIVEN = ("input", "output", "expected", "metadata", "tags", "span", "trace")
"""What a function can ask for by the name of a parameter."""
_WHOLE = ("span", "trace")
_EMPTY: dict[str, Any] = {"metadata": {}, "tags": []}
"""What stands for a field that functions use without asking whether it is there."""


class CustomScorer:
    """A callable that is given the parameters that it names."""

    def __init__(self, name: str, digits: str, call: Callable[..., Any], inputs: list[Input], whole: set[str]) -> None:
        self.name = name
        self.fingerprint = digits
        self.judged = False
        self.waits = _waits(call)
        self.fields = frozenset(PAYLOAD) if whole else fields_of(inputs) | _of_metadata(inputs)
        self._call = call
        self._inputs = inputs
        self._whole = whole

    def arguments(self, case: Case) -> dict[str, Any] | Missing:
        """What it is given; of a span and a trace only digits that stand for them."""
        given = gather(self._inputs, case)
        if isinstance(given, Missing):
            return given
        if "span" in self._whole:
            given["span"] = {"span_id": case.row.span_id, "digest": digest_of(app_span(case.row, case.trace))}
        if "trace" in self._whole:
            spans = app_spans(case.trace)
            given["trace"] = {"root_span_id": case.row.root_span_id, "spans": len(spans), "digest": digest_of(spans)}
        return given

    def score(self, case: Case, arguments: Mapping[str, Any]) -> list[Value]:
        """What it says. Raises what it raises, and ValueError or TypeError for what is no score.

        It is given copies: what it does to them is seen by nobody else.
        """
        given = deepcopy(dict(arguments))
        if "span" in self._whole:
            given["span"] = app_span(case.row, case.trace)
        if "trace" in self._whole:
            given["trace"] = Trace(case)
        result = self._call(**given)
        return values_of(coroutines.run(result) if inspect.iscoroutine(result) else result)


def _waits(call: Callable[..., Any]) -> bool:
    """Whether it is ``async``: such a scorer waits for something, and is run beside others as judged ones are."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004


def _of_metadata(inputs: list[Input]) -> frozenset[str]:
    """What has to be read to tell the app's metadata from what scoring added."""
    return frozenset(("span_attributes",) if any(one.name == "metadata" for one in inputs) else ())


def build_custom(spec: Spec, score_map: ScoreMap) -> CustomScorer:
    """The scorer of a SPEC that names a function. Raises UsageError, with file and line where it cannot be imported."""
    found, source = load(spec.target)
    call, bound = _callable(spec, found)
    inputs, whole = _inputs(spec, call, bound, score_map)
    digits = fingerprint(spec.kind, spec.target.rpartition(":")[2], spec.arguments, source=source)
    return CustomScorer(spec.name, digits, call, inputs, whole)


def _callable(spec: Spec, found: Any) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What is called for each case, and which arguments of the SPEC it takes; a class takes them when it is made."""
    bound = spec.arguments
    if inspect.isclass(found):
        try:
            found, bound = found(**bound), {}
        except Exception as error:
            raise _mistake(spec, f"{type(error).__name__}: {error}", None) from error
    call = found.eval if callable(getattr(found, "eval", None)) else found
    if not callable(call):
        raise _mistake(spec, f"{spec.target} is no function", None)
    return call, bound


def _inputs(
    spec: Spec, call: Callable[..., Any], bound: dict[str, Any], score_map: ScoreMap
) -> tuple[list[Input], set[str]]:
    """The inputs by the parameters of a callable, and which of span and trace it asks for."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError) as error:
        raise _mistake(spec, str(error), None) from None
    named = {
        one.name: one.default is one.empty
        for one in parameters
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    }
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters)
    if any(one.kind is one.POSITIONAL_ONLY and one.default is one.empty for one in parameters):
        raise _mistake(spec, "its parameters cannot be given by name", "write it without '/'")
    for key in bound:
        if key not in named and not takes_all:
            raise _mistake(spec, f"it has no parameter {key!r}", suggestion(key, named))
    wanted = dict(named)
    if takes_all:
        wanted.update({name: False for name in (*GIVEN, *bound, *score_map.own_names(spec)) if name not in wanted})
    whole = {name for name in wanted if name in _WHOLE}
    found = [_input(spec, name, required, score_map) for name, required in wanted.items() if name not in _WHOLE]
    return [one for one in found if one is not None], whole


def _input(spec: Spec, name: str, required: bool, score_map: ScoreMap) -> Input | None:
    source = score_map.source(spec, name)
    if source is None and name in GIVEN:
        source = own_metadata if name == "metadata" else default_source(name)
        if name in _EMPTY and required:
            return Input(name, _or_empty(source, name))
    if source is not None:
        return Input(name, source, required)
    if required:
        hint = f"add --score-map {spec.name}.{name}=PATH; known are {', '.join(GIVEN)}"
        raise _mistake(spec, f"nothing is known for its parameter {name!r}", hint)
    return None


def _or_empty(source: Source, name: str) -> Source:
    def read(case: Case) -> Any:
        value = source.read(case)
        return _EMPTY[name] if value is None else value

    return Source(read, source.field)


def _mistake(spec: Spec, what: str, hint: str | None) -> UsageError:
    return UsageError(f"--score {spec.written}: {what}", hint=hint, code="score_spec")

"""The scorers that ask nobody: autoevals' own, guarded where they would say something else than is meant, and ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bt_cli.scoring import exact
from bt_cli.scoring.builtin import Run, evaluate
from bt_cli.spans.text import encode

_REMOTE = re.compile(r'"\$(?:ref|dynamicRef|recursiveRef)":"https?:')
"""A part of a JSON schema that lies elsewhere. jsonschema would fetch it; nothing here uses the network unasked."""


def _exact_match(settings: dict[str, Any]) -> Run:
    import autoevals

    run = evaluate(autoevals.ExactMatch())

    def compare(arguments: Mapping[str, Any]) -> Any:
        try:
            return run(arguments)
        except TypeError:
            raise TypeError("ExactMatch cannot compare an object or list with a number; JSONEqual can") from None

    return compare


def _levenshtein(settings: dict[str, Any]) -> Run:
    from bt_cli.scoring.seam import BoundedLevenshtein

    return evaluate(BoundedLevenshtein())


def _json_diff(settings: dict[str, Any]) -> Run:
    import autoevals

    from bt_cli.scoring.seam import BoundedLevenshtein

    return evaluate(autoevals.JSONDiff(string_scorer=BoundedLevenshtein(), **settings))


def _list_contains(settings: dict[str, Any]) -> Run:
    import autoevals

    from bt_cli.scoring.seam import BoundedLevenshtein

    run = evaluate(autoevals.ListContains(pairwise_scorer=BoundedLevenshtein(), **settings))
    return lambda arguments: run(exact.lists(arguments))


def _numeric_diff(settings: dict[str, Any]) -> Run:
    import autoevals

    run = evaluate(autoevals.NumericDiff())
    return lambda arguments: run(exact.numbers(arguments, bool(settings.get("coerce"))))


def _valid_json(settings: dict[str, Any]) -> Run:
    """With its schema bound by ``partial``: the constructor's has no effect."""
    import autoevals

    if settings.get("schema") is None:
        return evaluate(autoevals.ValidJSON())
    return evaluate(autoevals.ValidJSON.partial(schema=_checked(settings["schema"]))())


def _checked(schema: Any) -> Any:
    """A JSON schema. Raises ValueError for what is none, which autoevals would tell of each case anew."""
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    if not isinstance(schema, dict | bool):
        raise ValueError("a JSON schema is an object")
    if _REMOTE.search(encode(schema)):
        raise ValueError("the JSON schema refers to another one by its URL, which would have to be fetched")
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"not a JSON schema: {error.message}") from None
    return schema


OFFLINE: Mapping[str, Callable[[dict[str, Any]], Run]] = {
    "JSONEqual": lambda settings: exact.json_equal,
    "ExactMatch": _exact_match,
    "Levenshtein": _levenshtein,
    "JSONDiff": _json_diff,
    "ListContains": _list_contains,
    "NumericDiff": _numeric_diff,
    "ValidJSON": _valid_json,
}
"""Settings of a SPEC → what scores. Each raises TypeError or ValueError for a setting that it refuses."""

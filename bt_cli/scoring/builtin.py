"""The scorers of the catalog: autoevals' own objects, given their inputs, a client and a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bt_cli.errors import JudgeError
from bt_cli.scoring.base import Case, Missing, Value
from bt_cli.scoring.inputs import Input, fields_of, gather
from bt_cli.scoring.normalise import values_of

Run = Callable[[Mapping[str, Any]], Any]
"""Arguments → what a scorer returns."""


class InputScorer:
    """A scorer that is given some inputs of a case."""

    def __init__(self, name: str, fingerprint: str, judged: bool, inputs: Sequence[Input], run: Run) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.judged = self.waits = judged
        self.fields = fields_of(inputs)
        self._inputs = tuple(inputs)
        self._run = run

    def arguments(self, case: Case) -> dict[str, Any] | Missing:
        """The inputs of a case, or what it lacks of them."""
        return gather(self._inputs, case)

    def score(self, case: Case, arguments: Mapping[str, Any]) -> list[Value]:
        """What the scorer says, in one value. Raises what it raises; JudgeError for a reply that it cannot use."""
        try:
            return values_of(self._run(arguments))
        except RecursionError:
            raise ValueError("nested too deeply to be scored") from None
        except ZeroDivisionError as error:
            raise ValueError("there is nothing to divide by: " + _nothing(self.judged)) from error
        except (KeyError, IndexError, AttributeError, TypeError) as error:
            if not self.judged:
                raise
            raise JudgeError(f"the judge's reply cannot be used: {type(error).__name__} {error}") from error


def _nothing(judged: bool) -> str:
    return "the judge found no statement, or an input is empty" if judged else "an input is empty"


def evaluate(scorer: Any) -> Run:
    """Calls one of autoevals' scorers: output by its place, everything else by its name."""
    call = scorer.eval

    def run(arguments: Mapping[str, Any]) -> Any:
        given = dict(arguments)
        if given.get("context") == "":  # some ask the judge all the same, and divide by its length then
            raise ValueError("the context is empty")
        return call(given.pop("output", None), **given)

    return run

"""The words of scoring: what is scored, what came out of it, and the contracts of a scorer and a judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from msgspec import Struct, field

from bt_cli.spans import text
from bt_cli.spans.row import Row

State = Literal["scored", "skipped", "error", "not_run"]
"""What became of a case and a scorer; only ``scored`` has a number, and only it counts in a mean."""


class Case:
    """A span to be scored, within its trace."""

    def __init__(self, row: Row, trace: Sequence[Row]) -> None:
        self.row = row
        self.trace = trace
        self._decoded: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        """A payload field, decoded when first asked for; None where it is absent or null."""
        if name not in self._decoded:
            written = getattr(self.row, name)
            self._decoded[name] = None if written is None else text.decode(written)
        return self._decoded[name]


class Call(Struct):
    """One request to a judge, as its span tells it.

    ``request`` and ``reply`` are the JSON text of the two bodies, times epoch seconds, ``metrics`` token
    counts under Braintrust's names, ``cost`` USD, None where the price is not known. ``cached``: answered
    by the cache, with the times and counts of the request that was made then.
    """

    name: str
    """``Chat Completion``, ``Response``, ``Embedding`` or ``Moderation``."""
    host: str
    request: str
    start: float
    end: float
    reply: str | None = None
    metrics: dict[str, int | float] = field(default_factory=dict)
    cost: float | None = None
    attempts: int = 1
    cached: bool = False
    error: str | None = None


class Value(Struct):
    """What a scorer says of a case: a number from 0 to 1, or None for no opinion.

    ``metadata`` can be written as JSON. ``name`` is given by scorers that say several things at once.
    """

    score: float | None
    metadata: dict[str, Any] = field(default_factory=dict)
    name: str | None = None


class Missing(Struct, frozen=True):
    """Why a scorer is skipped for a case: the required arguments that the case does not have."""

    fields: tuple[str, ...]


class Result(Struct):
    """What came out of one scorer for one case.

    ``name`` is the key of the score. ``score`` is None unless the state is ``scored``; ``reason`` says why
    it was skipped, failed or not run. ``arguments`` is the JSON text of what the scorer was given,
    ``values`` the score of each trial where there were several. ``reused``: found in the trace, from an
    earlier run of a scorer of the same fingerprint on the same arguments.
    """

    name: str
    span_id: str
    """Of the scored span."""
    state: State
    score: float | None = None
    reason: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    arguments: str = "{}"
    fingerprint: str = ""
    calls: list[Call] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    reused: bool = False
    scorer: str = ""
    """The scorer that said it, where the score has a name of its own (`Value.name`); else empty."""


class ScoredTrace(Struct):
    """The rows of a trace as they were read, and the results for the spans of it that are cases."""

    rows: list[Row]
    results: list[Result]


class Scorer(Protocol):
    """Something that says how good a span is.

    Equal fingerprints mean the same scorer: kind, arguments, source text, judge's model. One that
    ``waits`` is run on a thread beside others; what it raises is an error of its case. ``name`` is
    the key under which its score is kept.
    """

    @property
    def name(self) -> str:
        """The key of the score: the alias, else the scorer's name as the user wrote it."""

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digits that stand for all that can change what it says."""

    @property
    def judged(self) -> bool:
        """Whether it asks a judge."""

    @property
    def waits(self) -> bool:
        """Whether it waits for a judge, or for something else as an ``async`` function does."""

    @property
    def fields(self) -> frozenset[str]:
        """The payload fields of a row that it reads; what of a trace has to be read for it."""

    def arguments(self, case: Case) -> dict[str, Any] | Missing:
        """What it will be given for a case, ready to be written as JSON."""

    def score(self, case: Case, arguments: Mapping[str, Any]) -> list[Value]:
        """Its opinion; may raise anything. JudgeError and other exceptions are an error of the case.

        CredentialsError, NetworkError, UsageError and LimitError of the judge end the run, as does
        Interrupted, which a call that has to wait raises after a signal.
        """


class JudgeTotals(Struct):
    """What a judge has been asked so far; ``cost`` in USD of the calls whose price is known."""

    calls: int = 0
    """Sent to the server, failed ones included; those that the cache answered are not among them."""
    cached: int = 0
    retries: int = 0
    """Attempts beyond the first of a call."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0
    """Calls whose price is not known."""


class Judge(Protocol):
    """A model behind an OpenAI-compatible API; safe to be asked from many threads."""

    @property
    def totals(self) -> JudgeTotals:
        """What it has been asked so far."""

    def complete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A chat completion. ``request`` and what comes back are those of OpenAI's client, here as below.

        Raises JudgeError, which concerns this request, or what ends the run; see `Scorer.score`.
        """

    def embed(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The vector of a text."""

    def moderate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What a moderation endpoint says of a text."""

    def recording(self, trial: int) -> AbstractContextManager[list[Call]]:
        """Collects the calls that this thread makes within; the trial is part of what the cache goes by."""

    def close(self) -> None:
        """Ends its connections and its cache."""


OpenedJudge = Callable[[], Judge | None]
"""The judge once one is open. Scorers are made before: a mistake in one is told before a missing key."""

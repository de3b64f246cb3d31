"""A scoring run as its reports tell it."""

from __future__ import annotations

from msgspec import Struct, field

from bt_cli.spans.comparison import Comparison
from bt_cli.spans.score_gates import Verdict
from bt_cli.spans.score_tally import ScorerNumbers


class JudgeUse(Struct, frozen=True):
    """What a judge was asked: requests made, answers out of the cache, requests made again, tokens, USD.

    ``cost`` is that of the calls whose price is known; ``unpriced`` counts the others.
    """

    calls: int
    cached: int
    retries: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    unpriced: int


class ScoreRun(Struct, frozen=True):
    """What was scored, what came out, and what the gates say of it.

    ``cases`` are the scored spans, ``partial``: some traces were left out by ``--first`` or ``--sample``.
    ``stopped`` says what ended the run early, empty where nothing did. ``replaced`` counts by name the
    traces that had such a score of their own, ``refused`` those whose results a store did not take,
    ``timeless`` those that no filter by time could match; ``truncated``: a limit left traces out.
    ``unread``: a signal ended the run, and what was left of the input is counted nowhere.
    ``elapsed`` in seconds.
    """

    source: str
    traces: int
    cases: int
    scorers: list[ScorerNumbers]
    verdict: Verdict
    comparison: Comparison | None = None
    judge: JudgeUse | None = None
    partial: bool = False
    stopped: str = ""
    unread: bool = False
    replaced: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    timeless: int = 0
    truncated: bool = False
    elapsed: float = 0.0

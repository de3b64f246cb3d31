"""What a judge has been asked in all, and when it is enough."""

from __future__ import annotations

import threading

import msgspec

from bt_cli.errors import LimitError
from bt_cli.scoring.base import Call, JudgeTotals


class Budget:
    """Counts calls, tokens and cost for all threads. Tokens and cost are of this run: cached calls add none."""

    def __init__(self, max_cost: float | None = None, max_tokens: int | None = None) -> None:
        self._max_cost = max_cost
        self._max_tokens = max_tokens
        self._totals = JudgeTotals()
        self._lock = threading.Lock()

    @property
    def totals(self) -> JudgeTotals:
        """The sums so far."""
        with self._lock:
            return msgspec.structs.replace(self._totals)

    def check(self) -> None:
        """Raises LimitError when no call may be begun any more; those in flight may go beyond."""
        totals = self._totals
        tokens = totals.prompt_tokens + totals.completion_tokens
        if self._max_cost is not None and totals.cost >= self._max_cost:
            raise LimitError(
                f"the judge has cost ${totals.cost:.4f}, and --max-cost is ${self._max_cost:g}",
                hint="what is done is kept; raise --max-cost to go on",
                code="max_cost",
            )
        if self._max_tokens is not None and tokens >= self._max_tokens:
            raise LimitError(
                f"the judge has used {tokens:,} tokens, and --max-judge-tokens is {self._max_tokens:,}",
                hint="what is done is kept; raise --max-judge-tokens to go on",
                code="max_judge_tokens",
            )

    def add(self, call: Call) -> None:
        """Takes a call into account that has ended, well or not."""
        with self._lock:
            totals = self._totals
            if call.cached:
                totals.cached += 1
                return
            totals.calls += 1
            totals.retries += max(0, call.attempts - 1)
            totals.prompt_tokens += int(call.metrics.get("prompt_tokens", 0))
            totals.completion_tokens += int(call.metrics.get("completion_tokens", 0))
            if call.cost is not None:
                totals.cost += call.cost
            elif call.error is None or call.metrics:
                totals.unpriced += 1

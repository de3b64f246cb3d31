"""How fast a server may be asked: what it lets pass is learned from what it refuses.

Pure arithmetic over a clock that is passed in. Until the first refusal there is no limit but the user's.
A refusal sets the rate to a part of what was let pass lately; from there it grows: fast while the limit is
being looked for, slowly once it has been found. A limit on calls in flight would not do: it lets pass the
more, the faster a server answers, and half of what is asked is refused.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import takewhile
from typing import NamedTuple

AFTER_REFUSAL = 0.92
WINDOW_SECONDS = 1.0
SHORTEST_WINDOW = 0.2
"""What passed in less time than this says little of what passes in a second."""
ENOUGH = 8
"""So many requests in half a second or more, then a refusal: the limit is found."""
LONGEST_WINDOW = 20.0
"""Seconds; slow servers are looked at for longer than `WINDOW_SECONDS`."""
TOO_SOON = 0.8
"""The rate is lowered to this part of it when the next refusal comes before anything can be learned."""
SLOWEST = 0.1
"""Requests a second; the learned rate never falls below."""
SEARCH_GROWTH = 1.0
GROWTH = ((3.0, 0.02), (6.0, 0.05), (math.inf, 0.2))
"""Until so many seconds after a refusal the rate grows by this part of it each second."""


AHEAD_SECONDS = 0.25
"""Turns are handed out no further ahead: by then the rate may be another."""


class Turn(NamedTuple):
    """When a request may start, or, if it was not ``granted``, when to ask for a turn again."""

    at: float
    generation: int
    """Of the rate; turns of an earlier one are void."""
    granted: bool = True


class Pace:
    """Hands out turns. ``rpm`` and ``tpm`` are the user's limits a minute."""

    def __init__(self, rpm: float | None = None, tpm: float | None = None) -> None:
        self._most = rpm / 60 if rpm else math.inf
        self._token_rate = tpm / 60 if tpm else math.inf
        self._learned = math.inf
        self._next = self._next_by_tokens = -math.inf
        self._begun: deque[float] = deque()
        self._refused_at = self._grown_at = -math.inf
        self._searching = True
        self.generation = 0

    @property
    def rate(self) -> float:
        """Requests a second; infinite where nothing limits them."""
        return min(self._learned, self._most)

    def turn(self, now: float, tokens: int = 0) -> Turn:
        """A turn for a request of about so many tokens."""
        self._grow(now)
        at = max(now, self._next, self._next_by_tokens)
        if at > now + AHEAD_SECONDS:
            return Turn(min(at, now + AHEAD_SECONDS), self.generation, granted=False)
        self._next = at + 1 / self.rate
        if self._token_rate < math.inf:
            self._next_by_tokens = max(now, self._next_by_tokens) + tokens / self._token_rate
        self._begun.append(at)
        while self._begun[0] < now - LONGEST_WINDOW:
            self._begun.popleft()
        return Turn(at, self.generation)

    def used(self, tokens: int) -> None:
        """Takes into account that a request used so many tokens more than was thought, or fewer."""
        self._next_by_tokens += tokens / self._token_rate

    def refused(self, now: float, turn: Turn, wait: float = 0.0) -> None:
        """A request was refused, and told to come again after so many seconds.

        Refusals of what had begun before the last one say nothing new. Where nothing at all passes,
        everybody waits.
        """
        if turn.at in self._begun:
            self._begun.remove(turn.at)
        if turn.generation != self.generation:
            return
        passed, seconds = self._lately(now)
        self._learned = max(SLOWEST, self._lower(passed, seconds))
        self._next = now + (1 / self.rate if passed else max(wait, 1 / self.rate))
        self._refused_at = self._grown_at = now
        self.generation += 1

    def _lower(self, passed: int, seconds: float) -> float:
        """The rate after a refusal, when so many passed in the seconds before."""
        known = self._learned < math.inf
        if not passed:
            return self._learned / 2 if known else 1.0
        if known and seconds < SHORTEST_WINDOW:
            return self._learned * TOO_SOON
        self._searching = self._searching and (passed < ENOUGH or seconds < WINDOW_SECONDS / 2)
        return AFTER_REFUSAL * passed / max(seconds, SHORTEST_WINDOW)

    def _lately(self, now: float) -> tuple[int, float]:
        """How many requests began and were not refused, and in how many seconds; turns to come are given up."""
        while self._begun and self._begun[-1] > now:
            self._begun.pop()
        window = min(LONGEST_WINDOW, max(WINDOW_SECONDS, 2 * ENOUGH / self._learned))
        since = max(now - window, self._refused_at)
        passed = list(takewhile(lambda at: at > since, reversed(self._begun)))
        return len(passed), now - max(since, passed[-1]) if passed else 0.0

    def _grow(self, now: float) -> None:
        if self._learned == math.inf or now <= self._grown_at:
            return
        slow = next(growth for until, growth in GROWTH if now - self._refused_at < until)
        growth = SEARCH_GROWTH if self._searching else slow
        self._learned *= (1 + growth) ** (now - self._grown_at)
        self._grown_at = now

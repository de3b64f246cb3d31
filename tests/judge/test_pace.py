"""The learned pace, in a simulation: nothing waits, and each run is the same."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import pytest

from bt_cli.scoring.judge.pace import Pace, Turn


class Outcome(NamedTuple):
    part: float
    """Of the limit."""
    refused: float
    """Of all requests."""
    done: int


def simulate(limit: float, burst: float, latency: float, calls: int, workers: int = 64) -> Outcome:
    """Workers that ask a server with a hard limit, until all calls are done."""
    pace, tokens, filled, now = Pace(), burst, 0.0, 0.0
    done = refused = 0
    events: list[tuple[float, int, Turn | None, str]] = [(0.0, number, None, "ask") for number in range(workers)]
    waiting, order = calls - workers, workers
    while events:
        now, _, turn, what = heapq.heappop(events)
        order += 1
        if what == "done":
            done += 1
            if waiting:
                waiting -= 1
                heapq.heappush(events, (now, order, None, "ask"))
        elif what == "ask" or turn is None or turn.generation != pace.generation:
            turn = pace.turn(now)
            heapq.heappush(events, (turn.at, order, turn, "go" if turn.granted else "ask"))
        elif what == "refused":
            refused += 1
            pace.refused(now, turn)
            heapq.heappush(events, (now + 0.1, order, None, "ask"))
        else:
            tokens, filled = min(burst, tokens + (now - filled) * limit), now
            passes = tokens >= 1
            tokens -= passes
            after = (now + latency, order, turn, "done") if passes else (now + 0.001, order, turn, "refused")
            heapq.heappush(events, after)
    return Outcome(done / now / limit, refused / (done + refused), done)


@pytest.mark.parametrize("latency", [0.0, 0.1])
@pytest.mark.parametrize(("limit", "burst"), [(20, 2), (100, 10), (100, 100), (300, 30)])
def test_most_of_a_hard_limit_is_used(limit: float, burst: float, latency: float) -> None:
    """At least nine tenths of what a server allows is reached, few requests are refused, and none is lost."""
    outcome = simulate(limit, burst, latency, int(limit * 20))
    assert outcome.part >= 0.9
    assert outcome.refused <= 0.15
    assert outcome.done == int(limit * 20)


def test_no_limit_until_the_first_refusal() -> None:
    """A server that refuses nothing is asked as fast as it answers."""
    pace = Pace()
    assert [pace.turn(now).at for now in (0.0, 0.0, 1.0)] == [0.0, 0.0, 1.0]


def test_turns_are_spaced_by_the_users_limit() -> None:
    """--rpm 600 is a request each tenth of a second, however long the queue."""
    pace = Pace(rpm=600)
    assert [round(pace.turn(0.0).at, 3) for _ in range(3)] == [0.0, 0.1, 0.2]


def test_turns_far_ahead_are_not_given() -> None:
    """Who would have to wait for long asks again, since the rate may be another by then."""
    pace = Pace(rpm=60)
    pace.turn(0.0)
    turn = pace.turn(0.0)
    assert (turn.granted, turn.at) == (False, 0.25)


def test_refusals_of_one_burst_count_once() -> None:
    """Requests that had begun before a refusal say nothing new when they are refused too."""
    pace = Pace()
    turns = [pace.turn(number / 100) for number in range(100)]
    pace.refused(1.0, turns[98])
    rate = pace.rate
    pace.refused(1.0, turns[99])
    assert pace.rate == rate < 100


def test_everybody_waits_where_nothing_passes() -> None:
    """A server that refuses all asks for a wait that counts for every request."""
    pace = Pace()
    pace.refused(0.0, pace.turn(0.0), wait=5.0)
    turn = pace.turn(4.9)
    assert turn.granted and turn.at == 5.0


def test_rate_recovers() -> None:
    """After a refusal the rate grows again."""
    pace = Pace()
    turns = [pace.turn(number / 100) for number in range(100)]
    pace.refused(1.0, turns[-1])
    before = pace.rate
    pace.turn(4.0)
    assert pace.rate > before

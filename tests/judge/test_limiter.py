"""How many requests are in flight at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bt_cli.errors import Interrupted
from bt_cli.scoring.judge.clock import Clock, Patience
from bt_cli.scoring.judge.limiter import FIRST_IN_FLIGHT, Limiter
from bt_cli.scoring.judge.pace import Pace
from judging import QuickClock

PATIENT_SECONDS = 30


def test_slow_answers_do_not_hold_back_the_rest() -> None:
    """A run begins with a few requests; while these are on their way and none is refused, the others go too."""
    most = FIRST_IN_FLIGHT + 4
    limiter = Limiter(Pace(), Patience(Clock(), lambda: 0), most)
    all_there = threading.Barrier(most, timeout=PATIENT_SECONDS)

    def ask(_number: int) -> int:
        with limiter.turn(0):
            return all_there.wait()

    with ThreadPoolExecutor(most) as pool:
        assert sorted(pool.map(ask, range(most))) == list(range(most))


def test_signal_ends_the_wait_for_a_place() -> None:
    """Who waits for another request to end is let go by Ctrl-C."""
    limiter = Limiter(Pace(), Patience(Clock(), lambda: 2), 1)
    with limiter.turn(0), ThreadPoolExecutor(1) as pool, pytest.raises(Interrupted):
        pool.submit(lambda: limiter.turn(0).__enter__()).result()


def test_turn_that_became_void_is_asked_for_again() -> None:
    """A refusal while a request waits for its turn makes it wait for one at the new rate."""
    clock = QuickClock()
    pace = Pace(rpm=600)
    limiter = Limiter(pace, Patience(clock, lambda: 0), 4)
    with limiter.turn(0) as first:
        pass
    sleep = clock.sleep

    def sleep_and_refuse(seconds: float) -> None:
        sleep(seconds)
        clock.sleep = sleep  # type: ignore[method-assign]
        limiter.refused(first, 0.0)

    clock.sleep = sleep_and_refuse  # type: ignore[method-assign]
    with limiter.turn(0) as second:
        assert second.generation == 1
    assert clock.now == pytest.approx(0.1 + 1 / pace.rate)


def test_end_of_a_place_frees_it() -> None:
    """A request that failed gives its place back."""
    limiter = Limiter(Pace(), Patience(QuickClock(), lambda: 0), 1)
    for _ in range(2):
        with pytest.raises(KeyError), limiter.turn(0):
            raise KeyError

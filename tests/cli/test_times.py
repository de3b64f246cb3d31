"""Times and durations as people type them."""

import pytest

from bt_cli.cli.times import parse_duration, parse_time
from bt_cli.errors import UsageError

NOW = 1_704_872_988.5  # 2024-01-10T07:49:48.5Z
MIDNIGHT = 1_704_844_800.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("now", NOW),
        ("2h", NOW - 7200),
        ("1h30m", NOW - 5400),
        ("1.5d", NOW - 129_600),
        ("today", MIDNIGHT),
        ("Yesterday", MIDNIGHT - 86_400),
        ("2024-01-10", MIDNIGHT),
        ("20240110", MIDNIGHT),
        ("2024-01-10T00:00:00Z", MIDNIGHT),
        ("2024-01-10T01:00:00+01:00", MIDNIGHT),
        ("1704844800", MIDNIGHT),
        ("1704844800.5", MIDNIGHT + 0.5),
        ("1704844800000", MIDNIGHT),
        ("1704844800000000", MIDNIGHT),
    ],
)
def test_time(text: str, seconds: float) -> None:
    """Every documented form, as epoch seconds."""
    assert parse_time(text, NOW) == seconds


@pytest.mark.parametrize("text", ["", "2024", "tomorow", "2 hours", "h", "2h!", "10:00", "-2h"])
def test_what_is_no_time(text: str) -> None:
    """Anything else is refused instead of guessed."""
    with pytest.raises(UsageError):
        parse_time(text, NOW)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("90m", 5400), ("24h", 86_400), ("2w", 1_209_600)])
def test_duration(text: str, seconds: float) -> None:
    """Numbers with a unit, as seconds."""
    assert parse_duration(text) == seconds


def test_what_is_no_duration() -> None:
    """A bare number has no unit."""
    with pytest.raises(UsageError):
        parse_duration("24")

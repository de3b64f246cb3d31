"""What option texts become: limits, mappings, metadata, filters."""

import pytest

from bt_cli.cli.filter_options import FilterFlags
from bt_cli.cli.input_options import InputFlags, error_limit, parse_mapping
from bt_cli.errors import UsageError
from bt_cli.query.filters import Condition

NOW = 1_704_872_988.0


def input_flags(**changes: object) -> InputFlags:
    settings = dict.fromkeys(("paths", "map", "children_field", "id_field", "tags", "metadata"))
    return InputFlags(**{**settings, "format": "auto", "time_unit": "auto", **changes})  # type: ignore[arg-type]


def test_limit_in_records() -> None:
    """A number counts records."""
    assert error_limit("3").records == 3


def test_limit_in_percent() -> None:
    """A percentage is kept as such."""
    assert error_limit("0.1%").percent == 0.1


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "101%", "%"])
def test_limit_that_is_none(text: str) -> None:
    """Anything else is a usage error."""
    with pytest.raises(UsageError):
        error_limit(text)


def test_map_gives_target_and_source_paths() -> None:
    """FIELD=PATH is our path and theirs."""
    assert parse_mapping(["input=request.prompt"], None, None).fields == ((("input",), ("request", "prompt")),)


def test_map_of_an_unknown_field_suggests() -> None:
    """A slip on the left side is told with the nearest field."""
    with pytest.raises(UsageError) as caught:
        parse_mapping(["inptu=a"], None, None)
    assert caught.value.hint == "did you mean 'input'?"


def test_children_field() -> None:
    """--children-field names the member with the children."""
    assert parse_mapping([], "spans", None).children == "spans"


def test_id_field_is_a_path() -> None:
    """--id-field finds an id further in."""
    assert parse_mapping([], None, "trace.uuid").fields == ((("id",), ("trace", "uuid")),)


@pytest.mark.parametrize(
    ("text", "value"), [("n=3", "3"), ("n=x y", '"x y"'), ("n=true", "true"), ("n=a=b", '"a=b"'), ("n=", '""')]
)
def test_metadata_is_json_text(text: str, value: str) -> None:
    """V is JSON where it parses as such, else a string."""
    assert input_flags(metadata=[text]).to_options().metadata == (("n", value),)


def test_metadata_without_equals_is_refused() -> None:
    """K alone is no pair."""
    with pytest.raises(UsageError):
        input_flags(metadata=["n"]).to_options()


def test_window_ends_now() -> None:
    """--window alone begins that long ago and has no end."""
    assert FilterFlags(window="1h").to_filter(NOW).conditions == (Condition("created", ">=", NOW - 3600),)


def test_window_ends_at_until() -> None:
    """--window with --until ends there."""
    wanted = FilterFlags(window="1h", until="2024-01-10").to_filter(NOW)
    assert [one.value for one in wanted.conditions] == [1_704_844_800.0 - 3600, 1_704_844_800.0]


def test_window_and_since_exclude_each_other() -> None:
    """Two beginnings are a mistake."""
    with pytest.raises(UsageError):
        FilterFlags(window="1h", since="2h").to_filter(NOW)


def test_error_and_no_error() -> None:
    """The pair becomes a test for null."""
    tests = [FilterFlags(error=one).to_filter(NOW).conditions for one in (True, False, None)]
    assert tests == [(Condition("error", "is not null"),), (Condition("error", "is null"),), ()]

"""REF: which container a name means."""

import pytest

from bt_cli.cli.refs import existing, resolve
from bt_cli.errors import NotFoundError, UsageError
from bt_cli.spans.container import Container, container_id

STORED = [
    Container("support"),
    Container("support", "nightly"),
    Container("other", "nightly"),
    Container("x", "one"),
    Container("x", None, "golden"),
    Container("x", None, "one"),
]


@pytest.mark.parametrize(
    ("ref", "container"),
    [
        ("project_logs:support", Container("support")),
        ("support", Container("support")),
        ("one", Container("x", "one")),
        ("experiment:one", Container("x", "one")),
        ("dataset:one", Container("x", None, "one")),
        *((f"{one.kind}:{container_id(one)}", one) for one in STORED),
        (f"project_logs:{container_id(Container('x'))}", Container("x")),
    ],
)
def test_ref(ref: str, container: Container) -> None:
    """Full refs and bare names find their container."""
    assert resolve(ref, STORED) == container


def test_project_narrows_experiments() -> None:
    """-p decides between experiments of one name."""
    assert resolve("nightly", STORED, "other") == Container("other", "nightly")


def test_two_matches_are_listed() -> None:
    """An ambiguous name lists both."""
    with pytest.raises(UsageError, match=r"nightly -p support.*nightly -p other"):
        resolve("nightly", STORED)


def test_not_found_names_the_nearest() -> None:
    """A slip gets the nearest name."""
    with pytest.raises(NotFoundError) as caught:
        resolve("supprt", STORED)
    assert caught.value.hint == "did you mean 'support'?"


def test_file_is_not_a_ref() -> None:
    """Something with a path separator is a file."""
    with pytest.raises(UsageError, match="is a file"):
        resolve("logs/a.jsonl", STORED)


def test_project_with_experiments_only_exists() -> None:
    """The logs of a project that has only experiments are empty, not missing."""
    assert existing(Container("x"), STORED) == Container("x")


def test_missing_project_is_told() -> None:
    """A project that is not stored is not found."""
    with pytest.raises(NotFoundError):
        existing(Container("nope"), STORED)


@pytest.mark.parametrize("ref", ["golden", "experiment:golden", f"experiment:{container_id(STORED[4])}"])
def test_a_dataset_is_named_as_one(ref: str) -> None:
    """A bare name never means a dataset, nor does the name or id of one with another kind before it."""
    with pytest.raises(NotFoundError):
        resolve(ref, STORED)


def test_a_ref_with_its_kind_is_no_file() -> None:
    """After a kind, a name may have slashes."""
    assert resolve("dataset:a/b", [Container("x", None, "a/b")]) == Container("x", None, "a/b")

"""Names of files that attachments are exported to."""

from __future__ import annotations

import pytest

from bt_cli.pipeline.attachment_folder import file_name


@pytest.mark.parametrize(
    ("key", "filename", "expected"),
    [
        ("k-1", "cat.png", "k-1-cat.png"),
        ("k", "../../etc/passwd", "k-.._.._etc_passwd"),
        ("k", "a b\nc.txt", "k-a_b_c.txt"),
        ("k", "", "k-"),
        ("k", "Bücher.pdf", "k-B_cher.pdf"),
    ],
)
def test_names_are_safe(key: str, filename: str, expected: str) -> None:
    """No separators, no white space, nothing but ASCII; the ending stays."""
    assert file_name(key, filename) == expected


def test_long_names_keep_their_ending() -> None:
    """They are cut before it."""
    name = file_name("k", "n" * 500 + ".jpeg")
    assert name.endswith("n.jpeg")
    assert len(name) < 120


def test_a_long_ending_is_none() -> None:
    """What follows the last full stop of a sentence is cut as well."""
    assert len(file_name("k", "a." + "b" * 500)) < 120


@pytest.mark.parametrize("key", ["../up", "A", "a/b", "-x", "k" * 65, ""])
def test_odd_keys_are_hashed(key: str) -> None:
    """Those that are no names of files, or would be the same as another one where case does not count."""
    name = file_name(key, "f")
    assert name.startswith("x_")
    assert len(name) == len("x_") + 32 + len("-f")

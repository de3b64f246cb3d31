"""Bodies that wait in files until a request names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bt_cli.blobs.bodies import Bodies


@pytest.fixture
def bodies(tmp_path: Path) -> Bodies:
    return Bodies(str(tmp_path / "overflow"))


def bring(bodies: Bodies, content: bytes) -> str:
    """Announces and brings a body; its key."""
    key = bodies.announce(len(content))
    with bodies.receiving() as incoming:
        incoming.write(content)
        bodies.keep(key, incoming)
    return key


def test_a_body_is_read_as_it_came(bodies: Bodies) -> None:
    """It is there again for a client that repeats its request, and for another server on the same folder."""
    key = bring(bodies, b'{"rows": []}')
    assert bodies.read(key) == b'{"rows": []}'
    assert bodies.read(key) == b'{"rows": []}'


def test_the_size_is_remembered(bodies: Bodies) -> None:
    """What was announced is the limit; there is no body yet."""
    key = bodies.announce(12)
    assert (bodies.announced(key), bodies.read(key)) == (12, None)


@pytest.mark.parametrize("key", ["", "..", "../x", "a" * 31, "A" * 32, "0" * 32, "0" * 32 + "\n"])
def test_a_key_that_was_not_given_out_is_none(bodies: Bodies, key: str) -> None:
    """Keys of another form never become a path."""
    bodies.announce(1)
    assert (bodies.announced(key), bodies.read(key)) == (None, None)


def test_leftovers_are_removed(bodies: Bodies, tmp_path: Path) -> None:
    """With each announcement, what is older than an hour goes."""
    old = bring(bodies, b"old")
    for path in (tmp_path / "overflow").iterdir():
        os.utime(path, (path.stat().st_mtime - 4000,) * 2)
    fresh = bring(bodies, b"fresh")
    assert (bodies.read(old), bodies.announced(old), bodies.read(fresh)) == (None, None, b"fresh")
    assert len(os.listdir(tmp_path / "overflow")) == 2

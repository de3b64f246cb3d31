"""What is no store, is damaged, or comes from the future: message, hint and exit code of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from running import Result

Bt = Callable[..., Result]


def folder() -> None:
    """A folder where the store should be."""
    Path("s.db").mkdir()


def text() -> None:
    """A file that is no database."""
    Path("s.db").write_text("hello, this is no database at all\n" * 100)


def somebody_elses() -> None:
    """The database of another program."""
    with closing(sqlite3.connect("s.db")) as db:
        db.execute("CREATE TABLE customers (name)")


def newer() -> None:
    """A store whose schema this program does not know."""
    with closing(sqlite3.connect("s.db")) as db:
        db.execute("PRAGMA user_version = 999")
        db.execute(f"PRAGMA application_id = {0x62747370}")


def below_a_file() -> None:
    """A file where the store's folder should be."""
    Path("s.db").write_text("")


READ = ("export", "-p", "x", "--store", "s.db")
WRITE = ("import", "in.jsonl", "--store", "s.db")
DRY = (*WRITE, "--dry-run")
VERIFY = ("store", "verify", "--store", "s.db")
CASES = {
    "folder": (folder, 8, "s.db is a folder"),
    "text": (text, 8, "s.db: not a SQLite file"),
    "somebody else's": (somebody_elses, 8, "s.db is a SQLite file, but not a store of bt"),
    "newer": (newer, 8, "s.db was written by a newer bt"),
}


@pytest.mark.parametrize("command", [READ, WRITE, DRY, VERIFY], ids=["read", "write", "dry run", "verify"])
@pytest.mark.parametrize(("make", "code", "message"), CASES.values(), ids=CASES)
def test_message_hint_and_exit_code(
    bt_here: Bt, make: Callable[[], None], code: int, message: str, command: tuple[str, ...]
) -> None:
    """Every command says the same of what it can't use."""
    make()
    Path("in.jsonl").write_text('{"id":"a"}\n')
    result = bt_here(*command)
    told = [line for line in result.err.splitlines() if line.startswith(("error: ", "hint: "))]
    assert (result.code, len(told), message in told[0]) == (code, 2, True), result.err


@pytest.mark.parametrize("make", [text, somebody_elses, newer])
def test_what_is_not_ours_stays_as_it_is(bt: Bt, make: Callable[[], None]) -> None:
    """Not a byte of another program's file is changed by an import that is refused."""
    make()
    before = Path("s.db").read_bytes()
    bt("import", "--store", "s.db", stdin='{"id":"a"}\n').check(8)
    assert Path("s.db").read_bytes() == before


@pytest.mark.parametrize(
    "command", [("export",), ("projects", "list"), ("store", "info"), ("store", "verify")], ids=" ".join
)
def test_a_missing_store(bt: Bt, command: tuple[str, ...]) -> None:
    """Reading says what makes a store, and makes none."""
    result = bt(*command, "--store", "s.db").check(2)
    assert ("there is no store at s.db" in result.err, "hint: bt import" in result.err, Path("s.db").exists()) == (
        True,
        True,
        False,
    )


def test_a_file_where_the_folder_should_be(bt: Bt) -> None:
    """A store can't lie below a file."""
    below_a_file()
    result = bt("import", "--store", "s.db/t.db", stdin='{"id":"a"}\n').check(8)
    assert "error: s.db/t.db: " in result.err and "hint: " in result.err


def test_an_empty_file_becomes_a_store(bt: Bt) -> None:
    """What holds nothing is nobody else's."""
    Path("s.db").touch()
    bt("import", "--store", "s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    assert bt("export", "--store", "s.db", "-p", "x").check().lines


@pytest.mark.parametrize("command", [("export",), ("projects", "list"), ("store", "verify")], ids=" ".join)
def test_an_empty_file_is_no_store_to_read(bt: Bt, command: tuple[str, ...]) -> None:
    """Reading an empty file is reading a store that was not made yet."""
    Path("s.db").touch()
    assert "s.db is empty: no store yet" in bt(*command, "--store", "s.db").check(2).err


def test_an_empty_file_is_an_empty_store_to_a_dry_run(bt: Bt) -> None:
    """What an import would make a store of counts as empty, and stays empty."""
    Path("s.db").touch()
    report = bt("import", "-n", "--json", "--store", "s.db", stdin='{"id":"a"}\n').check().json
    assert (report["traces"]["new"], Path("s.db").read_bytes()) == (1, b"")


def test_folders_are_made(bt: Bt) -> None:
    """A store's folders come with it."""
    bt("import", "--store", "deep/er/s.db", stdin='{"id":"a"}\n').check()
    assert Path("deep/er/s.db").is_file()


@pytest.fixture
def damaged(bt: Bt) -> Path:
    """A store whose middle was overwritten."""
    bt(
        "import",
        "--store",
        "s.db",
        "-p",
        "x",
        stdin=b"".join(b'{"id":"%d","input":"%s"}\n' % (n, b"x" * 900) for n in range(600)),
    ).check()
    path = Path("s.db")
    content = bytearray(path.read_bytes())
    content[len(content) // 4 : len(content) // 2] = b"\x5a" * (len(content) // 2 - len(content) // 4)
    path.write_bytes(content)
    return path


def test_a_damaged_store_is_told(bt: Bt, damaged: Path) -> None:
    """Reading a damaged store ends with 8 and the way to learn more."""
    result = bt("export", "--store", damaged, "-p", "x").check(8)
    assert "damaged" in result.err and "hint: bt store verify" in result.err


def test_verify_finds_the_damage(bt: Bt, damaged: Path) -> None:
    """Verify says what is wrong, and exits with 8."""
    result = bt("store", "verify", "--store", damaged).check(8)
    assert result.err.strip() and "Traceback" not in result.err


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE traces SET spans = spans + 1",
        "DELETE FROM traces",
        "UPDATE spans SET root_span_id = 'other'",
        "DELETE FROM containers",
        "DELETE FROM spans",
    ],
)
def test_verify_finds_broken_links(bt: Bt, damage: str) -> None:
    """A store that is sound for SQLite may not be for us."""
    bt("import", "--store", "s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    with closing(sqlite3.connect("s.db")) as db:
        db.execute(damage)
        db.commit()
    bt("store", "verify", "--store", "s.db").check(8)

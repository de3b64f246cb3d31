"""What may not be read or written: message, hint and exit code of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import permissions
from running import Result

Bt = Callable[..., Result]
pytestmark = pytest.mark.skipif(not permissions.bind(), reason="permissions bind nobody here")


class Case(NamedTuple):
    """A command, the path whose permissions are taken away, and how it ends."""

    command: str
    path: str
    mode: int
    code: int
    message: str


CASES = {
    "store that is read-only": Case(
        "import new.jsonl --store shop/s.db", "shop/s.db", 0o444, 8, "the store is read-only"
    ),
    "store in a read-only folder": Case("import new.jsonl --store shop/s.db", "shop", 0o555, 8, "shop/s.db: "),
    "new store in a read-only folder": Case(
        "import new.jsonl --store shop/n.db", "shop", 0o555, 8, "Permission denied"
    ),
    "new store below a read-only folder": Case(
        "import new.jsonl --store shop/b/n.db", "shop", 0o555, 8, "Permission denied"
    ),
    "store that may not be read": Case("export -p x --store shop/s.db", "shop/s.db", 0o000, 8, "cannot be opened"),
    "store that may not be read, writing": Case(
        "import new.jsonl --store shop/s.db", "shop/s.db", 0o000, 8, "cannot be opened"
    ),
    "store in a closed folder": Case("import new.jsonl --store shop/s.db", "shop", 0o000, 8, "shop/s.db: "),
    "input that may not be read": Case(
        "import new.jsonl --store shop/s.db", "new.jsonl", 0o000, 5, "new.jsonl: Permission denied"
    ),
    "folder that may not be read": Case("import logs --store shop/s.db", "logs", 0o000, 5, "logs"),
    "file in a folder that may not be read": Case(
        "import logs --store shop/s.db", "logs/1.jsonl", 0o000, 5, "logs/1.jsonl: Permission denied"
    ),
    "rejects in a read-only folder": Case(
        "import new.jsonl --store shop/s.db --rejects logs/bad.jsonl",
        "logs",
        0o555,
        2,
        "logs/bad.jsonl cannot be written to",
    ),
    "backup to a read-only folder": Case(
        "store backup logs/b.db --store shop/s.db", "logs", 0o555, 8, "logs/b.db: Permission denied"
    ),
    "vacuum of a read-only store": Case(
        "store vacuum --store shop/s.db", "shop/s.db", 0o444, 8, "the store is read-only"
    ),
    "delete in a read-only store": Case(
        "projects delete x --yes --store shop/s.db", "shop/s.db", 0o444, 8, "the store is read-only"
    ),
}


@pytest.fixture
def closed(bt: Bt, request: pytest.FixtureRequest) -> Iterator[Case]:
    """The case, its files in place and its path closed."""
    case: Case = request.param
    for folder in ("shop", "logs"):
        Path(folder).mkdir()
    Path("logs/1.jsonl").write_text('{"id":"l"}\n')
    Path("new.jsonl").write_text('{"id":"n"}\n')
    bt("import", "--store", "shop/s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    mode = Path(case.path).stat().st_mode
    Path(case.path).chmod(case.mode)
    yield case
    Path(case.path).chmod(mode)


@pytest.mark.parametrize("closed", CASES.values(), ids=CASES, indirect=True)
def test_message_hint_and_exit_code(closed: Case) -> None:
    """What happened, what to do, and the number."""
    result = permissions.bt_without_privileges(*closed.command.split())
    errors = [line for line in result.err.splitlines() if line.startswith(("error: ", "hint: "))]
    assert (result.code, len(errors), closed.message in errors[0]) == (closed.code, 2, True), result.err


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_read_only_store_can_be_read(bt: Bt, mode: int) -> None:
    """Whoever may read a store may export it."""
    bt("import", "--store", "s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    Path("s.db").chmod(mode)
    assert permissions.bt_without_privileges("export", "-p", "x", "--store", "s.db").check().lines


def test_a_store_in_a_read_only_folder_can_be_read(bt: Bt) -> None:
    """A finished store needs no file beside it."""
    Path("shop").mkdir()
    bt("import", "--store", "shop/s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    Path("shop").chmod(0o555)
    result = permissions.bt_without_privileges("export", "-p", "x", "--store", "shop/s.db")
    Path("shop").chmod(0o755)
    assert result.check().lines


def test_a_store_is_its_owners(bt: Bt) -> None:
    """Nobody else may read what a store holds."""
    bt("import", "--store", "s.db", "-p", "x", stdin='{"id":"a"}\n').check()
    assert Path("s.db").stat().st_mode & 0o777 == 0o600

"""The folder list is the architecture: who imports whom, and what has one home only."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "bt_cli"
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAY_IMPORT = {
    "errors": set(),
    "processes": set(),
    "version": set(),
    "spans": {"errors"},
    "settings": {"errors"},
    "query": {"spans"},
    "readers": {"spans"},
    "writers": {"spans"},
    "stores": {"query", "http", "blobs", "spans", "settings", "processes"},
    "render": {"spans"},
    "http": {"settings"},
    "blobs": {"errors"},
    "scoring": {"http", "spans", "settings"},
    "pipeline": {"readers", "writers", "stores", "scoring", "query", "processes"},
    "server": {"pipeline"},
    "tracing": {"stores", "blobs", "spans", "settings", "version"},
}
"""Part of the package → the parts it may import beside itself, and what those may import."""
ANYTHING = {"", "cli", "__main__"}
SPANS_MAY_USE = {"msgspec", "orjson"}

Edge = tuple[str, str, int]
"""Who imports, what is imported, and on which line; both as dotted names below the package."""


def module_name(file: Path) -> str:
    """``spans.ids`` for bt_cli/spans/ids.py, ``spans`` for its ``__init__``, empty for the package."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(name: str) -> str:
    return name.partition(".")[0]


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def imports(file: Path, running: bool = False) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, also within functions; ``running``: not those for type checkers only."""
    skipped = _for_type_checkers(file) if running else set()
    for node in ast.walk(tree_of(file)):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            assert node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def _for_type_checkers(file: Path) -> set[ast.AST]:
    blocks = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.If))
    return {node for block in blocks if ast.unparse(block.test) == "TYPE_CHECKING" for node in ast.walk(block)}


def own_imports(file: Path, running: bool = False) -> Iterator[tuple[str, int]]:
    """The modules of the package that a file imports: what is imported from one counts as that module."""
    for name, line in imports(file, running):
        if name.startswith("bt_cli."):
            below = name.removeprefix("bt_cli.")
            yield (below if below in NAMES else below.rpartition(".")[0]), line


def named_imports(file: Path) -> Iterator[tuple[str, int]]:
    """Modules of the package that stand in a string as ``module:function``, to be imported on demand."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            module, colon, _ = node.value.partition(":")
            if colon and module.removeprefix("bt_cli.") in NAMES and module.startswith("bt_cli."):
                yield module.removeprefix("bt_cli."), node.lineno


NAMES = {module_name(file) for file in FILES}


def allowed(part: str) -> set[str]:
    """A part may import what the table says, and what those parts may import in turn."""
    direct = MAY_IMPORT[part]
    return {part}.union(direct, *(allowed(one) for one in direct))


def uses(file: Path, *names: str) -> list[int]:
    """Lines on which one of these dotted names is used or imported."""
    return [line for name, line in names_of(file) if name in names]


@cache
def names_of(file: Path) -> list[tuple[str, int]]:
    """Every dotted name that a file uses or imports, with its line."""
    nodes = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Name | ast.Attribute))
    used = [(ast.unparse(node), node.lineno) for node in nodes if isinstance(node.ctx, ast.Load)]
    return used + list(imports(file))


def homes(*names: str) -> set[str]:
    """The files of the package that use one of these names."""
    return {str(file.relative_to(PACKAGE)) for file in FILES if uses(file, *names)}


def ids(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_programs_of_tests_come_to_an_end() -> None:
    """Tests start programs with `running.started` alone, which ends them; the benchmarks are no tests."""
    starts = {ids(file) for file in TESTS if uses(file, "subprocess.Popen") and "bench" not in file.parts}
    assert {file for file in starts if not _names_the_type_only(ROOT / file)} == {"tests/running.py"}


def _names_the_type_only(file: Path) -> bool:
    calls = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call))
    return all(ast.unparse(call.func) != "subprocess.Popen" for call in calls)


def test_each_part_is_in_the_table() -> None:
    """A new folder needs a line in the table of who may import whom."""
    assert {part_of(name) for name in NAMES if name} <= {*MAY_IMPORT, *ANYTHING}


@pytest.mark.parametrize("file", [one for one in FILES if part_of(module_name(one)) in MAY_IMPORT], ids=ids)
def test_imports_go_down_only(file: Path) -> None:
    """A file imports only its own part and those below it."""
    below = allowed(part_of(module_name(file)))
    found = [*own_imports(file), *named_imports(file)]
    assert [f"{name} (line {line})" for name, line in found if part_of(name) not in below] == []


@pytest.mark.parametrize("file", [one for one in FILES if part_of(module_name(one)) == "spans"], ids=ids)
def test_spans_use_no_other_library(file: Path) -> None:
    """Beside the standard library, the domain uses msgspec and orjson."""
    known = {*sys.stdlib_module_names, *SPANS_MAY_USE, "bt_cli"}
    assert [name for name, _ in imports(file) if part_of(name) not in known] == []


@pytest.mark.parametrize("file", [one for one in FILES if part_of(module_name(one)) == "spans"], ids=ids)
def test_spans_do_no_input_or_output(file: Path) -> None:
    """The domain is pure: it opens nothing and asks no clock."""
    impure = ("os", "io", "pathlib", "subprocess", "socket", "sqlite3", "time", "random", "threading", "uuid")
    assert [name for name, _ in imports(file) if part_of(name) in impure] == []
    assert uses(file, "open", "print", "input", "datetime.now", "datetime.utcnow") == []


def test_only_what_draws_imports_rich() -> None:
    """All is drawn in `render`, but for the bar of progress; nothing else knows rich."""
    users = {str(file.relative_to(PACKAGE)) for file in FILES for name, _ in imports(file) if part_of(name) == "rich"}
    assert {one for one in users if not one.startswith("render/")} <= {"cli/progress_bar.py"}


def test_only_the_command_line_imports_typer() -> None:
    """Nothing below cli knows how it is called."""
    users = {part_of(module_name(file)) for file in FILES for name, _ in imports(file) if part_of(name) == "typer"}
    assert users == {"cli"}


def test_no_cycles() -> None:
    """No module imports itself by a detour, late imports included; what only type checkers see does not count."""
    graph = {module_name(file): {name for name, _ in own_imports(file, running=True)} for file in FILES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("file", [*FILES, *TESTS], ids=ids)
def test_file_is_short(file: Path) -> None:
    """No file has more than 500 lines."""
    assert len(file.read_text("utf-8").splitlines()) <= 500


@pytest.mark.parametrize("file", [*FILES, *TESTS], ids=ids)
def test_name_says_what_is_in_it(file: Path) -> None:
    """No file is a drawer for everything."""
    assert not {"util", "utils", "helper", "helpers", "common", "misc", "manager"} & set(file.stem.split("_"))


def test_one_printer() -> None:
    """print is used nowhere, and the standard streams are written by the console alone."""
    assert homes("print") == set()
    assert homes("sys.stderr.write", "sys.stdout.write") == {"cli/console.py"}


def test_one_exit() -> None:
    """Only the entry point leaves the program."""
    assert homes("sys.exit", "exit", "quit", "os._exit", "SystemExit") == {"cli/main.py"}


def test_one_reader_of_the_environment() -> None:
    """Only the settings look at environment variables."""
    assert homes("os.environ", "os.getenv", "os.putenv") == {"settings/__init__.py", "settings/tracing.py"}


def test_errors_have_one_home() -> None:
    """Every exception that reaches a command is drawn in the tree of errors.py."""
    found = {
        f"{module_name(file)}.{node.name}"
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ClassDef) and module_name(file) != "errors"
        for base in node.bases
        if ast.unparse(base).endswith(("Error", "Interrupted"))
    }
    assert found == set()

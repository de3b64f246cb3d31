"""Functions of the user's own, out of a file or a module, and the hash of their source."""

from __future__ import annotations

import importlib
import sys
import traceback
from contextlib import redirect_stdout
from hashlib import blake2b
from types import ModuleType
from typing import Any, NamedTuple

from bt_cli.errors import UsageError
from bt_cli.scoring.nearest import suggestion


class Loaded(NamedTuple):
    """What was found, and the hash of the whole file in which it stands (empty where there is none)."""

    found: Any
    source: str


def load(target: str) -> Loaded:
    """The object of ``FILE.py:NAME`` or ``MODULE:NAME``.

    The file's folder can be imported from, for a module the current one. What is printed meanwhile
    goes to standard error. Raises UsageError, with file and line, for what cannot be imported.
    """
    path, _, name = target.rpartition(":")
    with redirect_stdout(sys.stderr):
        module = _file(path) if path.lower().endswith(".py") else _module(path)
    try:
        found = getattr(module, name)
    except AttributeError:
        own = [
            key
            for key, one in vars(module).items()
            if callable(one) and getattr(one, "__module__", "") == module.__name__
        ]
        hint = suggestion(name, own) if own else None
        raise UsageError(f"{path} has no function {name!r}", hint=hint, code="score_file", file=path) from None
    return Loaded(found, _hash(getattr(module, "__file__", None)))


def _file(path: str) -> ModuleType:
    """Runs a file as a module of a name of its own, so that it hides no other."""
    import os.path
    from importlib.util import module_from_spec, spec_from_file_location

    place = os.path.abspath(path)
    name = f"bt_scorer_{blake2b(place.encode('utf-8', 'surrogateescape'), digest_size=6).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    if not os.path.isfile(place):
        raise UsageError(f"{path} is no file", code="score_file", file=path)
    _importable_from(os.path.dirname(place))
    spec = spec_from_file_location(name, place)
    assert spec is not None and spec.loader is not None  # a path that ends in .py has a loader
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for it there
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        raise _translated(error, path, place) from error
    return module


def _module(name: str) -> ModuleType:
    import os

    _importable_from(os.getcwd())
    try:
        return importlib.import_module(name)
    except BaseException as error:
        raise _translated(error, name, None) from error


def _importable_from(folder: str) -> None:
    """Adds a folder behind all others, so that a file in it never stands in for a library that is imported later."""
    if folder not in sys.path:
        sys.path.append(folder)


def _translated(error: BaseException, name: str, place: str | None) -> BaseException:
    """An error on import as the mistake of its file and line; Ctrl-C stays what it is."""
    if isinstance(error, KeyboardInterrupt | UsageError):
        return error
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{_short(error.filename, name, place)}:{error.lineno or 1}"
        return UsageError(f"{where}: {error.msg}", code="score_file", file=error.filename)
    frames = [one for one in traceback.extract_tb(error.__traceback__) if _is_users(one.filename, place)]
    where = f"{_short(frames[-1].filename, name, place)}:{frames[-1].lineno}" if frames else name
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return UsageError(f"{where}: {what}", code="score_file", file=frames[-1].filename if frames else place or name)


def _is_users(filename: str, place: str | None) -> bool:
    """Whether a frame lies in what was to be imported, not in the machinery that imports it."""
    if place:
        return filename == place
    return not filename.startswith("<frozen") and filename not in (__file__, importlib.__file__)


def _short(filename: str, name: str, place: str | None) -> str:
    return name if filename == place else filename


def _hash(path: str | None) -> str:
    """Of the bytes of a file; empty for a module that is built in."""
    if path is None:
        return ""
    with open(path, "rb") as file:
        return blake2b(file.read(), digest_size=16).hexdigest()

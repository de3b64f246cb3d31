"""``--score SPEC``: which scorer, under which name, with which arguments. Nothing is loaded or opened."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any, Literal

from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.scoring import catalog
from bt_cli.scoring.nearest import nearest, suggestion

SpecKind = Literal["builtin", "python", "classifier"]

_CALL = re.compile(r"(?P<target>.*\.(?:py|ya?ml|json)(?::[^(]*)?|[^(]*)(?P<call>\(.*\))?", re.DOTALL | re.IGNORECASE)
_CLASSIFIER = re.compile(r"\.(ya?ml|json)(:[^:/\\]*)?$", re.IGNORECASE)
_ALIAS = re.compile(r"(?P<alias>[^=(]*)=(?P<rest>.*)", re.DOTALL)
_JSON_NAMES = {"true": True, "false": False, "null": None}
_CALL_FORM = 'write NAME(key=value), text in quotes: ClosedQA(criteria="is brief")'
FORMS = "write NAME, NAME(key=value), FILE.py:FUNCTION, MODULE:FUNCTION or FILE.yaml, each with ALIAS= before it"


class Spec(Struct, frozen=True):
    """A scorer as it is asked for.

    ``name`` is the key of its score. ``target`` is the catalog's name of a ``builtin``,
    ``FILE.py:FUNCTION`` or ``MODULE:FUNCTION`` of a ``python`` one, ``FILE.yaml`` or
    ``FILE.yaml:NAME`` of a ``classifier``. ``written`` is the text on the command line.
    """

    name: str
    target: str
    kind: SpecKind
    arguments: dict[str, Any]
    written: str

    @property
    def unnamed(self) -> str:
        """The text on the command line without the ALIAS."""
        return _alias(self.written)[1]

    @property
    def judged(self) -> bool:
        """Whether it asks a judge: a server with a model, embeddings or moderation."""
        return self.kind == "classifier" or (self.kind == "builtin" and catalog.CATALOG[self.target].judged)


def parse_spec(text: str) -> Spec:
    """One SPEC. Raises UsageError, which says at which character, and what is near."""
    text = text.strip()
    alias, rest = _alias(text)
    found = _CALL.fullmatch(rest)
    if not found or not found["target"].strip():
        raise _mistake(text, "no scorer is named", FORMS)
    target = found["target"].strip()
    call = found["call"]
    arguments = {} if call is None else _arguments(text, call, len(text) - len(call))
    return _known(text, alias, target, arguments)


def _known(text: str, alias: str | None, target: str, arguments: dict[str, Any]) -> Spec:
    if _CLASSIFIER.search(target):
        name = target.rpartition(":")[2] if not target.lower().endswith((".yaml", ".yml", ".json")) else _stem(target)
        return Spec(alias or name, target, "classifier", arguments, text)
    if target.lower().endswith(".py"):
        raise _mistake(text, f"no function of {target} is named", f"write {target}:FUNCTION")
    path, colon, function = target.rpartition(":")
    if colon:
        if not function.isidentifier() or not path:
            raise _mistake(text, f"{function!r} is no name of a function", FORMS)
        return Spec(alias or function, target, "python", arguments, text)
    entry = catalog.find(target)
    if entry is None:
        close = nearest(target, catalog.names())
        hint = f"did you mean {close}?" if close else "see: bt score --list"
        raise _mistake(text, f"no scorer is called {target!r}", hint)
    _check_parameters(text, entry, arguments)
    return Spec(alias or target, entry.name, "builtin", arguments, text)


def _check_parameters(text: str, entry: catalog.Entry, arguments: dict[str, Any]) -> None:
    known = (*entry.parameters, *entry.needs)
    for key in arguments:
        if key not in known:
            raise _mistake(text, f"{entry.name} has no argument {key!r}", suggestion(key, known))


def _alias(text: str) -> tuple[str | None, str]:
    """The name before ``=``, and the rest; an ``=`` within the parentheses of a call is none."""
    found = _ALIAS.fullmatch(text)
    if not found:
        return None, text
    alias = found["alias"].strip()
    if not alias or not alias.isprintable():
        raise _mistake(text, "there is no name before '='", "write ALIAS=SPEC")
    return alias, found["rest"]


def _arguments(text: str, call: str, offset: int) -> dict[str, Any]:
    """``(key=literal, …)`` of a call; ``offset`` is its place within ``text``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an odd escape, which is kept as it is written
            parsed = ast.parse("f" + call, mode="eval").body
    except SyntaxError as error:
        where = offset + (error.offset or 2) - 2 if (error.lineno or 1) == 1 else None
        raise _mistake(text, f"not a call: {error.msg}", _CALL_FORM, where) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _mistake(text, f"not a call: {error}", _CALL_FORM) from None
    if not isinstance(parsed, ast.Call) or not isinstance(parsed.func, ast.Name):
        raise _mistake(text, "not one call", _CALL_FORM, offset + 1)
    if parsed.args:
        raise _mistake(text, "an argument has no name", _CALL_FORM, _place(parsed.args[0], call, offset))
    found: dict[str, Any] = {}
    for one in parsed.keywords:
        if one.arg is None or one.arg in found:
            what = "** cannot be used" if one.arg is None else f"{one.arg} is given twice"
            raise _mistake(text, what, _CALL_FORM, _place(one, call, offset))
        found[one.arg] = _literal(text, one, call, offset)
    return found


def _literal(text: str, keyword: ast.keyword, call: str, offset: int) -> Any:
    try:
        return ast.literal_eval(_JsonNames().visit(keyword.value))
    except (ValueError, TypeError, RecursionError):
        where = _place(keyword.value, call, offset)
        raise _mistake(text, f"{keyword.arg} is no literal", "put text in quotes", where) from None


class _JsonNames(ast.NodeTransformer):
    """``true``, ``false`` and ``null`` are literals too, so that a JSON schema can be pasted."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(_JSON_NAMES[node.id]) if node.id in _JSON_NAMES else node


def _place(node: ast.expr | ast.keyword, call: str, offset: int) -> int | None:
    """Where a node of ``f`` + ``call`` stands, in characters; None where it is not on the first line."""
    if node.lineno != 1:
        return None
    return offset + len(("f" + call).encode()[: node.col_offset].decode()) - 1


def _stem(path: str) -> str:
    return re.split(r"[/\\]", path)[-1].rpartition(".")[0]


def _mistake(text: str, what: str, hint: str, at: int | None = None) -> UsageError:
    where = "" if at is None else f" at character {at + 1}"
    return UsageError(f"--score {text}{where}: {what}", hint=hint, code="score_spec")

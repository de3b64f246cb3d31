"""Prompts with variables in braces (Mustache): what they need of a case, and how values look in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from bt_cli.scoring.inputs import as_text
from bt_cli.spans.text import encode

THREAD = (
    "thread",
    "thread_with_system",
    "thread_count",
    "first_message",
    "last_message",
    "user_messages",
    "assistant_messages",
    "human_ai_pairs",
)
"""Variables that autoevals makes of the conversation of a trace."""
_TAKEN = ("self", "trace")
"""Names that autoevals uses for something else."""


class Template(Struct, frozen=True):
    """The variables of a prompt.

    ``roots`` are the first names of its variables; the ``required`` ones stand outside of sections.
    ``opened`` are those whose members it uses, or which it repeats a part for. ``members`` are its
    dotted variables outside of sections. ``threaded``: it uses the conversation.
    """

    roots: tuple[str, ...]
    required: frozenset[str]
    opened: frozenset[str]
    members: tuple[str, ...]
    threaded: bool


def parse_template(prompt: str) -> Template:
    """The variables of a prompt. Raises ValueError where a section is not closed, or a tag is none."""
    found = list(_variables(prompt))
    for name in _TAKEN:
        if any(_root(one) == name for one, _, _ in found):
            raise ValueError(f"{{{{{name}}}}} cannot be a variable")
    names = dict.fromkeys(_root(name) for name, _, _ in found)
    shown = dict.fromkeys(name for name, section, depth in found if not section and not depth)
    return Template(
        roots=tuple(name for name in names if name not in THREAD),
        required=frozenset(map(_root, shown)) - {*THREAD},
        opened=frozenset(_root(name) for name, section, _ in found if section or "." in name),
        members=tuple(name for name in shown if "." in name and _root(name) not in THREAD),
        threaded=any(name in THREAD for name in names),
    )


def _variables(prompt: str) -> Iterator[tuple[str, bool, int]]:
    """Each variable: its name, whether it opens a section, and in how many of those it lies.

    Within a section a plain name may be a member of what is repeated; only known names are told there.
    """
    from chevron.tokenizer import ChevronError, tokenize

    depth = 0
    try:
        for kind, key in tokenize(prompt):
            if kind == "end":
                depth -= 1
            if kind in ("section", "inverted section"):
                yield key, True, depth
                depth += 1
            if kind in ("variable", "no escape") and key != "." and not key.startswith("__"):
                yield key, False, depth
            if kind == "partial":
                raise ValueError(f"{{{{>{key}}}}} would read a file; put its text into the prompt")
    except ChevronError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _root(name: str) -> str:
    return name.partition(".")[0]


def rendered(template: Template, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as a prompt shows them: every variable is there, none as Python writes it."""
    return {name: _shown(name, arguments.get(name)) for name in template.roots}


def _shown(name: str, value: Any) -> Any:
    """A value that is written into a prompt as text or JSON, and whose members can be named."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _Flag(value)
    if isinstance(value, dict):
        return _Object({key: _shown(key, one) for key, one in value.items()}).of(name, value)
    if isinstance(value, list):
        return _List([_shown(name, one) for one in value]).of(name, value)
    return value if isinstance(value, str) else encode(value)


class _Written:
    """What is written as a text that is made when it is asked for."""

    _name = ""
    _value: Any = ""

    def of(self, name: str, value: Any) -> _Written:
        """Remembers of which input it is the value."""
        self._name, self._value = name, value
        return self

    def __str__(self) -> str:
        return as_text(self._name)(self._value)


class _Object(_Written, dict[str, Any]):
    """A value whose members can be named."""


class _List(_Written, list[Any]):
    """A list for whose items a section is repeated."""


class _Flag(int):
    """``true`` or ``false`` as text, and as a condition of a section."""

    def __str__(self) -> str:
        return "true" if self else "false"

"""The layout of ``--help``: purpose, usage, examples, options in groups, exit codes.

The text is the command's docstring, kept line by line: the first paragraph is the purpose, one that
begins with ``Exit codes:`` goes to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import Any

OPTIONS = "Options"
_LAST = ("Global options",)


def write_command_help(command: Any, ctx: Any, formatter: Any) -> None:
    """Writes a command's help."""
    purpose, middle, end = _parts(command)
    _paragraph(formatter, purpose)
    command.format_usage(ctx, formatter)
    _paragraphs(formatter, middle)
    _options(command, ctx, formatter)
    _paragraphs(formatter, end)


def write_group_help(group: Any, summaries: Sequence[tuple[str, str]], ctx: Any, formatter: Any) -> None:
    """Writes the help of a group of commands."""
    purpose, middle, end = _parts(group)
    _paragraph(formatter, purpose)
    group.format_usage(ctx, formatter)
    _paragraphs(formatter, middle)
    with formatter.section("Commands"):
        formatter.write_dl(summaries)
    _options(group, ctx, formatter)
    _paragraphs(formatter, end)


def _parts(command: Any) -> tuple[str, list[str], list[str]]:
    purpose, *rest = cleandoc(command.help or "").split("\n\n")
    end = [one for one in rest if one.startswith("Exit codes:")]
    return purpose, [one for one in rest if one not in end], end


def _paragraph(formatter: Any, text: str) -> None:
    formatter.write("".join(f"{line}\n" for line in text.splitlines()))
    formatter.write("\n")


def _paragraphs(formatter: Any, texts: Iterable[str]) -> None:
    for text in texts:
        formatter.write("\n" + "".join(f"{line}\n" for line in text.splitlines()))


def _options(command: Any, ctx: Any, formatter: Any) -> None:
    """A section for each panel, in the order of the parameters, the global ones last."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            panels.setdefault(_panel(param), []).append(record)
    for title in sorted(panels, key=lambda title: title in _LAST):
        with formatter.section(title):
            formatter.write_dl(panels[title])


def _panel(param: Any) -> str:
    if param.param_type_name == "argument":
        return "Arguments"
    if "--help" in param.opts or "completion" in (param.name or ""):
        return _LAST[0]
    return param.rich_help_panel or OPTIONS

"""The options of every command that reads traces, and what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
import typer
from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.pipeline.options import ErrorLimit, InputOptions
from bt_cli.readers.base import MAX_RECORD_BYTES
from bt_cli.spans.mapping import Mapping, Path, parse_path
from bt_cli.spans.row import LINKAGE, PAYLOAD

PANEL = "Input"
PROBLEMS = "Problems"

Format = Literal["auto", "json", "otlp-proto", "csv", "parquet"]
TimeUnit = Literal["auto", "s", "ms", "us", "ns"]

FIELDS = (*LINKAGE, *PAYLOAD, "name", "type", "children")
"""What ``--map`` may name on its left, alone or followed by a path."""

PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE|GLOB|DIR|-]...", help="What to read; stdin when piped.", show_default=False),
]
FormatOption = Annotated[
    Format, typer.Option("--from", help="The format; auto looks at the data.", rich_help_panel=PANEL)
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=PATH", help="Our FIELD is theirs at PATH (repeat).", rich_help_panel=PANEL),
]
ChildrenOption = Annotated[
    str | None,
    typer.Option("--children-field", metavar="NAME", help="The member that holds children.", rich_help_panel=PANEL),
]
IdOption = Annotated[
    str | None, typer.Option("--id-field", metavar="PATH", help="Where a node's id is.", rich_help_panel=PANEL)
]
TimeUnitOption = Annotated[
    TimeUnit, typer.Option("--time-unit", help="The unit of times; auto by size.", rich_help_panel=PANEL)
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--add-tag", metavar="TAG", help="Add a tag to each root (repeat).", rich_help_panel=PANEL),
]
MetadataOption = Annotated[
    list[str] | None,
    typer.Option("--add-metadata", metavar="K=V", help="Add metadata to each root (repeat).", rich_help_panel=PANEL),
]
RejectsOption = Annotated[
    str | None,
    typer.Option("--rejects", metavar="FILE", help="Append rejected records to FILE.", rich_help_panel=PROBLEMS),
]
MaxErrorsOption = Annotated[
    str | None,
    typer.Option("--max-errors", metavar="N|P%", help="Rejected records to accept (0).", rich_help_panel=PROBLEMS),
]
MaxRecordOption = Annotated[
    int,
    typer.Option("--max-record-bytes", min=1, help="Skip and reject longer records.", rich_help_panel=PROBLEMS),
]
ReportOption = Annotated[
    str | None,
    typer.Option("--report", metavar="FILE", help="Write what --json prints to FILE.", rich_help_panel=PROBLEMS),
]
StrictOption = Annotated[
    bool,
    typer.Option("--strict", help="Any problem: nothing is written, exit 5.", rich_help_panel=PROBLEMS),
]


class InputFlags(Struct, frozen=True):
    """The input options as given; `to_options` checks them."""

    paths: list[str] | None
    format: Format
    map: list[str] | None
    children_field: str | None
    id_field: str | None
    time_unit: TimeUnit
    tags: list[str] | None
    metadata: list[str] | None
    max_record_bytes: int = MAX_RECORD_BYTES

    def to_options(self, follow: bool = False) -> InputOptions:
        """What the pipeline gets; raises UsageError for a value that does not work."""
        return InputOptions(
            paths=tuple(self.paths or ()),
            format=self.format,
            mapping=parse_mapping(self.map or (), self.children_field, self.id_field),
            time_unit=None if self.time_unit == "auto" else self.time_unit,
            tags=tuple(self.tags or ()),
            metadata=tuple(_metadata(one) for one in self.metadata or ()),
            follow=follow,
            max_record_bytes=self.max_record_bytes,
        )


def parse_mapping(pairs: list[str] | tuple[str, ...], children: str | None, id_field: str | None) -> Mapping:
    """The mapping of ``--map FIELD=PATH``…, ``--children-field`` and ``--id-field``."""
    fields: list[tuple[Path, Path]] = [(("id",), _path("--id-field", id_field))] if id_field else []
    for pair in pairs:
        name, equals, source = pair.partition("=")
        target = _path("--map", name)
        if not equals or not source:
            raise UsageError(f"--map {pair}: not FIELD=PATH", hint="as in --map input=request.prompt")
        _check_field(pair, target[0])
        if target == ("children",):
            children = source
        else:
            fields.append((target, _path("--map", source)))
    return Mapping(children or "children", tuple(fields))


def error_limit(text: str | None) -> ErrorLimit:
    """The limit of ``--max-errors``; not given, every record is read and one rejected is too many."""
    return ErrorLimit() if text is None else ErrorLimit.parse(text)


def _check_field(pair: str, name: str) -> None:
    if name not in FIELDS:
        from bt_cli.cli.refs import nearest_hint

        raise UsageError(f"--map {pair}: there is no field {name!r}", hint=nearest_hint(name, FIELDS))


def _path(option: str, text: str) -> Path:
    try:
        return parse_path(text)
    except ValueError as error:
        hint = "a path is names with dots between, as request.prompt"
        raise UsageError(f"{option} {text}: {error}", hint=hint) from error


def _metadata(pair: str) -> tuple[str, str]:
    """``K=V`` as the key and JSON text: V itself if it is JSON, else V as a string."""
    key, equals, value = pair.partition("=")
    if not key or not equals:
        raise UsageError(f"--add-metadata {pair}: not K=V", hint="as in --add-metadata release=1.4.2")
    try:
        orjson.loads(value)
    except ValueError:
        return key, orjson.dumps(value).decode()
    return key, value

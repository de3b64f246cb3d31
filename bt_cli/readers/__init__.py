"""Input formats: bytes → records. One file a format, found by name."""

from __future__ import annotations

from importlib import import_module

from bt_cli.errors import UsageError
from bt_cli.readers.base import MAX_RECORD_BYTES, Reader

FORMATS = {
    "auto": "bt_cli.readers.detecting:DetectingReader",
    "json": "bt_cli.readers.json_records:JsonReader",
    "csv": "bt_cli.readers.csv_records:CsvReader",
    "parquet": "bt_cli.readers.parquet_records:ParquetReader",
    "otlp-proto": "bt_cli.readers.protobuf_records:ProtobufReader",
}
"""Name of ``--from`` → ``module:Class``. JSON is trees, rows and OpenTelemetry's spans, told apart record by record."""


def open_reader(name: str, max_record_bytes: int = MAX_RECORD_BYTES) -> Reader:
    """A reader of the named format. Raises UsageError for an unknown one."""
    if name not in FORMATS:
        raise UsageError(f"--from {name}: no such format", hint=f"formats: {', '.join(FORMATS)}")
    module, _, kind = FORMATS[name].partition(":")
    reader: Reader = getattr(import_module(module), kind)(max_record_bytes)
    return reader

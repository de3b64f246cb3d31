"""Import, keep, convert and export traces of LLM applications as linked spans.

As a library (``import bt_cli as bt``) it traces Python programs; see `bt_cli.tracing`, whose names are
loaded when they are first used, so that the command never loads them.
"""

from __future__ import annotations

from typing import Any

from bt_cli.version import VERSION

__version__ = VERSION


def __getattr__(name: str) -> Any:
    from importlib import import_module

    from bt_cli.tracing import MODULES, NAMES

    if name in MODULES:
        return import_module(f"bt_cli.tracing.{name}")
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f"bt_cli.tracing.{NAMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    from bt_cli.tracing import MODULES, NAMES

    return sorted({*globals(), *NAMES, *MODULES})

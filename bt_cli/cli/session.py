"""One run of the program: its global options, and what follows from them once somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

import typer
from msgspec import Struct

from bt_cli.cli.console import Console
from bt_cli.cli.visible import shorten_home
from bt_cli.settings import Settings, load_settings

if TYPE_CHECKING:
    from bt_cli.cli.progress import Meter, Mode
    from bt_cli.spans.container import Container
    from bt_cli.stores.base import Store


class GlobalOptions(Struct):
    """The options that every command has; None where not given."""

    project: str | None = None
    experiment: str | None = None
    store: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None
    progress: Mode = "auto"
    no_input: bool = False
    debug: bool = False


class Session:
    """What a command gets as ``ctx.obj``: console, settings, the container meant, and the way to the store.

    Global options arrive one by one while the command line is parsed; everything else is made from
    them on first use.
    """

    def __init__(self) -> None:
        self.options = GlobalOptions()
        self.filters: dict[str, Any] = {}
        """The filter options that were given, by name; see `bt_cli.cli.filter_options`."""
        self.scoring: dict[str, Any] = {}
        """The options of scoring that were given, by name; see `bt_cli.cli.score_options`."""

    @cached_property
    def console(self) -> Console:
        """The printer, as the global options want it."""
        options = self.options
        return Console(options.json, options.quiet, options.verbose, options.color, not options.no_input)

    @cached_property
    def settings(self) -> Settings:
        """The settings; raises UsageError for a `bt.toml` that does not work."""
        options = self.options
        return load_settings({"store": options.store, "project": options.project, "experiment": options.experiment})

    @property
    def container(self) -> Container:
        """Where rows go: the experiment if one is named, else the project's logs."""
        from bt_cli.spans.container import Container

        return Container(self.settings.project, self.settings.experiment)

    @property
    def project_is_named(self) -> bool:
        """Whether somebody chose the project; else it is ``default``."""
        return self.settings.origin["project"] != "default"

    @property
    def store_shown(self) -> str:
        """The store as people write it, the home folder as ``~``."""
        return shorten_home(self.settings.store, self.console.terminal.home)

    @contextmanager
    def opened(self, mode: Literal["write", "read", "dry-run"], stop: Callable[[], int] = lambda: 0) -> Iterator[Store]:
        """The store, closed at the end; ``stop`` ends its searches. Reading never creates one: NotFoundError."""
        from bt_cli.stores import open_store

        store = open_store(self.settings.store, mode, stop)
        try:
            yield store
        finally:
            store.close()

    def meter(self, data_on_stdout: bool = False) -> Meter:
        """Progress of long work; none where it would run into data on the same terminal."""
        from bt_cli.cli.progress import Meter

        mixed = data_on_stdout and self.console.out_is_terminal
        return Meter(self.console, "off" if mixed else self.options.progress)


def session_of(ctx: typer.Context) -> Session:
    """The session of the run that ``ctx`` belongs to."""
    return cast(Session, ctx.obj)

"""What a command looks at: a container of the store, or a file or pipe that nobody has imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from bt_cli.cli.refs import existing, is_file, resolve_stored
from bt_cli.cli.reports import problem_lines
from bt_cli.cli.session import Session
from bt_cli.spans.container import Container

if TYPE_CHECKING:
    from collections.abc import Callable

    from bt_cli.stores.base import Store


class Subject(NamedTuple):
    """Where to read, how to call it, and the exit code that reading it has come to so far.

    ``file`` is the path of what was not imported (``-`` for stdin), None for a container of the store.
    """

    store: Store
    container: Container
    name: str
    exit_code: int = 0
    file: str | None = None


@contextmanager
def subject(session: Session, what: str | None, stop: Callable[[], int]) -> Iterator[Subject]:
    """The subject that ``what`` names: a REF, a file, ``-``; None means the container of the settings.

    What is wrong with the records of a file is said on stderr. Raises NotFoundError for a container
    that does not exist, UsageError for an ambiguous name, InputError for a file that can't be read.
    """
    if what is not None and is_file(what):
        with _read(session, what, stop) as found:
            yield found
        return
    with session.opened("read", stop) as store:
        container = named(session, store, what)
        yield Subject(store, container, str(container))


def named(session: Session, store: Store, what: str | None) -> Container:
    """The container that a REF names; None means that of the settings.

    Raises NotFoundError for one that does not exist, UsageError for an ambiguous name.
    """
    infos = store.containers()
    if what is None:
        return existing(session.container, [info.container for info in infos])
    return resolve_stored(what, infos, session.settings.project if session.options.project else None)


@contextmanager
def _read(session: Session, path: str, stop: Callable[[], int]) -> Iterator[Subject]:
    from bt_cli.pipeline.loading import loaded
    from bt_cli.pipeline.options import ImportOptions, InputOptions

    options = InputOptions((path,))
    container = Container("standard input" if path == "-" else path)
    with session.meter() as meter, loaded(options, container, meter, stop) as (store, report):
        for line in problem_lines(report, "read"):
            session.console.warn(line)
        yield Subject(store, container, container.project, report.exit_code(ImportOptions(options)), path)

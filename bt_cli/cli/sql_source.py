"""What ``bt sql`` asks and whom: the text of the query, and the store or the files to ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.refs import existing, resolve
from bt_cli.cli.reports import problem_lines
from bt_cli.cli.session import Session
from bt_cli.errors import QueryError, UsageError
from bt_cli.query.braintrust_sql import is_braintrust_sql, translated
from bt_cli.query.sql_text import place_of_name
from bt_cli.spans.container import Container

if TYPE_CHECKING:
    from bt_cli.pipeline.report import ImportReport
    from bt_cli.stores.base import Answer, Store


class Asked(NamedTuple):
    """A store, the query, and the one container it is about; of files also what reading them has come to.

    ``statement`` is the query in the store's words, ``written`` what the user wrote.
    """

    store: Store
    statement: str
    written: str
    within: Container | None = None
    reports: Sequence[ImportReport] = ()
    exit_code: int = 0

    def answer(self, stop: Callable[[], int]) -> Answer:
        """The answer to the query; raises QueryError with the place in what the user wrote."""
        try:
            return self.store.query(self.statement, self.within, stop)
        except QueryError as error:
            if self.statement != self.written:
                error.point_at(self.written, place_of_name(error.name, self.written) if error.name else None)
            raise


def query_text(query: str | None, query_file: str | None, files: Sequence[str]) -> str:
    """The query, from the argument, a file or stdin. Raises UsageError for none, or two."""
    if query is not None:
        if query_file is not None:
            raise UsageError("a QUERY and -f are two queries", hint="give one of them")
        return query
    if query_file in (None, "-"):
        if "-" in files:
            raise UsageError("stdin is --file -, so it can't be the query", hint="write the query as an argument")
        data = b"" if sys.stdin is None else sys.stdin.buffer.read()
    else:
        data = _content(str(query_file))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"the query is not UTF-8 at byte {error.start}") from error


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        hint = "-f names a file with a query; --file one with traces"
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint, file=path) from error


@contextmanager
def asked(session: Session, statement: str, files: Sequence[str], stop: Callable[[], int]) -> Iterator[Asked]:
    """The store of the settings, all of it unless a container is named, or one that has the traces of ``files``.

    Raises NotFoundError for a container that does not exist, InputError for a file that can't be read.
    """
    named = session.options.project or session.options.experiment
    if files:
        if named:
            raise UsageError("--file is in no project", hint="leave -p and --experiment away")
        with _loaded(session, files, stop) as (store, reports, code):
            yield Asked(store, _in_our_words(session, statement, store), statement, None, reports, code)
        return
    with session.opened("read", stop) as store:
        if not store.capabilities.answers_sql:
            raise UsageError(f"{store.name} answers no SQL", hint="--store names another", code="capability")
        within = None
        if named and not is_braintrust_sql(statement):
            within = existing(session.container, [info.container for info in store.containers()])
        yield Asked(store, _in_our_words(session, statement, store), statement, within)


@contextmanager
def _loaded(
    session: Session, files: Sequence[str], stop: Callable[[], int]
) -> Iterator[tuple[Store, list[ImportReport], int]]:
    """A store with the traces of each file in a project of the file's name; bad records are told on stderr."""
    from bt_cli.pipeline.loading import all_loaded
    from bt_cli.pipeline.options import ImportOptions, InputOptions

    inputs = [(InputOptions((path,)), Container("standard input" if path == "-" else path)) for path in files]
    with session.meter() as meter, all_loaded(inputs, meter, stop) as (store, reports):
        for line in (line for report in reports for line in problem_lines(report, "read")):
            session.console.warn(line)
        codes = [report.exit_code(ImportOptions(one)) for report, (one, _) in zip(reports, inputs, strict=True)]
        yield store, reports, first_of(*codes)


def _in_our_words(session: Session, statement: str, store: Store) -> str:
    """The query without what only Braintrust's SQL has."""
    if not is_braintrust_sql(statement):
        return statement
    stored = [info.container for info in store.containers()]
    project = session.settings.project if session.options.project else None
    return translated(statement, lambda kind, name: resolve(f"{kind}:{name}", stored, project))

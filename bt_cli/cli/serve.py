"""``bt serve``: Braintrust's API over a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bt_cli.cli.commands import Command, command_app
from bt_cli.cli.serve_talk import Talk
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.errors import CredentialsError, UsageError
from bt_cli.settings import variable

if TYPE_CHECKING:
    from bt_cli.server.service import ServerOptions, Service
    from bt_cli.stores.serving import ServingStore

WHERE = "Where it listens"
HOW = "What it does"

app = command_app()


@app.command("serve", cls=Command)
def serve(
    ctx: typer.Context,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Beyond this machine it needs a token.", rich_help_panel=WHERE),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.", rich_help_panel=WHERE)
    ] = 8765,
    token_env: Annotated[
        str | None,
        typer.Option(
            "--token-env", metavar="NAME", help="The variable with the key to ask for.", rich_help_panel=WHERE
        ),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Take nothing in.", rich_help_panel=HOW)] = False,
    rejects: Annotated[
        str | None,
        typer.Option("--rejects", metavar="FILE", help="Keep rows that can't be stored.", rich_help_panel=HOW),
    ] = None,
) -> int:
    """Serve Braintrust's API over a store: apps with any of its SDKs log to it by environment alone.

    Examples:
      bt serve
      bt serve --store traces.db --port 0 --json

    Exit codes:
      2  usage, the port is in use, or no such store with --read-only
      6  the variable of --token-env is empty · 8  store
      130, 143  interrupted or terminated: all that was acknowledged is stored
    """
    session = session_of(ctx)
    _check_store(session)
    from bt_cli import __version__
    from bt_cli.server.service import ServerOptions

    options = ServerOptions(
        version=__version__,
        host=host,
        token=_token(token_env),
        read_only=read_only,
        rejects=_rejects(session, rejects),
        store=session.settings.store if session.settings.origin["store"].startswith("--") else None,
    )
    return _serve(session, options, port, token_env)


def _serve(session: Session, options: ServerOptions, port: int, token_env: str | None) -> int:
    """Serves until a signal; the exit code."""
    from bt_cli.server.app import make_app
    from bt_cli.server.running import is_local, listen, run, url_of

    with stopping() as stop, listen(options.host, port) as listening:
        if options.token is None and not is_local(listening):
            raise UsageError(
                f"{options.host} can be reached from other machines, and no key is asked for",
                hint="put one in a variable and name it: BT_TOKEN=… bt serve --host … --token-env BT_TOKEN",
                code="token_missing",
            )
        url = url_of(listening, options.host)
        talk = Talk(session.console, session.store_shown, url, token_env, options.rejects, session.options.debug)
        with _service(session, options) as service:
            run(make_app(service, talk.access), listening, talk.ready, talk.warn, stop)
        talk.stopped()
        return stop.exit_code


def _check_store(session: Session) -> None:
    if session.settings.kind not in ("sqlite", "memory"):
        raise UsageError(
            f"{session.settings.store} is no SQLite file, and bt serve stands before those",
            hint="name one: bt serve --store FILE",
            code="store_kind",
        )


def _rejects(session: Session, named: str | None) -> str | None:
    """The file of rejects: the one that was named, else one beside the store. Raises UsageError."""
    path = session.settings.path
    if named is None:
        return f"{path}.rejects.jsonl" if path else None
    if path and Path(named).absolute() == path.absolute():
        raise UsageError(f"--rejects {named} is the store", hint="name another file", file=named)
    from bt_cli.pipeline.findings import open_rejects

    open_rejects(named).close()  # what can't be written shows now, and not with the first row
    return named


def _token(name: str | None) -> str | None:
    """The key that clients must show. Raises CredentialsError for a variable without one."""
    if name is None:
        return None
    token = variable(name)
    if token is None:
        raise CredentialsError(f"the variable {name} is not set, or empty", hint=f"set it: export {name}=…")
    return token


@contextmanager
def _service(session: Session, options: ServerOptions) -> Iterator[Service]:
    """The store being served, closed at the end; a second signal waits for nothing."""
    from bt_cli.blobs.blobs import Blobs
    from bt_cli.server.service import Service
    from bt_cli.stores import open_store

    def opened(mode: str) -> ServingStore:
        return cast("ServingStore", open_store(session.settings.store, "serve-read" if mode == "read" else "serve"))

    with ExitStack() as life:
        service = Service(opened, Blobs(_blob_folder(session, life)), options)
        yield service
        service.close()


def _blob_folder(session: Session, life: ExitStack) -> str:
    """The folder of attachments beside a store's file; of a store in memory one that ends with it."""
    path = session.settings.path
    if path is not None:
        return f"{path}.blobs"
    from tempfile import TemporaryDirectory

    return life.enter_context(TemporaryDirectory(prefix="bt-blobs-"))

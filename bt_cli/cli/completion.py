"""What the shell offers after Tab. Never fails, never creates a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bt_cli.stores.base import ContainerInfo


def projects(ctx: typer.Context, args: Sequence[str], incomplete: str) -> list[str]:
    """Names of projects."""
    return _starting({info.container.project for info in _containers(ctx)}, incomplete)


def experiments(ctx: typer.Context, args: Sequence[str], incomplete: str) -> list[str]:
    """Names of experiments."""
    names = {info.container.experiment for info in _containers(ctx)}
    return _starting({name for name in names if name is not None}, incomplete)


def refs(ctx: typer.Context, args: Sequence[str], incomplete: str) -> list[str]:
    """Names of projects and experiments, and their full refs once a colon is there."""
    if ":" in incomplete:
        return _starting({info.container.ref for info in _containers(ctx)}, incomplete)
    return sorted({*projects(ctx, args, incomplete), *experiments(ctx, args, incomplete)})


def topics(ctx: typer.Context, args: Sequence[str], incomplete: str) -> list[str]:
    """Topics of ``bt help``."""
    from bt_cli.cli.topics import TOPICS

    return _starting(TOPICS, incomplete)


def scorers(ctx: typer.Context, args: Sequence[str], incomplete: str) -> list[str]:
    """Names of built-in scorers."""
    from bt_cli.scoring.catalog import names

    return _starting(names(), incomplete)


def _starting(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))


def _containers(ctx: typer.Context) -> list[ContainerInfo]:
    from bt_cli.cli.session import session_of

    try:
        with session_of(ctx).opened("read") as store:
            return store.containers()
    except Exception:  # a shell that is completing has no place for an error
        return []

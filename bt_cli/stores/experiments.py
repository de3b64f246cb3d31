"""Experiments of a store that has them itself: their names, what they are compared with, and their summary."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from bt_cli.errors import Interrupted, NotFoundError
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores.base import ReadStats, Store
from bt_cli.stores.serving import ServingStore, StoredObject

if TYPE_CHECKING:
    from bt_cli.spans.experiment_lines import Line, Numbers

_UNNAMED = "experiment"


class Summarised(NamedTuple):
    """What an experiment comes to, beside the one of the name ``base``; None where there is none to compare with."""

    base: str | None
    lines: list[Line]


def experiment_name(wanted: str | None, fresh: bool, is_taken: Callable[[str], bool]) -> str:
    """What an experiment is called: as ``wanted``, with a suffix where it is to be ``fresh`` and the name is taken.

    Without a name one is made up: ``experiment-1f0c8a3e``.
    """
    name = wanted or _with_suffix(_UNNAMED)
    while (fresh or not wanted) and is_taken(name):
        name = _with_suffix(wanted or _UNNAMED)
    return name


def _with_suffix(name: str) -> str:
    return f"{name}-{token_hex(4)}"


def base_of(store: ServingStore, experiment: StoredObject) -> StoredObject | None:
    """What an experiment is compared with: its base if it has one, else the newest of its project made before it."""
    base = experiment.about.get("base_exp_id")
    if isinstance(base, str) and (found := store.objects("experiment", id=base)):
        return found[0]
    every = store.objects("experiment", project=experiment.container.project)
    before = [one for one in every if one.number < experiment.number]
    return max(before, key=lambda one: one.number, default=None)


def summarised(
    store: Store, container: Container, base: Container | None, stop: Callable[[], int] = lambda: 0
) -> list[Line]:
    """The scores and metrics of an experiment, beside those of ``base`` where there is one.

    ``stop`` is that of `Store.query`; raises Interrupted.
    """
    from bt_cli.spans.experiment_lines import summary_lines

    return summary_lines(_numbers(store, container, stop), None if base is None else _numbers(store, base, stop))


def _numbers(store: Store, container: Container, stop: Callable[[], int]) -> Numbers:
    from bt_cli.spans.experiment_lines import NEEDED, Numbers

    numbers = Numbers()
    try:
        for page in store.pages(container, SpanFilter(), ReadStats()):
            if signum := stop():
                raise Interrupted(signum)
            numbers.add(store.read_page(page, NEEDED))
    except NotFoundError:  # it was deleted just now
        return Numbers()
    return numbers

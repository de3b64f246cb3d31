"""Names of experiments that nothing has yet, as Braintrust makes them."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex

_UNNAMED = "experiment"


def experiment_name(wanted: str | None, fresh: bool, is_taken: Callable[[str], bool]) -> str:
    """What an experiment is called: as ``wanted``, with a suffix where it is to be ``fresh`` and the name is taken.

    Without a name one is made up: ``experiment-1f0c8a3e``.
    """
    name = wanted or with_suffix(_UNNAMED)
    while (fresh or not wanted) and is_taken(name):
        name = with_suffix(wanted or _UNNAMED)
    return name


def with_suffix(name: str) -> str:
    """``name`` with eight hexadecimal digits that chance has made."""
    return f"{name}-{token_hex(4)}"

"""The known name that a mistyped one is probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name among ``known`` that is most like ``name``, whatever the case; None where none is."""
    from difflib import get_close_matches

    by_lower_case = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.5)
    return by_lower_case[close[0]] if close else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """``Did you mean X?``, else what there is to choose from."""
    every = list(known)
    close = nearest(name, every)
    if close:
        return f"did you mean {close}?"
    return f"there is {', '.join(every)}" if every else "it takes none"

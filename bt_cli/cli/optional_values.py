"""Options whose value may be left away: at the end of a command line, or with another option behind them."""

from __future__ import annotations

from collections.abc import Sequence


def with_values(args: Sequence[str], option: str) -> list[str]:
    """``args`` with an empty value for each ``option`` that has none."""
    following = [*args[1:], "-"][: len(args)]
    return [
        f"{one}=" if one == option and behind.startswith("-") else one
        for one, behind in zip(args, following, strict=True)
    ]

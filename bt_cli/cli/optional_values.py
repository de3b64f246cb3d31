"""Options whose value may be left away: at the end of a command line, or with another option behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def is_no_option(word: str) -> bool:
    """Whether a word of a command line can be the value of the option before it."""
    return not word.startswith("-")


def with_values(args: Sequence[str], option: str, is_value: Callable[[str], bool] = is_no_option) -> list[str]:
    """``args`` with an empty value for each ``option`` that has none; ``is_value`` tells of the word behind it."""
    following = [*args[1:], "-"][: len(args)]
    return [
        f"{one}=" if one == option and not is_value(behind) else one
        for one, behind in zip(args, following, strict=True)
    ]

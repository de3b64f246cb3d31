"""What a run wants of its judge."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Api = Literal["chat", "responses"]
Mode = Literal["auto", "tool", "json-schema"]


class JudgeOptions(Struct, frozen=True):
    """The judge's flags; None where one was not given, and the settings speak."""

    model: str | None = None
    embedding_model: str | None = None
    base_url: str | None = None
    api: Api | None = None
    mode: Mode | None = None

    timeout: float = 60.0
    """Seconds that one answer may take."""
    retries: int = 5
    """How often a failed call is repeated."""
    max_wait: float = 300.0
    """Seconds that a call waits for a server that refuses it for being too busy."""

    concurrency: int = 16
    """How many calls there are at once, at most."""
    rpm: float | None = None
    """Requests a minute, at most."""
    tpm: float | None = None
    """Tokens a minute, at most."""

    max_cost: float | None = None
    """USD; no call is begun when so much has been spent."""
    max_tokens: int | None = None
    """Tokens; no call is begun when so many have been used."""
    prices: str | None = None
    """A file of prices; see `prices`."""

    cache: str | None = None
    """The file of the cache."""
    use_cache: bool = True
    cache_only: bool = False
    """Nothing is asked: what the cache does not have is an error."""

"""What tokens cost: a file of the user's, else what the reply says, else it is not known.

The file is JSON: ``{"gpt-4o-mini": {"prompt": 0.15, "completion": 0.6, "cached": 0.075}}``, in USD per million
tokens. ``cached`` is the price of prompt tokens that the server had cached, ``prompt``'s where it is left out.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.scoring.judge.usage import Usage

_MILLION = 1_000_000


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """USD per million tokens."""

    prompt: float
    completion: float = 0.0
    cached: float | None = None

    def of(self, usage: Usage) -> float:
        """USD for the tokens of a call; cached ones are part of the prompt's."""
        metrics = usage.metrics
        cached = metrics.get("prompt_cached_tokens", 0)
        fresh = max(0, metrics.get("prompt_tokens", 0) - cached)
        read = fresh * self.prompt + cached * (self.prompt if self.cached is None else self.cached)
        return (read + metrics.get("completion_tokens", 0) * self.completion) / _MILLION


Prices = dict[str, Price]
"""Model → price."""


def read_prices(path: str) -> Prices:
    """The prices in a file. Raises UsageError for a file that can't be read or is of another shape."""
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=Prices)
    except OSError as error:
        raise UsageError(f"the prices in {path} cannot be read: {error.strerror}", code="prices", file=path) from error
    except msgspec.DecodeError as error:
        hint = 'write {"MODEL": {"prompt": 0.15, "completion": 0.6}}, in USD per million tokens'
        raise UsageError(f"{path} holds no prices: {error}", hint=hint, code="prices", file=path) from error


def cost_of(usage: Usage, model: str, prices: Prices) -> float | None:
    """USD for the tokens of a call; None where nothing tells the price."""
    price = prices.get(model)
    if price is None:
        return usage.cost
    return price.of(usage) if usage.metrics else None

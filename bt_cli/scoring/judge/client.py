"""The judge as autoevals' scorers know it.

Imported only when a scorer asks for it, because autoevals is slow to import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autoevals.oai import LLMClient

Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""The arguments of a request of OpenAI's client → the reply in that client's form."""


class JudgeClient(LLMClient):  # type: ignore[misc]  # autoevals has no types
    """Hands autoevals' requests to the judge.

    With its own constructor, neither ``openai`` nor ``braintrust`` is imported, and nothing is asked of
    anybody else. What autoevals would repeat a hundred times is an empty tuple of exceptions: the judge
    has repeated enough when an error comes out of it.
    """

    def __init__(self, complete: Ask, embed: Ask, moderate: Ask) -> None:
        self._complete, self._embed, self._moderate = complete, embed, moderate
        self._is_wrapped = False
        self.RateLimitError = ()

    def complete(self, **request: Any) -> dict[str, Any]:
        """A chat completion."""
        return self._complete(request)

    def embed(self, **request: Any) -> dict[str, Any]:
        """The vector of a text."""
        return self._embed(request)

    def moderation(self, **request: Any) -> dict[str, Any]:
        """What a moderation endpoint says of a text."""
        return self._moderate(request)

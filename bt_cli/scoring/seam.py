"""The seam to autoevals: what its scorers are given instead of what they would make themselves.

Imported only when one of them is built, because autoevals is slow to import.
"""

from __future__ import annotations

from typing import Any

import chevron
from autoevals.llm import LLMClassifier
from autoevals.oai import LLMClient
from autoevals.string import EmbeddingSimilarity, Levenshtein

from bt_cli.errors import UsageError
from bt_cli.scoring.base import Judge, OpenedJudge

LONGEST_TEXT = 20_000
"""Characters that texts compared by edits may have: the work grows with their square and holds up all threads."""


class SeamClient(LLMClient):  # type: ignore[misc]  # autoevals has no types
    """A client that hands requests on to the judge.

    autoevals builds a client of its own where none is given, which sends key and traces to a gateway;
    with one given in each constructor it never does. With a constructor of our own, neither ``openai``
    nor ``braintrust`` is imported. All embeddings are asked of one model, because autoevals' own default
    for that is lost in threads, and AnswerRelevancy ignores its argument.
    """

    def __init__(self, judge: OpenedJudge, embedding_model: str | None) -> None:
        self._judge = judge
        self._embedding_model = embedding_model
        self._is_wrapped = False
        self.RateLimitError = _NeverRaised

    def complete(self, **request: Any) -> Any:
        """A chat completion."""
        return self._asked().complete(request)

    def embed(self, **request: Any) -> Any:
        """The embedding of a text."""
        return self._asked().embed({**request, "model": self._embedding_model})

    def moderation(self, **request: Any) -> Any:
        """What a moderation endpoint says of a text."""
        return self._asked().moderate(request)

    def _asked(self) -> Judge:
        judge = self._judge()
        if judge is None:
            raise UsageError("no judge is open that could be asked")
        return judge


class _NeverRaised(Exception):  # noqa: N818 - it stands where autoevals expects a class
    """autoevals repeats what fails with this a hundred times; the judge has its own retries."""


class PromptClassifier(LLMClassifier):  # type: ignore[misc]
    """A classifier that fills in a prompt of the user's own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # autoevals' own test for this does not see a variable that only opens a section.
        self._template_uses_thread_variables = True

    def _render_messages(self, **values: Any) -> list[dict[str, Any]]:
        """The messages, without a line on standard error for what a section leaves out."""
        values.update(self.render_args)
        return [{**one, "content": chevron.render(one["content"].strip(), values)} for one in self.messages]


class BoundedLevenshtein(Levenshtein):  # type: ignore[misc]
    """Levenshtein that refuses texts on which it would work for seconds."""

    def _run_eval_sync(self, output: Any, expected: Any = None, **rest: Any) -> Any:
        longest = max(len(str(output)), len(str(expected)))
        if longest > LONGEST_TEXT:
            raise ValueError(
                f"a text of {longest:,} characters is too long to compare by edits (at most {LONGEST_TEXT:,}); "
                "use ExactMatch or EmbeddingSimilarity"
            )
        return super()._run_eval_sync(output, expected, **rest)


class _Forgetful(dict[Any, Any]):
    """A cache that keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forgets."""


def forget_embeddings() -> None:
    """Turns off the cache of EmbeddingSimilarity, which keeps every text for as long as the process runs."""
    if not isinstance(EmbeddingSimilarity._CACHE, _Forgetful):
        EmbeddingSimilarity._CACHE = _Forgetful()

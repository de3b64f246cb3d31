"""The scorers of autoevals, and one of our own: what each needs and what it asks. Nothing of autoevals is loaded."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Kind = Literal["offline", "judge", "embedding", "moderation"]
"""What a scorer asks: nothing, a model, embeddings (and perhaps a model), a moderation endpoint."""
Form = Literal["raw", "text"]
"""How inputs are given: as the values that they are, or as text."""

OUTPUT = ("output",)
COMPARED = ("output", "expected")
ASKED = ("input", "output")
ANSWERED = ("input", "output", "expected")

_TEMPLATE = ("model", "use_cot", "temperature", "max_tokens")
_RAG = ("model", "temperature")


class Entry(Struct, frozen=True):
    """A scorer that is known by its name.

    ``needs`` are the inputs without which a case is skipped. ``parameters`` are set in the call form
    of a SPEC; inputs can be set there too. ``extra`` is an optional package that it imports.
    """

    name: str
    kind: Kind
    needs: tuple[str, ...]
    about: str
    parameters: tuple[str, ...] = ()
    form: Form = "text"
    extra: str | None = None
    own: bool = False
    """Whether it is ours, not autoevals'."""

    @property
    def judged(self) -> bool:
        """Whether it asks a server."""
        return self.kind != "offline"

    @property
    def embeds(self) -> bool:
        """Whether it asks for embeddings."""
        return self.kind == "embedding"

    @property
    def completes(self) -> bool:
        """Whether it asks a model for answers; else its ``model`` is the one that embeds."""
        return self.kind == "judge" or "embedding_model" in self.parameters


def _template(name: str, needs: tuple[str, ...], about: str) -> Entry:
    return Entry(name, "judge", needs, about, _TEMPLATE)


ENTRIES = (
    Entry("ExactMatch", "offline", COMPARED, "output is expected; of objects, in the same order of keys", form="raw"),
    Entry("JSONEqual", "offline", COMPARED, "output is expected as JSON, in any order of keys", form="raw", own=True),
    Entry("Levenshtein", "offline", COMPARED, "similarity by the edits between the two texts"),
    Entry("NumericDiff", "offline", COMPARED, "closeness of two numbers, relative to their size", ("coerce",), "raw"),
    Entry("JSONDiff", "offline", COMPARED, "similarity of two JSON values, part by part", ("preserve_strings",), "raw"),
    Entry("ValidJSON", "offline", OUTPUT, "output is a JSON object or list, or fits a schema", ("schema",), "raw"),
    Entry(
        "ListContains",
        "offline",
        COMPARED,
        "overlap of two lists, paired by similarity",
        ("allow_extra_entities",),
        "raw",
        extra="scipy",
    ),
    _template("Factuality", ANSWERED, "the facts of the answer agree with the expert's"),
    _template("ClosedQA", (*ASKED, "criteria"), "the answer meets a criterion"),
    _template("Battle", ("instructions", *COMPARED), "output follows the instructions better than expected does"),
    _template("Humor", OUTPUT, "output is funny"),
    _template("Possible", ASKED, "the answer does not call the task impossible"),
    _template("Security", OUTPUT, "output is not malicious"),
    _template("Sql", ANSWERED, "the SQL query gives what the expert's gives"),
    _template("Summary", ANSWERED, "the summary is better than the expert's"),
    _template("Translation", (*ANSWERED, "language"), "the translation means what the expert's means"),
    Entry(
        "LLMClassifier",
        "judge",
        (),
        "a prompt and choices of your own; best kept in a YAML file",
        ("prompt", "choice_scores", *_TEMPLATE, "reasoning_effort"),
    ),
    Entry(
        "ContextEntityRecall",
        "embedding",
        ("expected", "context"),
        "the context names what expected names",
        (*_RAG, "embedding_model"),
        extra="scipy",
    ),
    Entry("ContextRelevancy", "judge", ("input", "context"), "how much of the context the question needs", _RAG),
    Entry("ContextRecall", "judge", ("input", "expected", "context"), "expected follows from the context", _RAG),
    Entry("ContextPrecision", "judge", ("input", "expected", "context"), "the context was useful for expected", _RAG),
    Entry("Faithfulness", "judge", (*ASKED, "context"), "what the answer says is in the context", _RAG),
    Entry(
        "AnswerRelevancy",
        "embedding",
        (*ASKED, "context"),
        "questions made from the answer resemble the input",
        (*_RAG, "strictness", "embedding_model"),
    ),
    Entry("AnswerSimilarity", "embedding", COMPARED, "output is near expected in meaning", ("model",)),
    Entry(
        "AnswerCorrectness",
        "embedding",
        ANSWERED,
        "the statements of the answer are those of expected",
        (*_RAG, "factuality_weight", "answer_similarity_weight", "embedding_model"),
    ),
    Entry(
        "EmbeddingSimilarity",
        "embedding",
        COMPARED,
        "output is near expected in meaning, from a least similarity on",
        ("model", "prefix", "expected_min"),
    ),
    Entry("Moderation", "moderation", OUTPUT, "output is not flagged as harmful", ("threshold",)),
)

ALIASES = {"LevenshteinScorer": "Levenshtein"}
"""Other names under which autoevals exports a scorer."""

CATALOG = {entry.name: entry for entry in ENTRIES}
_BY_LOWER_CASE = {
    **{name.lower(): entry for name, entry in CATALOG.items()},
    **{alias.lower(): CATALOG[name] for alias, name in ALIASES.items()},
}


def find(name: str) -> Entry | None:
    """The scorer of this name, in any case; None where there is none."""
    return _BY_LOWER_CASE.get(name.lower())


def names() -> list[str]:
    """Every name that `find` knows, as autoevals spells it."""
    return [*CATALOG, *ALIASES]

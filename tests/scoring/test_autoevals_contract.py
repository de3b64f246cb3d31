"""Every scorer of autoevals through our seam: an upgrade that adds, drops or changes one is seen here."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import autoevals
import pytest
from autoevals.score import Scorer as AutoevalsScorer

from bt_cli.errors import JudgeError, UsageError
from bt_cli.scoring.base import Missing
from bt_cli.scoring.build import Models
from bt_cli.scoring.catalog import ALIASES, CATALOG, ENTRIES
from bt_cli.scoring.normalise import plain_json
from seats import FILLED, FakeJudge, case, one, run, scorer

BASES = {"OpenAIScorer", "OpenAILLMScorer", "OpenAILLMClassifier", "SpecFileClassifier", "Scorer", "ScorerWithPartial"}
JUDGED = [entry.name for entry in ENTRIES if entry.judged and entry.name != "LLMClassifier"]
CLASSIFIER = 'LLMClassifier(prompt="Is {{output}} right?", choice_scores={"C": 0.25, "none": None})'

ANSWERS = {
    "Factuality": {"A": 0.4, "B": 0.6, "C": 1, "D": 0, "E": 1},
    "ClosedQA": {"Y": 1, "N": 0},
    "Battle": {"Yes": 1, "No": 0},
    "Humor": {"Yes": 1, "No": 0, "Unsure": 0.5},
    "Possible": {"A": 0, "B": 1},
    "Security": {"Yes": 0, "No": 1, "Unsure": 0.5},
    "Sql": {"Correct": 1, "Incorrect": 0},
    "Summary": {"A": 0, "B": 1},
    "Translation": {"Y": 1, "N": 0},
}
CHOICES = [(name, choice, score) for name, scores in ANSWERS.items() for choice, score in scores.items()]


def cosine(one: int, other: int) -> float:
    """Of what the fake judge embeds texts of two lengths to."""
    a, b = one / 100, other / 100
    return float((1 + a * b) / ((1 + a * a) ** 0.5 * (1 + b * b) ** 0.5))


NEAR = (cosine(len("The sum is 2."), len("2")) - 0.7) / (1 - 0.7)
ASKED_AGAIN = (cosine(len("What is 1+1?"), len("What is the sum of 1+1?")) - 0.7) / (1 - 0.7)
REPLIES: list[tuple[str, float, int, int]] = [
    # scorer, score, completions, embeddings
    ("ContextEntityRecall", 1.0, 2, 8),
    ("ContextRelevancy", 19 / 36, 1, 0),
    ("ContextRecall", 0.75, 1, 0),
    ("ContextPrecision", 1.0, 1, 0),
    ("Faithfulness", 0.5, 2, 0),
    ("AnswerRelevancy", ASKED_AGAIN, 3, 6),
    ("AnswerSimilarity", NEAR, 0, 2),
    ("AnswerCorrectness", 0.75 * 0.8 + 0.25 * NEAR, 1, 2),
    ("EmbeddingSimilarity", NEAR, 0, 2),
]


def test_catalog_is_what_autoevals_exports() -> None:
    """Each scorer of the installed autoevals is in the catalog, and no other is said to be its."""
    exported = {
        name
        for name, found in vars(autoevals).items()
        if isinstance(found, type) and issubclass(found, AutoevalsScorer) and name not in BASES
    }
    assert exported == {entry.name for entry in ENTRIES if not entry.own} | set(ALIASES)


@pytest.mark.parametrize(("name", "choice", "score"), CHOICES)
def test_choice_has_its_score(name: str, choice: str, score: float) -> None:
    """Each choice of each of autoevals' prompts is worth this."""
    judge = FakeJudge(select_choice={"reasons": "so", "choice": choice})
    value = one(name, case(**FILLED), judge=judge)
    assert (value.score, value.metadata) == (score, {"choice": choice, "rationale": "so"})


@pytest.mark.parametrize("name", [*ANSWERS])
def test_prompt_offers_these_choices(name: str) -> None:
    """The choices of a prompt are the known ones."""
    judge = FakeJudge(select_choice={"choice": next(iter(ANSWERS[name]))})
    one(name, case(**FILLED), judge=judge)
    tool = judge.requests()[0]["tools"][0]["function"]["parameters"]["properties"]["choice"]
    assert tool["enum"] == [*ANSWERS[name]]


@pytest.mark.parametrize("name", [*ANSWERS])
def test_prompt_has_every_input(name: str) -> None:
    """Each input that the catalog says a prompt needs is in the prompt."""
    judge = FakeJudge(select_choice={"choice": next(iter(ANSWERS[name]))})
    one(name, case(**FILLED), judge=judge)
    given = {**FILLED, **FILLED["metadata"]}  # type: ignore[dict-item]
    assert [need for need in CATALOG[name].needs if given[need] not in judge.prompt()] == []


@pytest.mark.parametrize(("name", "score", "completions", "embeddings"), REPLIES)
def test_other_judged_value(name: str, score: float, completions: int, embeddings: int) -> None:
    """A scorer gives this number for these replies, after so many requests."""
    judge = FakeJudge()
    assert one(name, case(**FILLED), judge=judge).score == pytest.approx(score)
    assert (len(judge.requests()), len(judge.requests("embed"))) == (completions, embeddings)


@pytest.mark.parametrize(
    ("output", "spec", "score"),
    [("a bomb", "Moderation", 0), ("a cake", "Moderation", 1), ("a cake", "Moderation(threshold=0.05)", 0)],
)
def test_moderation(output: str, spec: str, score: float) -> None:
    """What is flagged, or above the threshold, scores 0."""
    judge = FakeJudge()
    value = one(spec, case(output=output), judge=judge)
    assert value.score == score
    assert set(value.metadata) == {"threshold", "category_scores"}


def test_classifier_of_a_call() -> None:
    """LLMClassifier takes its prompt and choices in the call form."""
    value = one(CLASSIFIER, case(output="2"), judge=FakeJudge())
    assert (value.score, value.metadata["choice"]) == (0.25, "C")


def test_choice_without_score_is_no_opinion() -> None:
    """A choice whose score is null skips the case."""
    judge = FakeJudge(select_choice={"reasons": "?", "choice": "none"})
    assert one(CLASSIFIER, case(output="2"), judge=judge).score is None


@pytest.mark.parametrize("name", [*JUDGED, CLASSIFIER])
def test_models_are_the_configured_ones(name: str) -> None:
    """Completions go to the judge's model and embeddings to the embedding model, never to a default of autoevals."""
    judge = FakeJudge(select_choice={"choice": next(iter(ANSWERS.get(name, {"C": 1})))})
    run(scorer(name, judge=judge), case(**FILLED))
    assert {one["model"] for one in judge.requests()} <= {"judge-1"}
    assert {one["model"] for one in judge.requests("embed")} <= {"embed-1"}


@pytest.mark.parametrize(
    "spec",
    [
        'AnswerRelevancy(embedding_model="mine")',
        'AnswerSimilarity(model="mine")',
        'EmbeddingSimilarity(model="mine")',
        'AnswerCorrectness(embedding_model="mine")',
        'ContextEntityRecall(embedding_model="mine")',
    ],
)
def test_spec_names_the_embedding_model(spec: str) -> None:
    """An embedding model in a SPEC is the one that is asked; autoevals ignores AnswerRelevancy's."""
    judge = FakeJudge()
    one(spec, case(**FILLED), judge=judge)
    assert {one["model"] for one in judge.requests("embed")} == {"mine"}


def test_embedding_model_in_a_thread() -> None:
    """The embedding model is the configured one on other threads too, which do not inherit autoevals' default."""
    from concurrent.futures import ThreadPoolExecutor

    judge = FakeJudge()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(one, "AnswerRelevancy", case(**FILLED), judge=judge).result()
    assert {one["model"] for one in judge.requests("embed")} == {"embed-1"}


@pytest.mark.parametrize(("model", "sent"), [("gpt-5-mini", None), ("gpt-4o", 0.5)])
def test_temperature_of_answer_relevancy(model: str, sent: float | None) -> None:
    """Its own temperature is not sent to models that reject one."""
    judge = FakeJudge()
    run(scorer("AnswerRelevancy", judge=judge, models=Models(model, "e")), case(**FILLED))
    assert judge.requests()[0].get("temperature") == sent


def test_temperature_that_is_asked_for_is_sent() -> None:
    """A temperature in the SPEC is the user's decision."""
    judge = FakeJudge()
    run(scorer("AnswerRelevancy(temperature=0.1)", judge=judge, models=Models("gpt-5", "e")), case(**FILLED))
    assert judge.requests()[0]["temperature"] == 0.1


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES if entry.needs])
def test_missing_input_skips(name: str) -> None:
    """A case without an input that a scorer needs is skipped before anything is asked."""
    judge = FakeJudge()
    built = scorer(name, judge=judge)
    for need in CATALOG[name].needs:
        lacking = {key: value for key, value in FILLED.items() if key != need}
        lacking["metadata"] = {key: value for key, value in FILLED["metadata"].items() if key != need}  # type: ignore[attr-defined]
        assert run(built, case(**lacking)) == Missing((need,))
    assert judge.asked == []


@pytest.mark.parametrize("name", JUDGED)
def test_metadata_can_be_written(name: str) -> None:
    """What a judged scorer adds is plain JSON: no Score of autoevals, no number of numpy, no tuple."""
    judge = FakeJudge(select_choice={"choice": next(iter(ANSWERS.get(name, {"C": 1})))})
    value = one(name, case(**FILLED), judge=judge)
    assert isinstance(value.score, float)
    assert value.metadata == plain_json(value.metadata)
    assert value.name is None


@pytest.mark.parametrize("context", ["", [], [""]])
def test_empty_context_is_not_sent(context: Any) -> None:
    """autoevals would ask, pay, and divide by zero."""
    judge = FakeJudge()
    with pytest.raises(ValueError, match="context is empty"):
        one("ContextRelevancy", case(**{**FILLED, "metadata": {"context": context}}), judge=judge)
    assert judge.asked == []


def test_nothing_found_by_the_judge_is_an_error() -> None:
    """Faithfulness of an answer without statements is no number."""
    with pytest.raises(ValueError, match="the judge found no statement"):
        one("Faithfulness", case(**FILLED), judge=FakeJudge(judge_statements={"faithfulness": []}))


@pytest.mark.parametrize("reply", [{"reasons": "x"}, {"choice": "F"}, {"choice": 1}, {"choice": "A", "reasons": [1]}])
def test_reply_that_cannot_be_used(reply: Any) -> None:
    """A choice that is missing, unknown or no text is an error of the judge, not of the program."""
    with pytest.raises(JudgeError, match="reply cannot be used"):
        one("Factuality", case(**FILLED), judge=FakeJudge(select_choice=reply))


def test_error_of_the_judge_passes() -> None:
    """What the judge's client raises arrives as it is, without autoevals trying again."""
    judge = FakeJudge(select_choice=JudgeError("no"))
    with pytest.raises(JudgeError, match=r"^no$"):
        one("Factuality", case(**FILLED), judge=judge)
    assert len(judge.requests()) == 1


def test_without_judge_nothing_is_asked() -> None:
    """A scorer that is built without a judge says what it would be given, and refuses to score."""
    built = scorer("Factuality")
    given = built.arguments(case(**FILLED))
    assert set(given) == {"input", "output", "expected"}  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no judge is open"):
        built.score(case(**FILLED), given)  # type: ignore[arg-type]


def test_embeddings_are_not_kept() -> None:
    """autoevals' own cache of embeddings, which has no bound, holds nothing."""
    from autoevals.string import EmbeddingSimilarity

    judge = FakeJudge()
    built = scorer("EmbeddingSimilarity", judge=judge)
    run(built, case(**FILLED))
    run(built, case(**FILLED))
    assert len(judge.requests("embed")) == 4
    assert len(EmbeddingSimilarity._CACHE) == 0


def test_no_other_client_is_ever_made() -> None:
    """With keys in the environment, no scorer loads the packages with which autoevals would make a client."""
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from seats import *\n"
        "from bt_cli.scoring.catalog import ENTRIES\n"
        "for entry in ENTRIES:\n"
        "    if entry.judged and entry.needs:\n"
        "        judge = FakeJudge(select_choice={'choice': 'Yes'})\n"
        "        built = scorer(entry.name, judge=judge)\n"
        "        try: run(built, case(**FILLED))\n"
        "        except Exception: pass\n"
        "        assert judge.asked, entry.name\n"
        "assert not {'openai', 'braintrust', 'litellm'} & set(sys.modules)\n"
    )
    here = os.path.dirname(__file__)
    environment = {**os.environ, "OPENAI_API_KEY": "sk-x", "BRAINTRUST_API_KEY": "bt-x"}
    subprocess.run([sys.executable, "-c", program, here, os.path.dirname(here)], env=environment, check=True)

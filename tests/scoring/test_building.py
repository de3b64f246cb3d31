"""Building scorers: fingerprints, models and packages that are missing, and the list of all."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bt_cli.errors import UsageError
from bt_cli.scoring.build import Models
from bt_cli.scoring.builtin import InputScorer
from bt_cli.scoring.catalog import ENTRIES
from bt_cli.scoring.listing import Listed, list_scorers
from seats import case, one, scorer

NONE = Models()
SAME = [("Factuality", "facts=factuality"), ('ClosedQA(criteria="a")', 'q=ClosedQA(criteria="a")')]
OTHER = [
    ("Factuality", "Summary"),
    ("Factuality", "Factuality(use_cot=False)"),
    ("Factuality", 'Factuality(model="other")'),
    ('ClosedQA(criteria="a")', 'ClosedQA(criteria="b")'),
    ("AnswerRelevancy", 'AnswerRelevancy(embedding_model="x")'),
    ('ValidJSON(schema={"type": "object"})', "ValidJSON"),
    ("JSONEqual", "ExactMatch"),
    ('EmbeddingSimilarity(prefix={"a"})', 'EmbeddingSimilarity(prefix={"b"})'),
    ('EmbeddingSimilarity(prefix=b"a")', 'EmbeddingSimilarity(prefix=("a",))'),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_same_fingerprint(first: str, second: str) -> None:
    """The name under which a score is kept is no part of what makes it."""
    assert scorer(first).fingerprint == scorer(second).fingerprint


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_other_fingerprint(first: str, second: str) -> None:
    """Another scorer, argument or model is another fingerprint."""
    assert scorer(first).fingerprint != scorer(second).fingerprint


def test_model_of_the_run_is_in_the_fingerprint() -> None:
    """Another judge says other things; of a scorer without one, the judge is no part."""
    other = Models("judge-2", "embed-1")
    assert scorer("Factuality").fingerprint != scorer("Factuality", models=other).fingerprint
    assert scorer("ExactMatch").fingerprint == scorer("ExactMatch", models=other).fingerprint
    assert scorer("EmbeddingSimilarity").fingerprint == scorer("EmbeddingSimilarity", models=other).fingerprint


def test_fingerprint_is_the_same_in_every_process() -> None:
    """It depends on nothing but the scorer."""
    program = "from seats import scorer; print(scorer('ClosedQA(criteria=\"x\", use_cot=False)').fingerprint)"
    path = os.pathsep.join((os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == scorer('ClosedQA(use_cot=False, criteria="x")').fingerprint


def test_mistake_of_an_offline_scorer_is_its_own() -> None:
    """Only where a judge was asked is an odd value taken for its reply."""

    def broken(arguments: object) -> object:
        raise KeyError("x")

    with pytest.raises(KeyError):
        InputScorer("x", "1", False, [], broken).score(case(), {})


@pytest.mark.parametrize(
    ("spec", "told", "hint"),
    [
        ("Factuality", "Factuality asks a judge, and no model is set", "--judge-model NAME or BT_JUDGE_MODEL"),
        ("facts=Faithfulness", "facts asks a judge, and no model is set", 'Faithfulness(model="NAME")'),
        ("AnswerSimilarity", "asks for embeddings, and no model is set", 'AnswerSimilarity(model="NAME")'),
        ('AnswerRelevancy(model="m")', "asks for embeddings, and no model is set", 'embedding_model="NAME"'),
    ],
)
def test_no_model_is_ever_assumed(spec: str, told: str, hint: str) -> None:
    """A scorer that asks a model needs one to be named, by the run or by its SPEC."""
    with pytest.raises(UsageError) as caught:
        scorer(spec, models=NONE)
    assert told in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("spec", ['Factuality(model="m")', 'AnswerSimilarity(model="m")', "Moderation", "ExactMatch"])
def test_model_that_is_not_needed(spec: str) -> None:
    """A scorer that names its model, or asks none, needs none of the run."""
    assert scorer(spec, models=NONE).name


@pytest.mark.parametrize(
    "spec",
    [
        "AnswerCorrectness(factuality_weight=-1)",
        'Factuality(max_tokens="many")',
        "ValidJSON(schema=5)",
        'ValidJSON(schema={"type": "objekt"})',
        'ValidJSON(schema={"items": {"$ref": "https://example.com/a.json"}})',
        "EmbeddingSimilarity(expected_min=1)",
    ],
)
def test_argument_that_a_scorer_refuses(spec: str) -> None:
    """What a scorer cannot be built with ends the run before its first case."""
    with pytest.raises(UsageError, match="--score"):
        scorer(spec)


def test_schema_in_a_file(tmp_path: Path) -> None:
    """A schema can lie in a file, whose text is part of the fingerprint."""
    file = tmp_path / "answer.json"
    file.write_text('{"required": ["a"]}')
    spec = f'ValidJSON(schema="{file}")'
    before = scorer(spec).fingerprint
    assert (one(spec, case(output={"a": 1})).score, one(spec, case(output={})).score) == (1, 0)
    file.write_text('{"required": ["b"]}')
    assert scorer(spec).fingerprint != before


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read: No such file"), ("{", "is not JSON")])
def test_schema_file_that_cannot_be_used(tmp_path: Path, content: str | None, told: str) -> None:
    """A schema file that is missing or broken is named."""
    file = tmp_path / "answer.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=told):
        scorer(f'ValidJSON(schema="{file}")')


@pytest.fixture
def without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which scipy is not installed."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else found(name, *rest)
    )


@pytest.mark.parametrize("spec", ["ListContains", "ContextEntityRecall"])
@pytest.mark.usefixtures("without_scipy")
def test_missing_package(spec: str) -> None:
    """A scorer whose package is missing says how to install it."""
    with pytest.raises(UsageError, match="needs scipy") as caught:
        scorer(spec)
    assert caught.value.hint == "pip install 'bt-spans[scipy]'"


def test_list_has_every_scorer() -> None:
    """The list shows all of the catalog; with models and a key, all of them work."""
    listed = list_scorers(Models("m", "e"))
    assert [item.name for item in listed] == [entry.name for entry in ENTRIES]
    assert [item.name for item in listed if not item.works] == []


def test_list_says_what_is_needed() -> None:
    """Inputs that are no field of a span are shown with the place where they are looked for."""
    (found,) = (item for item in list_scorers(NONE) if item.name == "ClosedQA")
    assert found.inputs == ["input", "output", "criteria (metadata.criteria)"]
    assert found.arguments == ["model", "use_cot", "temperature", "max_tokens"]


@pytest.mark.parametrize(
    ("name", "models", "problem"),
    [
        ("ExactMatch", NONE, None),
        ("Factuality", NONE, "no judge model is set: --judge-model or BT_JUDGE_MODEL"),
        ("Factuality", Models("m"), "no key"),
        (
            "AnswerSimilarity",
            Models("m"),
            "no embedding model is set: --judge-embedding-model or BT_JUDGE_EMBEDDING_MODEL",
        ),
        ("Moderation", NONE, "no key"),
    ],
)
def test_list_says_why_not(name: str, models: Models, problem: str | None) -> None:
    """What does not work here says why."""
    found: list[Listed] = [item for item in list_scorers(models, "no key") if item.name == name]
    assert [item.problem for item in found] == [problem]


@pytest.mark.usefixtures("without_scipy")
def test_list_says_what_to_install() -> None:
    """A missing package is told with the way to get it."""
    problems = [item.problem for item in list_scorers(Models("m", "e")) if not item.works]
    assert problems == ["scipy is missing: pip install 'bt-spans[scipy]'"] * 2


def test_custom_run_loads_nothing_of_autoevals(tmp_path: Path) -> None:
    """A function of the user's own, and JSONEqual, are scored without autoevals."""
    (tmp_path / "mine.py").write_text("def f(output): return 1")
    program = (
        "import sys\n"
        "from bt_cli.scoring.build import *\n"
        "build_scorers(parse_specs(['mine.py:f', 'JSONEqual']), [], lambda: None, Models())\n"
        "assert not {'autoevals', 'jsonschema', 'yaml', 'asyncio'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

"""``--score SPEC``: what each form means, and how a mistake in one is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.errors import UsageError
from bt_cli.scoring.build import parse_specs
from bt_cli.scoring.spec import parse_spec

FORMS: list[tuple[str, tuple[str, str, str, dict[str, Any]]]] = [
    ("Factuality", ("Factuality", "Factuality", "builtin", {})),
    (" factuality ", ("factuality", "Factuality", "builtin", {})),
    ("LEVENSHTEINSCORER", ("LEVENSHTEINSCORER", "Levenshtein", "builtin", {})),
    ("facts=Factuality", ("facts", "Factuality", "builtin", {})),
    ("is it so? = Factuality", ("is it so?", "Factuality", "builtin", {})),
    (
        'Factuality(model="a=b", use_cot=False)',
        ("Factuality", "Factuality", "builtin", {"model": "a=b", "use_cot": False}),
    ),
    ('f=Factuality(model="gpt")', ("f", "Factuality", "builtin", {"model": "gpt"})),
    (
        'ValidJSON(schema={"a": [true, false, null, -1]})',
        ("ValidJSON", "ValidJSON", "builtin", {"schema": {"a": [True, False, None, -1]}}),
    ),
    ("ValidJSON()", ("ValidJSON", "ValidJSON", "builtin", {})),
    ('ClosedQA(criteria="(brief)")', ("ClosedQA", "ClosedQA", "builtin", {"criteria": "(brief)"})),
    ("scorers.py:polite", ("polite", "scorers.py:polite", "python", {})),
    ("a/b (copy)/scorers.py:polite(limit=3)", ("polite", "a/b (copy)/scorers.py:polite", "python", {"limit": 3})),
    ("C:\\x\\scorers.py:polite", ("polite", "C:\\x\\scorers.py:polite", "python", {})),
    ("mine=pkg.scorers:Polite", ("mine", "pkg.scorers:Polite", "python", {})),
    ("prompts.yaml", ("prompts", "prompts.yaml", "classifier", {})),
    ("dir/tone.yml:polite", ("polite", "dir/tone.yml:polite", "classifier", {})),
    ('tone.yaml:polite(model="m")', ("polite", "tone.yaml:polite", "classifier", {"model": "m"})),
    ("tone=prompts.json", ("tone", "prompts.json", "classifier", {})),
]
MISTAKES = [
    ("", "no scorer is named", "write NAME"),
    ("=Factuality", "there is no name before '='", "ALIAS=SPEC"),
    ("(x=1)", "no scorer is named", None),
    ("Factualty", "no scorer is called 'Factualty'", "did you mean Factuality?"),
    ("zzzzzz", "no scorer is called 'zzzzzz'", "bt score --list"),
    ("Factuality(modle='x')", "Factuality has no argument 'modle'", "did you mean model?"),
    ("ExactMatch(model='x')", "ExactMatch has no argument 'model'", "there is output, expected"),
    ("Factuality(model=gpt)", "at character 18: model is no literal", "put text in quotes"),
    ("f=Factuality(model='é', temperature=warm)", "at character 37: temperature is no literal", None),
    ("Factuality('gpt')", "at character 12: an argument has no name", "key=value"),
    ("Factuality(**{})", "at character 12: ** cannot be used", None),
    ("Factuality(model='x)", "not a call: unterminated string literal", None),
    ("Factuality(model=)", "not a call", None),
    ("Factuality(model='a', model='b')", "at character 23: model is given twice", None),
    ("Factuality()(x=1)", "not one call", None),
    ("Factuality(\n'x')", "an argument has no name", None),
    ("Factuality(a=\n)", "not a call", None),
    ("Factuality(x='\0')", "not a call", None),
    (f"Factuality(x={'-' * 100_000}1)", "not a call", None),
    ("scorers.py", "no function of scorers.py is named", "write scorers.py:FUNCTION"),
    ("scorers.py:", "'' is no name of a function", None),
    ("pkg:not-a-name", "'not-a-name' is no name of a function", None),
    (":polite", "is no name of a function", None),
]


@pytest.mark.parametrize(("text", "meant"), FORMS, ids=[text for text, _ in FORMS])
def test_form(text: str, meant: tuple[str, str, str, dict[str, Any]]) -> None:
    """A SPEC names a scorer, where it comes from, and its arguments."""
    spec = parse_spec(text)
    assert (spec.name, spec.target, spec.kind, spec.arguments) == meant


@pytest.mark.parametrize(("text", "told", "hint"), MISTAKES, ids=[repr(text[:40]) for text, _, _ in MISTAKES])
def test_mistake(text: str, told: str, hint: str | None) -> None:
    """A mistake is told with its place, and with what was probably meant."""
    with pytest.raises(UsageError) as caught:
        parse_spec(text)
    assert told in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("ExactMatch", False),
        ("JSONEqual", False),
        ("Factuality", True),
        ("EmbeddingSimilarity", True),
        ("Moderation", True),
        ("a.yaml", True),
        ("a.py:f", False),
    ],
)
def test_who_asks_a_judge(text: str, judged: bool) -> None:
    """Whether a judge is needed is known before anything is loaded."""
    assert parse_spec(text).judged is judged


@given(st.text(alphabet="Factuality(=\"':,.py){}[]*-1 \n\\é", max_size=30))
def test_any_text_is_a_spec_or_a_mistake(text: str) -> None:
    """Whatever is written, it names a scorer or is told to be a mistake."""
    for one in (text, f"Factuality({text})", f"a.py:f({text})"):
        try:
            assert parse_spec(one).name
        except UsageError as error:
            assert error.message.startswith("--score")


def test_odd_escape_is_kept() -> None:
    """A backslash before another character is that character's, without a warning."""
    assert parse_spec(r'ClosedQA(criteria="\d \w")').arguments == {"criteria": r"\d \w"}


def test_two_scorers_of_one_name() -> None:
    """Two scores cannot have one key; the hint shows how to name one of them."""
    with pytest.raises(UsageError, match="two scorers are called f") as caught:
        parse_specs(["f=ExactMatch", "a.py:f"])
    assert "other=a.py:f" in (caught.value.hint or "")


def test_one_scorer_under_two_names() -> None:
    """A scorer can be used twice, with other arguments."""
    specs = parse_specs(["ExactMatch", "again=ExactMatch"])
    assert [spec.name for spec in specs] == ["ExactMatch", "again"]


def test_the_hint_for_a_second_name_replaces_the_first() -> None:
    """ALIAS stands once before a SPEC."""
    with pytest.raises(UsageError) as caught:
        parse_specs(["f=Factuality", "f=ExactMatch"])
    assert caught.value.hint == "name one of them: --score 'other=ExactMatch'"

"""Prompts in YAML files: what they ask, what they need, and mistakes in them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bt_cli.errors import UsageError
from bt_cli.scoring.base import Missing, Value
from bt_cli.scoring.build import Models
from builders import row
from seats import FakeJudge, case, in_trace, one, run, scorer

TONE = """
    prompt: |-
      Is this polite? {{output}}
    choice_scores:
      "Yes": 1
      "No": 0
      Unsure: null
"""
TWO = """
    tone:
      prompt: "Polite? {{output}}"
      choice_scores: {a: 1}
      model: own-judge
      use_cot: false
      temperature: 0.1
    grammar: {prompt: "Good? {{output}}", choice_scores: {a: 0.5}}
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a YAML file and gives its path."""

    def write(text: str, name: str = "tone.yaml") -> str:
        (tmp_path / name).write_text(dedent(text))
        return str(tmp_path / name)

    return write


def asked(path: str, prompt: str, on: Any, *score_map: str) -> str:
    """The question that a prompt comes to for a case, without what autoevals adds."""
    Path(path).write_text(f"prompt: |-\n  {prompt}\nchoice_scores: {{C: 1}}\n")
    judge = FakeJudge()
    assert run(scorer(path, *score_map, judge=judge), on) == [Value(1.0, {"choice": "C", "rationale": "because"})]
    return judge.prompt().partition("\nAnswer the question")[0]


def test_prompt_of_a_file(written: Any) -> None:
    """A file of one prompt is a scorer under the file's name; a null choice is no opinion."""
    path = written(TONE)
    for choice, score in (("Yes", 1), ("No", 0), ("Unsure", None)):
        judge = FakeJudge(select_choice={"reasons": "r", "choice": choice})
        built = scorer(path, judge=judge)
        assert run(built, case(output="Hello!")) == [Value(score, {"choice": choice, "rationale": "r"})]
        assert built.name == "tone"
        assert judge.prompt().startswith("Is this polite? Hello!\nAnswer the question")


def test_one_of_several_prompts(written: Any) -> None:
    """Of several prompts in a file one is named, with its own model and parameters."""
    judge = FakeJudge(select_choice={"choice": "a"})
    assert one(f"{written(TWO)}:tone", case(output="x"), judge=judge) == Value(1.0, {"choice": "a"})
    request = judge.requests()[0]
    assert (request["model"], request["temperature"]) == ("own-judge", 0.1)
    assert "reasons" not in request["tools"][0]["function"]["parameters"]["properties"]


def test_arguments_of_the_spec_win(written: Any) -> None:
    """What a SPEC sets stands before the file."""
    judge = FakeJudge(select_choice={"choice": "a"})
    one(f'{written(TWO)}:tone(model="other", temperature=1)', case(output="x"), judge=judge)
    assert (judge.requests()[0]["model"], judge.requests()[0]["temperature"]) == ("other", 1)


def test_only_prompt_under_a_name(written: Any) -> None:
    """A file with one named prompt needs no name."""
    path = written("tone: {prompt: 'x {{output}}', choice_scores: {C: 1}}")
    assert one(path, case(output="x"), judge=FakeJudge()).score == 1


def test_fingerprint_is_of_prompt_and_model(written: Any) -> None:
    """Another prompt, choice or model is another scorer; the path of the file is none."""
    first = scorer(written(TONE)).fingerprint
    assert scorer(written(TONE, "b.yaml")).fingerprint == first
    changed = [TONE.replace("polite", "kind"), TONE.replace('"No": 0', '"No": 0.1'), TONE + "    use_cot: false\n"]
    digits = {scorer(written(text)).fingerprint for text in changed}
    path = written(TONE)
    digits |= {scorer(path, models=Models("judge-2")).fingerprint, scorer(f"{path}(temperature=0)").fingerprint}
    assert len(digits | {first}) == 6


def test_values_in_a_prompt(written: Any) -> None:
    """Values stand in a prompt as text or JSON, never as Python writes them, and are not templates themselves."""
    path = written("")
    on = case(output={"a": [True, None]}, input="<{{expected}}>", expected=False)
    assert asked(path, "{{output}} {{{input}}} {{expected}}", on) == '{"a":[true,null]} <{{expected}}> false'


def test_messages_in_a_prompt(written: Any) -> None:
    """Chat messages are what they say."""
    on = case(input=[{"role": "user", "content": "Where?"}], output=[{"role": "assistant", "content": "Here."}])
    assert asked(written(""), "{{input}} {{output}}", on) == "Where? Here."


def test_members_in_a_prompt(written: Any) -> None:
    """A prompt can name members of a value, and repeat a part for each item of a list."""
    on = case(output={"say": {"it": 5}, "ok": True, "no": False}, metadata={"docs": [{"t": "a"}, {"t": "b"}]})
    prompt = "{{output.say.it}} {{output.ok}}{{#output.no}}!{{/output.no}} {{#metadata.docs}}<{{t}}>{{/metadata.docs}} {{output}}"
    assert asked(written(""), prompt, on) == '5 true <a><b> {"say":{"it":5},"ok":true,"no":false}'


def test_item_of_a_list(written: Any) -> None:
    """A number names an item."""
    assert asked(written(""), "{{output.1}}", case(output=["a", "b"])) == "b"


@pytest.mark.parametrize(
    ("prompt", "fields", "missing"),
    [
        ("{{output}} {{expected}}", {"output": "x"}, ("expected",)),
        ("{{metadata.user.name}}", {"metadata": {"user": {}}}, ("metadata.user.name",)),
        ("{{metadata.user.name}}", {"metadata": {"user": "x"}}, ("metadata.user.name",)),
        ("{{output.3}}", {"output": ["x"]}, ("output.3",)),
        ("{{rubric}}", {"output": "x"}, ("rubric",)),
        ("{{thread}}", {}, ("thread",)),
    ],
)
def test_variable_that_a_case_lacks(
    written: Any, prompt: str, fields: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """A case without a variable of the prompt is skipped, and no judge is asked about an empty text."""
    judge = FakeJudge()
    path = written(f"prompt: '{prompt}'\nchoice_scores: {{C: 1}}")
    assert run(scorer(path, judge=judge), case(**fields)) == Missing(missing)
    assert judge.requests() == []


def test_variable_of_a_section_may_be_absent(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What only stands in a section is left out where it is absent, without a word on standard error."""
    prompt = "{{output}}{{#expected}} ({{expected}}){{/expected}}{{#metadata.a.b}}{{metadata.a.c}}{{/metadata.a.b}}{{^metadata.a.b}}-{{/metadata.a.b}}"
    assert asked(written(""), prompt, case(output="x")) == "x-"
    assert asked(written(""), prompt, case(output="x", expected="y", metadata={"a": {"b": 1}})) == "x (y)"
    assert asked(written(""), prompt, case(output="x", metadata={"a": "text"})) == "x-"
    assert capsys.readouterr() == ("", "")


def test_variable_of_the_metadata(written: Any) -> None:
    """Other names are looked for in the metadata, or come from a mapping."""
    on = case(output="x", input={"q": "why"}, metadata={"rubric": "kind"})
    assert asked(written(""), "{{rubric}} {{question}}", on, "question=input.q") == "kind why"


def test_mapped_variable_with_members(written: Any) -> None:
    """A mapping may lead to what a prompt then opens; the metadata can be mapped too."""
    on = case(output={"answer": {"text": "a"}}, metadata={"m": {"k": "v"}})
    assert (
        asked(written(""), "{{output.text}} {{metadata.k}}", on, "output=output.answer", "metadata=metadata.m") == "a v"
    )


def test_metadata_is_the_apps(written: Any) -> None:
    """What scoring added to the metadata is not in the prompt, nor among the arguments."""
    added = row(
        "s", "root", span_attributes='{"name":"f","type":"score","purpose":"scorer"}', metadata='{"choice":"A"}'
    )
    on = in_trace(row("root", metadata='{"k":1,"f":{"choice":"A"}}'), added)
    assert asked(written(""), "{{metadata}}", on) == '{"k":1}'


THREAD = [
    row("root", span_attributes='{"name":"chat"}', input='"?"'),
    row(
        "one",
        "root",
        span_attributes='{"type":"llm"}',
        input='[{"role":"system","content":"S"},{"role":"user","content":"Hi"}]',
        output='[{"role":"assistant","content":"Hello"}]',
    ),
    row(
        "two",
        "root",
        span_attributes='{"type":"llm"}',
        input='[{"role":"system","content":"S"},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Bye"}]',
        output='[{"role":"assistant","content":"Ciao"}]',
    ),
]
VARIABLES = [
    ("{{thread}}", "User:\n  Hi\n\nAssistant:\n  Hello\n\nUser:\n  Bye\n\nAssistant:\n  Ciao"),
    ("{{thread_count}} {{first_message}} {{last_message}}", "4 user: Hi assistant: Ciao"),
    (
        "{{thread_with_system}}",
        "System:\n  S\n\nUser:\n  Hi\n\nAssistant:\n  Hello\n\nUser:\n  Bye\n\nAssistant:\n  Ciao",
    ),
    (
        "{{user_messages}} / {{assistant_messages}}",
        "User:\n  Hi\n\nUser:\n  Bye / Assistant:\n  Hello\n\nAssistant:\n  Ciao",
    ),
    ("{{#human_ai_pairs}}[{{human.content}}|{{assistant.content}}]{{/human_ai_pairs}}", "[Hi|Hello][Bye|Ciao]"),
    ("{{#thread}}{{content}};{{/thread}}", "Hi;Hello;Bye;Ciao;"),
]


@pytest.mark.parametrize(("prompt", "text"), VARIABLES)
def test_conversation_in_a_prompt(written: Any, prompt: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The variables that autoevals makes of a trace are filled from the calls of models in it."""
    assert asked(written(""), prompt, in_trace(*THREAD)) == text
    assert capsys.readouterr() == ("", "")


def test_conversation_is_an_argument(written: Any) -> None:
    """What was said is part of what the scorer is given, so that a longer conversation is scored again."""
    built = scorer(written("prompt: '{{thread_count}}'\nchoice_scores: {C: 1}"))
    given = built.arguments(in_trace(*THREAD))
    assert isinstance(given, dict)
    assert [one["content"] for one in given["thread"]] == ["S", "Hi", "Hello", "Bye", "Ciao"]
    assert built.fields == {"input", "output", "span_attributes", "metrics"}


MISTAKES: list[tuple[str, str, str | None]] = [
    ("prompt: [", "tone.yaml:1: not YAML", None),
    ("a: b: c", "tone.yaml:1: not YAML: mapping values are not allowed here", None),
    ("", "it holds no prompt", "write prompt:"),
    ("- 1", "it holds no prompt", None),
    ("prompt: x", "it has no choice_scores", None),
    ("prompt: ''\nchoice_scores: {a: 1}", "it has no prompt", None),
    ("choice_scores: {a: 1}", "it has no prompt", None),
    ("prompt: 5\nchoice_scores: {a: 1}", "prompt must be str, not int", None),
    ("prompt: x\nchoice_scores: [a]", "choice_scores must be dict, not list", None),
    ("prompt: x\nchoice_scores: {a: 2}", "the score of 'a' must be from 0 to 1, or null", None),
    ("prompt: x\nchoice_scores: {a: yes}", "the score of 'a' must be from 0 to 1", None),
    ("prompt: x\nchoice_scores: {Yes: 1}", "YAML reads a bare Yes", 'quote it: "Yes": 1'),
    ("prompt: x\nchoice_scores: {a: 1}\nmodle: m", "it has a key 'modle'", "did you mean model?"),
    ("prompt: x\nchoice_scores: {a: 1}\nmax_tokens: true", "max_tokens must be int, not bool", None),
    ("a: {prompt: x, choice_scores: {a: 1}}\nb: {prompt: x}", "it has 2 prompts", "name one: "),
    ("prompt: '{{#a}}x'\nchoice_scores: {a: 1}", "the prompt of tone: ", None),
    ("prompt: '{{a'\nchoice_scores: {a: 1}", "the prompt of tone: ", None),
    ("prompt: '{{trace}}'\nchoice_scores: {a: 1}", "{{trace}} cannot be a variable", None),
    ("prompt: '{{>part}}'\nchoice_scores: {a: 1}", "{{>part}} would read a file", None),
]


@pytest.mark.parametrize(("text", "told", "hint"), MISTAKES)
def test_mistake_in_a_file(written: Any, text: str, told: str, hint: str | None) -> None:
    """A mistake in a file ends the run before its first case, and says where it is."""
    with pytest.raises(UsageError) as caught:
        scorer(written(text))
    assert told in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "told", "hint"),
    [
        (":tne", "it has no prompt called 'tne'", "did you mean tone?"),
        (":a(modle='x')", "a prompt has no argument 'modle'", "did you mean model?"),
        (":tone(modle='x')", "a prompt has no argument 'modle'", "did you mean model?"),
    ],
)
def test_mistake_in_a_spec(written: Any, name: str, told: str, hint: str) -> None:
    """A prompt or an argument that is not there is told with the nearest."""
    text = TWO.replace("grammar", "a")
    with pytest.raises(UsageError) as caught:
        scorer(written(text) + name)
    assert told in caught.value.message
    assert hint in (caught.value.hint or "")


def test_name_in_a_file_of_one_prompt(written: Any) -> None:
    """A file whose prompt has no name cannot be asked for one."""
    with pytest.raises(UsageError, match="it has no prompt called 'x'"):
        scorer(f"{written(TONE)}:x")


def test_part_that_is_no_mapping(written: Any) -> None:
    """A named part must be a prompt with its choices."""
    with pytest.raises(UsageError, match="it is no mapping"):
        scorer(f"{written('a: 5')}:a")


def test_file_that_is_not_there() -> None:
    """A missing file is named."""
    with pytest.raises(UsageError, match=r"absent.yaml cannot be read: No such file"):
        scorer("absent.yaml")


def test_no_model(written: Any) -> None:
    """A prompt asks a judge, for which a model must be named somewhere."""
    with pytest.raises(UsageError, match="tone asks a judge, and no model is set"):
        scorer(written(TONE), models=Models())
    assert scorer(f'{written(TONE)}(model="m")', models=Models()).judged


def test_choices_in_a_call_are_checked() -> None:
    """LLMClassifier in the call form is checked like a file."""
    with pytest.raises(UsageError, match="the score of 'a' must be from 0 to 1"):
        scorer('LLMClassifier(prompt="x", choice_scores={"a": 7})')
    with pytest.raises(UsageError, match="it has no prompt"):
        scorer("LLMClassifier")

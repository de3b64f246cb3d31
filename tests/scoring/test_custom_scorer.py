"""Scorers of the user's own: what they are given, what they may say, and what goes wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bt_cli.scoring.base import Case, Missing, Value
from builders import row
from seats import case, in_trace, one, run, scorer

RETURNS: list[tuple[str, float | None, dict[str, Any]]] = [
    ("1", 1.0, {}),
    ("0.25", 0.25, {}),
    ("True", 1.0, {}),
    ("False", 0.0, {}),
    ("None", None, {}),
    ("{'score': 0.5}", 0.5, {}),
    ("{'score': None, 'metadata': {'why': ('a', 1)}}", None, {"why": ["a", 1]}),
    ("{'score': 1, 'name': 'other'}", 1.0, {}),
    ("Score(name='other', score=0.5, metadata={'a': 1})", 0.5, {"a": 1}),
    (
        "Score(name='x', score=1, metadata={'inner': Score(name='y', score=0)})",
        1.0,
        {"inner": {"name": "y", "score": 0, "metadata": {}}},
    ),
    ("numpy.float64(0.5)", 0.5, {}),
    ("numpy.int64(1)", 1.0, {}),
    (
        "{'score': 1, 'metadata': {'n': numpy.float32(0.5), 'v': numpy.array([1, 2]), 'x': float('nan'), 's': {1}, 'p': Path('a'), 2: 'k'}}",
        1.0,
        {"n": 0.5, "v": [1, 2], "x": None, "s": [1], "p": "a", "2": "k"},
    ),
    ("{'score': 1, 'metadata': {'half': 'a\\ud83d', 'big': 10**30}}", 1.0, {"half": "a\ufffd", "big": 10**30}),
    ("{'score': 1, 'metadata': {'yes': True, 'nothing': None}}", 1.0, {"yes": True, "nothing": None}),
]
BAD = [
    ("float('nan')", "not a number"),
    ("1.5", "1.5 is not from 0 to 1"),
    ("-1", "-1 is not from 0 to 1"),
    ("float('inf')", "inf is not from 0 to 1"),
    ("10**400", "is not from 0 to 1"),
    ("'good'", "must be a number from 0 to 1, true, false or none, not str 'good'"),
    ("'x' * 100", "…"),
    ("{'value': 1}", "keys score, name and metadata, not value"),
    ("{'score': 1, 'reason': 'x'}", "not score, reason"),
    ("{'score': 'good'}", "must be a number"),
    ("{'score': 1, 'metadata': 'x'}", "metadata must be a dict, not str"),
    ("[1, 0]", "2 of 2 scores in a list have no name"),
    ("[{'score': 1, 'name': 'a'}, {'score': 0, 'name': 'a'}]", "the same name"),
    ("print", "must be a number"),
    ("Failed()", "it broke"),
    ("1 / 0", "division by zero"),
]
HEAD = """
import numpy
from pathlib import Path
from autoevals import Score
class Failed:
    score, metadata, error = None, None, "it broke"
"""


@pytest.mark.parametrize(("returned", "score", "metadata"), RETURNS)
def test_what_a_function_may_return(written: Any, returned: str, score: float | None, metadata: dict[str, Any]) -> None:
    """Numbers, truth values, nothing, dicts and Scores are scores; their metadata becomes plain JSON."""
    file = written(f"{HEAD}\ndef f(output): return {returned}")
    value = one(f"{file}:f", case(output="x"))
    assert value == Value(score, metadata)
    assert value.score is None or type(value.score) is float


@pytest.mark.parametrize(("returned", "told"), BAD)
def test_what_is_no_score(written: Any, returned: str, told: str) -> None:
    """Anything else is an error of its case."""
    file = written(f"{HEAD}\ndef f(output): return {returned}")
    with pytest.raises((ValueError, TypeError, ArithmeticError)) as caught:
        one(f"{file}:f", case(output="x"))
    assert told in str(caught.value)


def test_several_scores(written: Any) -> None:
    """A list says several things, each under its own name."""
    file = written("def f(output): return [{'score': 1, 'name': 'a'}, {'score': None, 'name': 'b'}]")
    assert run(scorer(f"{file}:f"), case(output="x")) == [Value(1.0, {}, "a"), Value(None, {}, "b")]


def test_function_gets_what_it_names(written: Any) -> None:
    """Only the parameters that it names, decoded."""
    file = written("def f(tags, metadata, *, input, output, expected=None): return {'score': 1, 'metadata': locals()}")
    given = {"input": [1], "output": {"a": "é"}, "metadata": {"m": 1}, "tags": ["t"]}
    assert one(f"{file}:f", case(**given)).metadata == {**given, "expected": None}


def test_function_that_takes_all(written: Any) -> None:
    """Of a function with ``**``, everything that there is."""
    file = written("def f(**given): return {'score': 1, 'metadata': {'names': sorted(given)}}")
    assert one(f"{file}:f", case(input="x", output="y")).metadata["names"] == ["input", "output", "span", "trace"]


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        ("expected", ("expected",)),
        ("output, expected", ("expected",)),
        ("expected=None", None),
        ("metadata, tags", None),
    ],
)
def test_parameter_that_a_case_lacks(written: Any, parameters: str, missing: tuple[str, ...] | None) -> None:
    """A case without a value for a parameter is skipped, unless the parameter has a default."""
    file = written(f"def f({parameters}): return 1")
    found = run(scorer(f"{file}:f"), case(output="x"))
    assert found == (Missing(missing) if missing else [Value(1.0)])


def test_metadata_that_is_not_there_is_empty(written: Any) -> None:
    """A function may look into metadata and tags without asking whether there are any."""
    file = written("def f(metadata, tags): return metadata.get('x', 0.5) if not tags else 0")
    assert one(f"{file}:f", case(output="x")).score == 0.5


def test_function_cannot_change_the_case(written: Any) -> None:
    """What a scorer does to its arguments is seen by no other, and not in what is stored of them."""
    file = written("def f(output, metadata):\n output.clear(); metadata['x'] = 1; return 1")
    on = case(output=[1, 2])
    built = scorer(f"{file}:f")
    given = built.arguments(on)
    assert isinstance(given, dict)
    built.score(on, given)
    assert (given, built.arguments(on)) == ({"output": [1, 2], "metadata": {}},) * 2


def test_parameter_by_a_rule(written: Any) -> None:
    """Other parameters come from a mapping."""
    file = written("def f(output, truth): return output == truth")
    value = run(scorer(f"{file}:f", "f.truth=metadata.gold"), case(output="x", metadata={"gold": "x"}))
    assert value == [Value(1.0)]


def test_argument_of_the_spec(written: Any) -> None:
    """Parameters can be set in the call form."""
    file = written("def f(output, longest=1): return len(output) <= longest")
    assert [one(spec, case(output="abc")).score for spec in (f"{file}:f", f"{file}:f(longest=3)")] == [0, 1]


def test_argument_of_a_function_that_takes_all(written: Any) -> None:
    """A function with ``**`` takes every argument of its SPEC."""
    file = written("def f(output, **rest): return rest['least'] < len(output)")
    assert one(f"{file}:f(least=2)", case(output="abc")).score == 1


def test_rule_of_a_function_that_takes_all(written: Any) -> None:
    """A function with ``**`` is also given what a rule of its own names."""
    file = written("def f(**rest): return rest['gold'] == rest['output']")
    assert run(scorer(f"{file}:f", "f.gold=metadata.g"), case(output="x", metadata={"g": "x"})) == [Value(1.0)]


def test_async_function(written: Any) -> None:
    """An ``async`` function is awaited, on one loop whoever asks, and runs beside others as judged scorers do."""
    file = written(
        "import asyncio\nasync def f(output):\n await asyncio.sleep(0)\n return {'score': 1, 'metadata': {'loop': id(asyncio.get_running_loop())}}"
    )
    built = scorer(f"{file}:f")
    first, second = run(built, case(output="x")), run(built, case(output="y"))
    assert first == second
    assert built.waits and not built.judged


def test_class_and_object(written: Any) -> None:
    """A class is made with the arguments of the SPEC; an object is called, or its ``eval`` is."""
    file = written(
        """
        from autoevals import Score, Scorer
        class Longer:
            def __init__(self, than=0): self.than = than
            def __call__(self, output): return len(output) > self.than
        class Own(Scorer):
            def _run_eval_sync(self, output, expected=None, **rest):
                return Score(name="own", score=0.5, metadata={"given": sorted(rest)})
        longer = Longer(5)
        """
    )
    on = case(output="abc", input="?")
    assert [one(f"{file}:{spec}", on).score for spec in ("Longer(than=2)", "Longer(than=3)", "longer", "Own")] == [
        1,
        0,
        0,
        0.5,
    ]
    assert one(f"{file}:Own", on).metadata == {"given": ["input", "span", "trace"]}


def test_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``MODULE:FUNCTION`` is imported, also from the current folder."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "our_scorers_1.py").write_text("def f(output): return 1")
    assert one("our_scorers_1:f", case(output="x")).score == 1


def test_source_is_in_the_fingerprint(written: Any, tmp_path: Path) -> None:
    """Any change of the file is another scorer; so is another function or argument."""
    (tmp_path / "b").mkdir()
    source = "LIMIT = 1\ndef f(output, x=1): return LIMIT\ndef g(output): return 1\n"
    first, same, other = (
        written(source),
        written(source, "b/same.py"),
        written(source.replace("= 1", "= 2"), "other.py"),
    )
    digits = [
        scorer(f"{spec}").fingerprint
        for spec in (f"{first}:f", f"{same}:f", f"{other}:f", f"{first}:g", f"{first}:f(x=2)")
    ]
    assert digits[0] == digits[1]
    assert len(set(digits)) == 4


SPANS = (
    "def f(span, trace): return {'score': 1, 'metadata': {'span': span, 'spans': trace.spans, 'thread': trace.thread}}"
)


def scored_trace(**changed: str) -> Case:
    """A root with a model call, which was scored before by ``f``."""
    fields = {"input": '"?"', "output": '"!"', "scores": '{"mine":1}', "metadata": '{"user":1}', **changed}
    root = row("root", span_attributes='{"name":"answer"}', **fields)
    llm = row("llm", "root", span_attributes='{"type":"llm"}', input='[{"role":"user","content":"hi"}]', output='"yes"')
    return in_trace(root, llm)


def test_span_and_trace(written: Any) -> None:
    """A function may ask for the whole span and its trace, decoded; what is stored of them is a digest."""
    built = scorer(f"{written(SPANS)}:f")
    on = scored_trace()
    given = built.arguments(on)
    assert isinstance(given, dict)
    assert set(given["span"]) == {"span_id", "digest"}
    assert {**given["trace"], "digest": ""} == {"root_span_id": "a", "spans": 2, "digest": ""}
    (value,) = built.score(on, given)
    assert value.metadata["span"]["metadata"] == {"user": 1}
    assert [one["span_id"] for one in value.metadata["spans"]] == ["root", "llm"]
    assert value.metadata["thread"] == [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]


def test_trace_as_in_the_sdk(written: Any) -> None:
    """The trace has the methods of Braintrust's SDK, for ``async`` functions."""
    file = written(
        """
        async def f(trace):
            llm, every = await trace.get_spans(span_type=["llm"]), await trace.get_spans()
            return {"score": 1, "metadata": {"llm": len(llm), "all": len(every), "said": len(await trace.get_thread())}}
        """
    )
    assert run(scorer(f"{file}:f"), scored_trace()) == [Value(1.0, {"llm": 1, "all": 2, "said": 2})]


def test_other_trace_is_another_argument(written: Any) -> None:
    """A change anywhere in the trace is seen in what stands for it."""
    built = scorer(f"{written(SPANS)}:f")
    assert built.arguments(scored_trace()) == built.arguments(scored_trace())
    assert built.arguments(scored_trace()) != built.arguments(scored_trace(output='"?!"'))


@pytest.mark.parametrize("parameters", ["metadata", "span", "trace", "metadata, span, trace"])
def test_scoring_does_not_change_its_own_arguments(written: Any, parameters: str) -> None:
    """After a run the same arguments are found, though its results are in the trace now."""
    built = scorer(f"{written(f'def f({parameters}): return 1')}:f")
    before = scored_trace()
    noted = (
        '{"user":1,"f":{"choice":"A","own":2},"Facts":{"why":"x"},"scorer_errors":{"Facts":null},"bt_scores":{"g":1}}'
    )
    after = scored_trace(metadata=noted.replace(',"own":2', ""), scores='{"mine":1,"f":0.5,"Facts":1,"g":1}')
    attributes = '{"name":"%s","type":"score","purpose":"scorer"}'
    added = [
        row("s1", "root", span_attributes=attributes % "f", metadata='{"choice":"A","fingerprint":"1","trials":[1]}'),
        row("s2", "root", span_attributes=attributes % "Facts", metadata='{"why":"x"}'),
        row("s3", "root", span_attributes=attributes % "g"),
        row("j", "s2", span_attributes='{"name":"Chat Completion","type":"llm","purpose":"scorer"}', input='"?"'),
    ]
    assert built.arguments(in_trace(*after.trace, *added)) == built.arguments(before)
    kept = in_trace(*scored_trace(metadata=noted, scores='{"mine":1}').trace, *added)
    if parameters == "metadata":
        assert built.arguments(kept) == {"metadata": {"user": 1, "f": {"own": 2}}}


@pytest.mark.parametrize("metadata", [None, "{}"])
@pytest.mark.parametrize("parameters", ["metadata", "trace", "**rest"])
def test_nothing_stays_nothing(written: Any, metadata: str | None, parameters: str) -> None:
    """A span without metadata and scores has none after scoring either."""
    built = scorer(f"{written(f'def f({parameters}): return 1')}:f")
    added = row("s", "root", span_attributes='{"name":"f","type":"score","purpose":"scorer"}', metadata='{"a":1}')
    before = row("root", output='"x"', metadata=metadata)
    after = row("root", output='"x"', metadata='{"f":{"a":1}}', scores='{"f":1}')
    assert built.arguments(in_trace(before)) == built.arguments(in_trace(after, added))


def test_fields_that_are_read(written: Any) -> None:
    """What has to be read of a trace follows from the parameters."""
    file = written("def f(output): ...\ndef g(metadata): ...\ndef h(trace): ...")
    assert scorer(f"{file}:f").fields == {"output"}
    assert scorer(f"{file}:g").fields == {"metadata", "span_attributes"}
    assert scorer(f"{file}:h").fields >= {"input", "output", "metrics", "error"}

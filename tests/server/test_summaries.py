"""Summaries, threads, links and what the server lacks, over rows that came by /logs3."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

Json = dict[str, Any]


def opened(client: httpx.Client, name: str, **more: Any) -> str:
    """The id of a new experiment of project p, made at least a millisecond after all before it."""
    body = {"project_name": "p", "experiment_name": name, **more}
    answer = client.post("/api/experiment/register", json=body)
    assert answer.status_code == 200, answer.text
    made = answer.json()["experiment"]
    while datetime.now(UTC).isoformat(timespec="milliseconds")[:23] <= made["created"][:23]:
        pass
    return str(made["id"])


def log(client: httpx.Client, *rows: Json) -> None:
    answer = client.post("/logs3", json={"rows": rows, "api_version": 2})
    assert answer.status_code == 200, answer.text


def evaluated(client: httpx.Client, experiment: str, scores: Sequence[float | None], seconds: float = 1.0) -> None:
    """Rows as an Eval writes them: a root for each case, and a scorer's span below it with the score."""
    for case, score in enumerate(scores):
        root = f"{experiment[:8]}-{case}"
        head = {"experiment_id": experiment, "root_span_id": root, "created": "2026-01-01T00:00:00Z"}
        log(
            client,
            {
                **head,
                "id": root,
                "span_id": root,
                "span_parents": None,
                "input": {"question": case},
                "span_attributes": {"type": "eval"},
                "metrics": {"start": 100.0, "end": 100.0 + seconds},
            },
            {
                **head,
                "id": f"{root}-llm",
                "span_id": f"{root}-llm",
                "span_parents": [root],
                "span_attributes": {"type": "llm"},
                "metrics": {"prompt_tokens": 20, "completion_tokens": 5, "tokens": 25},
            },
            {
                **head,
                "id": f"{root}-score",
                "span_id": f"{root}-score",
                "span_parents": [root],
                "span_attributes": {"type": "score", "purpose": "scorer"},
                "scores": {"acc": score},
            },
        )


def test_experiment_alone(client: httpx.Client) -> None:
    """Scores are taken from all spans of a trace; without another experiment there is no difference."""
    one = opened(client, "one")
    evaluated(client, one, [1.0, 0.5])
    summary = client.get(f"/v1/experiment/{one}/summarize", params={"summarize_scores": "true"}).json()
    assert summary == {
        "project_name": "p",
        "experiment_name": "one",
        "project_url": "http://127.0.0.1:8765/app/bt/p/p",
        "experiment_url": "http://127.0.0.1:8765/app/bt/p/p/experiments/one",
        "comparison_experiment_name": None,
        "scores": {"acc": {"name": "acc", "score": 0.75, "improvements": 0, "regressions": 0}},
        "metrics": {
            "duration": {"name": "duration", "metric": 1.0, "unit": "s", "improvements": 0, "regressions": 0},
            "total_tokens": {
                "name": "total_tokens",
                "metric": 25.0,
                "unit": "tok",
                "improvements": 0,
                "regressions": 0,
            },
        },
    }


def test_scores_are_left_out_unless_asked_for(client: httpx.Client) -> None:
    """Without summarize_scores both are null."""
    one = opened(client, "one")
    evaluated(client, one, [1.0])
    summary = client.get(f"/v1/experiment/{one}/summarize").json()
    assert summary["scores"] is None and summary["metrics"] is None


def test_experiment_beside_the_one_before(client: httpx.Client) -> None:
    """Cases with the same input are compared: the mean difference, and how many are better and worse."""
    evaluated(client, opened(client, "one"), [0.0, 0.5, 1.0], seconds=2.0)
    two = opened(client, "two")
    evaluated(client, two, [1.0, 0.25, 1.0], seconds=1.0)
    summary = client.get(f"/v1/experiment/{two}/summarize", params={"summarize_scores": "true"}).json()
    assert summary["comparison_experiment_name"] == "one"
    assert summary["scores"]["acc"] == {"name": "acc", "score": 0.75, "diff": 0.25, "improvements": 1, "regressions": 1}
    duration = summary["metrics"]["duration"]
    assert (duration["metric"], duration["diff"]) == (1.0, -1.0)
    assert (duration["improvements"], duration["regressions"]) == (3, 0)


def test_base_comes_before_the_newest(client: httpx.Client) -> None:
    """A base experiment is taken before the newest; one that a request names before both."""
    one = opened(client, "one")
    two = opened(client, "two")
    three = opened(client, "three", base_experiment="one")

    def compared_with(**parameters: str) -> str | None:
        answer = client.get(f"/v1/experiment/{three}/summarize", params=parameters)
        name: str | None = answer.json()["comparison_experiment_name"]
        return name

    assert compared_with() == "one"
    assert compared_with(comparison_experiment_id=two) == "two"
    assert client.post("/api/base_experiment/get_id", json={"id": three}).json()["base_exp_id"] == one


def test_experiment_without_rows(client: httpx.Client) -> None:
    """An empty experiment has no scores, and compares with one that has some."""
    evaluated(client, opened(client, "one"), [1.0])
    two = opened(client, "two")
    summary = client.get(f"/v1/experiment/{two}/summarize", params={"summarize_scores": "true"}).json()
    assert (summary["scores"], summary["metrics"]) == ({}, {})


def test_score_that_is_null_everywhere(client: httpx.Client) -> None:
    """A score that no trace has a value of is left out: clients take it for a number."""
    one = opened(client, "one")
    evaluated(client, one, [None, None])
    assert client.get("/experiment-comparison2", params={"experiment_id": one}).json()["scores"] == {}


def test_comparison_alone(client: httpx.Client) -> None:
    """Older SDKs ask for scores and metrics alone, beside the experiment that they name."""
    one, two = opened(client, "one"), opened(client, "two")
    evaluated(client, one, [0.5])
    evaluated(client, two, [1.0])
    asked = {"experiment_id": two, "base_experiment_id": one}
    found = client.get("/experiment-comparison2", params=asked).json()
    assert set(found) == {"scores", "metrics"}
    assert found["scores"]["acc"]["diff"] == 0.5
    assert client.get("/experiment-comparison2").status_code == 400


def test_dataset_is_counted(client: httpx.Client) -> None:
    """A dataset's records are counted, in the shapes of both kinds of SDK."""
    body = {"project_name": "p", "dataset_name": "d"}
    dataset = client.post("/api/dataset/register", json=body).json()["dataset"]["id"]
    log(client, *({"id": str(number), "dataset_id": dataset, "input": number} for number in range(3)))
    assert client.get("/dataset-summary", params={"dataset_id": dataset}).json() == {"total_records": 3}
    summary = client.get(f"/v1/dataset/{dataset}/summarize", params={"summarize_data": "true"}).json()
    assert summary == {
        "project_name": "p",
        "dataset_name": "d",
        "project_url": "http://127.0.0.1:8765/app/bt/p/p",
        "dataset_url": "http://127.0.0.1:8765/app/bt/p/p/datasets/d",
        "data_summary": {"total_records": 3},
    }


def test_thread_of_a_trace(client: httpx.Client) -> None:
    """bt view thread asks a function for the messages of a trace; no other function is run."""
    one = opened(client, "one")
    row = {
        "experiment_id": one,
        "id": "r",
        "span_id": "r",
        "root_span_id": "t",
        "span_attributes": {"type": "llm"},
        "input": [{"role": "user", "content": "Hello"}],
        "output": [{"message": {"role": "assistant", "content": "Hi"}}],
    }
    log(client, row)
    asked = {
        "function_type": "preprocessor",
        "global_function": "project_default",
        "input": {"trace_ref": {"object_type": "experiment", "object_id": one, "root_span_id": "t"}},
        "mode": "json",
    }
    said = client.post("/function/invoke", json=asked).json()
    assert said == [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]
    assert client.post("/function/invoke", json={"slug": "f", "input": {}}).status_code == 501
    wrong = {**asked, "input": {"trace_ref": {"object_type": "dataset", "object_id": one, "root_span_id": "t"}}}
    assert client.post("/function/invoke", json=wrong).status_code == 400


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/app/bt/p/p%20q", "bt projects view 'p q'"),
        ("/app/bt/p/p/datasets/d", "bt projects view p"),
        ("/app/bt/p/p%2Fq/logs?oid=row", "bt view trace row -p p/q"),
        ("/app/bt/p/p%20q/logs", "bt view logs -p 'p q'"),
        ("/app/bt/p/p/logs?oid=row", "bt view trace row -p p"),
        ("/app/bt/p/p/experiments/exp%20two%2F%C2%B1", "bt summary 'experiment:exp two/±' -p p"),
        ("/app/bt/object?object_type=experiment&object_id={id}&id=row", "bt view trace row -p p --experiment one"),
    ],
)
def test_links_say_what_shows_it(client: httpx.Client, path: str, command: str) -> None:
    """The links that SDKs print lead to plain text with the command that shows what they mean."""
    page = client.get(path.replace("{id}", opened(client, "one")))
    assert page.headers["content-type"].startswith("text/plain")
    assert command in page.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/otel/v1/logs", 501),
        ("POST", "/v1/dataset_snapshot", 501),
        ("POST", "/api/dataset_snapshot/register", 501),
        ("POST", "/v1/dataset/x/restore/preview", 501),
        ("POST", "/v1/prompt", 501),
        ("POST", "/insert-functions", 501),
        ("GET", "/environment-object/prompt/x/production", 404),
    ],
)
def test_what_is_lacking_is_said(client: httpx.Client, method: str, path: str, status: int) -> None:
    """What Braintrust has and this server has not is refused with a sentence, before a body is looked at."""
    answer = client.request(method, path, content=b"\x0a\x00")
    assert answer.status_code == status and answer.json()["Message"]


@pytest.mark.parametrize("path", ["/v1/prompt", "/v1/function", "/v1/dataset_snapshot", "/environment"])
def test_lists_of_what_is_lacking_are_empty(client: httpx.Client, path: str) -> None:
    """There are no prompts, functions, snapshots and environments."""
    assert client.get(path, params={"project_name": "p"}).json() == {"objects": []}


def test_account(client: httpx.Client) -> None:
    """Version, user, keys of model providers, and the last transaction, which grows with writes."""
    assert client.get("/version").json().items() >= {"logs3_payload_max_bytes": 64 << 20, "bt_spans": 1}.items()
    assert client.get("/ping").json() == client.post("/api/ping").json()
    assert client.post("/api/ai_secret/get", json={"org_id": "x"}).json() == []
    before = int(client.get("/xact-id").text)
    evaluated(client, opened(client, "one"), [1.0])
    assert int(client.get("/xact-id").text) > before >= 0x0DE1 << 48

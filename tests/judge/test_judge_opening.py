"""What a judge needs before the first row: a model, a key that is meant for it, prices for a cost limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bt_cli.errors import BtError, CredentialsError, LimitError, UsageError
from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import choose, request

Open = Callable[..., OpenAIJudge]
FAR = "https://judge.example/v1"


def test_model_of_the_environment(opened: Open, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    """BT_JUDGE_MODEL names the model, and a flag outranks it."""
    monkeypatch.setenv("BT_JUDGE_MODEL", "from-environment")
    opened(model=None)
    opened(model="from-flag")
    assert [line.split()[1] for line in said] == ["from-environment", "from-flag"]


def test_no_model_is_needed(opened: Open, judge_server: JudgeServer) -> None:
    """Where each scorer names its own model, the judge needs none, and a request without one is a usage error."""
    judge = opened(model=None)
    assert choose(judge, model="mine") == "C"
    with pytest.raises(UsageError):
        judge.complete({**request(), "model": None})
    assert judge_server.stats["requests"] == 1


def test_no_key(opened: Open) -> None:
    """A server elsewhere needs a key, before anything is asked."""
    with pytest.raises(CredentialsError) as caught:
        opened(base_url=FAR)
    assert "BT_JUDGE_API_KEY" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["BT_JUDGE_API_KEY", "MY_KEY"])
def test_key_for_a_server_elsewhere(opened: Open, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The judge's own variable, or the one that the settings name, holds the key."""
    monkeypatch.setenv("BT_JUDGE_API_KEY_ENV", "MY_KEY")
    monkeypatch.setenv(name, "sk")
    opened(base_url=FAR)


@pytest.mark.parametrize(
    ("url", "open_to_it"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://named.example/v1", True),
        (FAR, False),
        ("https://openai.com.example/v1", False),
        ("https://127.0.0.1.example/v1", False),
        ("http://127.0.0.1:9/v1", True),
    ],
)
def test_who_gets_the_openai_key(opened: Open, monkeypatch: pytest.MonkeyPatch, url: str, open_to_it: bool) -> None:
    """OPENAI_API_KEY goes to OpenAI and to the place that OPENAI_BASE_URL names, to nobody else."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://named.example/v1/")
    try:
        opened(base_url=url)
        opens = True
    except CredentialsError:
        opens = False
    assert opens == open_to_it


def test_braintrust_key_is_never_used(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """BRAINTRUST_API_KEY is no key for a judge."""
    monkeypatch.setenv("BRAINTRUST_API_KEY", "sk")
    with pytest.raises(CredentialsError):
        opened(base_url=None)


def test_default_is_openai(opened: Open, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    """Without an address, OpenAI itself is asked."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    opened(base_url=None)
    assert said == ["Judge: m at https://api.openai.com/v1"]


@pytest.mark.parametrize("key", ["sk\n2", "schlüssel"])
def test_key_that_no_header_can_carry(opened: Open, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """A key with odd characters is refused without being shown."""
    monkeypatch.setenv("BT_JUDGE_API_KEY", key)
    with pytest.raises(CredentialsError) as caught:
        opened()
    assert key not in caught.value.message


@pytest.mark.parametrize(
    "url", ["judge.example/v1", "ftp://judge.example", "http://", "http://[", "https://me:hush@judge.example/v1"]
)
def test_address_that_does_not_work(opened: Open, url: str) -> None:
    """An address is http or https, has a host, and holds no password."""
    with pytest.raises(UsageError) as caught:
        opened(base_url=url)
    assert "hush" not in caught.value.message


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"timeout": 0.0}])
def test_number_that_does_not_work(opened: Open, options: dict[str, Any]) -> None:
    """No calls at once, or no time for one, is a usage error."""
    with pytest.raises(UsageError):
        opened(**options)


def prices(content: object) -> str:
    Path("prices.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return "prices.json"


def test_cost_by_prices(opened: Open) -> None:
    """USD per million tokens; cached ones have their own price and are part of the prompt's."""
    judge = opened(prices=prices({"m": {"prompt": 1.0, "completion": 10.0, "cached": 0.5}}))
    with judge.recording(0) as calls:
        choose(judge)
    metrics = calls[0].metrics
    expected = (metrics["prompt_tokens"] - 2) * 1 + 2 * 0.5 + metrics["completion_tokens"] * 10
    assert calls[0].cost == pytest.approx(expected / 1e6)
    assert judge.totals.cost == pytest.approx(expected / 1e6)


def test_cost_that_the_reply_says(opened: Open, judge_server: JudgeServer) -> None:
    """Without prices, the cost in the reply counts; without that it is unknown, not 0."""
    judge_server.script(usage_extra={"cost": 0.25})
    judge = opened()
    choose(judge, "one")
    judge_server.script(usage_extra={})
    choose(judge, "two")
    assert (judge.totals.cost, judge.totals.unpriced) == (0.25, 1)


def test_max_cost(opened: Open, judge_server: JudgeServer) -> None:
    """Once the money is spent, no call is begun; the run ends."""
    judge = opened(prices=prices({"m": {"prompt": 1e6, "completion": 0}}), max_cost=1.0)
    choose(judge, "one")
    with pytest.raises(LimitError, match="--max-cost is \\$1"):
        choose(judge, "two")
    assert judge_server.stats["requests"] == 1


def test_max_cost_needs_prices(opened: Open) -> None:
    """A limit that cannot be kept is a usage error, at the start or when another model is asked."""
    with pytest.raises(UsageError, match="needs the price of m"):
        opened(max_cost=1.0)
    judge = opened(max_cost=1.0, prices=prices({"m": {"prompt": 1}}))
    with pytest.raises(UsageError, match="needs the price of other"):
        choose(judge, model="other")


@pytest.mark.parametrize("content", ["{", "[]", {"m": 3}, {"m": {"prompt": "1"}}, {"m": {"prompt": 1, "inputs": 2}}])
def test_prices_that_do_not_work(opened: Open, content: object) -> None:
    """A file of another shape is a usage error that names it."""
    with pytest.raises(UsageError) as caught:
        opened(prices=prices(content))
    assert caught.value.file == "prices.json"


def test_prices_that_are_not_there(opened: Open) -> None:
    """A missing file is a usage error."""
    with pytest.raises(BtError, match="cannot be read"):
        opened(prices="none.json")

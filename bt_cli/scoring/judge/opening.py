"""Opening a judge: flags over settings, and everything that can be refused before the first row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from msgspec.structs import replace

from bt_cli.errors import CredentialsError, UsageError
from bt_cli.http import HttpClient, check_address
from bt_cli.scoring.judge.asking import Limits, Line
from bt_cli.scoring.judge.budget import Budget
from bt_cli.scoring.judge.cache import Cache
from bt_cli.scoring.judge.clock import Clock, Patience
from bt_cli.scoring.judge.judge import OpenAIJudge, no_price
from bt_cli.scoring.judge.limiter import Limiter
from bt_cli.scoring.judge.options import Api, JudgeOptions, Mode
from bt_cli.scoring.judge.pace import Pace
from bt_cli.scoring.judge.prices import Prices, read_prices
from bt_cli.settings import Settings, is_loopback, judge_key

Say = Callable[[str], None]


def open_judge(
    options: JudgeOptions,
    settings: Settings,
    say: Say,
    stop: Callable[[], int] = lambda: 0,
    clock: Clock | None = None,
) -> OpenAIJudge:
    """The judge that flags and settings name; which one is told through ``say``.

    ``stop`` returns the number of the signal that wants the run to end, or 0: waiting calls then raise
    Interrupted, calls in flight end as they would. Nothing is asked yet. Raises UsageError for options
    that do not work, CredentialsError without a key for a server that is not on this machine.
    """
    options = _filled(options, settings)
    where = str(options.base_url)
    check_address(where)
    _check(options)
    prices = _prices(options)
    key = _key(options, settings, where)
    patience = Patience(clock or Clock(), stop)
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    http = HttpClient(where, headers, timeout=options.timeout)
    line = Line(
        http,
        where,
        key,
        Limits(options.retries, options.max_wait),
        patience,
        Budget(options.max_cost, options.max_tokens),
    )
    limiter = Limiter(Pace(options.rpm, options.tpm), patience, options.concurrency)
    say(_introduction(options, where))
    return OpenAIJudge(options, line, limiter, _cache(options, say), prices, say)


def _filled(options: JudgeOptions, settings: Settings) -> JudgeOptions:
    """The options, with the settings where no flag was given."""
    return replace(
        options,
        model=options.model or settings.judge_model,
        embedding_model=options.embedding_model or settings.judge_embedding_model,
        base_url=(options.base_url or settings.judge_base_url).rstrip("/"),
        api=_one_of("judge_api", options.api or settings.judge_api, get_args(Api)),
        mode=_one_of("judge_mode", options.mode or settings.judge_mode, get_args(Mode)),
        cache=options.cache or settings.judge_cache,
    )


def _one_of(name: str, value: str | None, known: tuple[str, ...]) -> Any:
    if value is None or value in known:
        return value
    raise UsageError(f"{name} is {value}, not one of {', '.join(known)}", code=name)


def _check(options: JudgeOptions) -> None:
    if options.cache_only and not options.use_cache:
        raise UsageError("--cache-only and --no-cache exclude each other", code="judge_cache")
    for name, value in (("concurrency", options.concurrency), ("judge-timeout", options.timeout)):
        if value <= 0:
            raise UsageError(f"--{name} must be above 0", code=name)


def _prices(options: JudgeOptions) -> Prices:
    prices = read_prices(options.prices) if options.prices else {}
    unknown = [one for one in (options.model, options.embedding_model) if one and one not in prices]
    if options.max_cost is not None and (unknown or not prices):
        raise no_price(unknown[0] if unknown else "the model")
    return prices


def _key(options: JudgeOptions, settings: Settings, where: str) -> str | None:
    key = judge_key(settings, where)
    if key is None and not options.cache_only and not is_loopback(where):
        hint = "set BT_JUDGE_API_KEY; OPENAI_API_KEY is only used for OpenAI and the place OPENAI_BASE_URL names"
        raise CredentialsError(f"there is no key for the judge at {where}", hint=hint, code="no_judge_key")
    if key and not (key.isascii() and key.isprintable()):
        raise CredentialsError("the judge's key holds characters that no key has", code="judge_key")
    return key


def _cache(options: JudgeOptions, say: Say) -> Cache | None:
    if not options.use_cache:
        return None
    cache = Cache(str(options.cache), say)
    if options.cache_only and not cache.usable:
        raise UsageError(f"--cache-only needs a cache, and {options.cache} is none", code="judge_cache")
    return cache


def _introduction(options: JudgeOptions, where: str) -> str:
    named = f"{options.model} at {where}" if options.model else where
    return f"Judge: {named}, from the cache only" if options.cache_only else f"Judge: {named}"

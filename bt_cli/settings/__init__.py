"""What applies to a run: the only reader of the environment and of `bt.toml`.

Each value comes from the first of: a flag, ``BT_*``, ``BRAINTRUST_*``, the ``bt.toml`` of the nearest
parent folder, ``$XDG_CONFIG_HOME/bt/bt.toml``, a default. Of ``BRAINTRUST_*`` only the project counts
for every store; the rest counts for a Braintrust store only, so that a key lying around in the
environment never causes an upload. For the judge of scores, ``OPENAI_BASE_URL`` stands where
``BRAINTRUST_*`` does for a store.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bt_cli.errors import CredentialsError, UsageError

KEYS = (
    "store",
    "project",
    "experiment",
    "api_url",
    "app_url",
    "org_name",
    "api_key_env",
    "judge_model",
    "judge_embedding_model",
    "judge_base_url",
    "judge_api",
    "judge_mode",
    "judge_cache",
    "judge_api_key_env",
)
"""What a `bt.toml` may say; all are strings."""

OPENAI_URL = "https://api.openai.com/v1"
"""Where a judge is asked unless another place is named."""

BRAINTRUST = {
    "project": "BRAINTRUST_DEFAULT_PROJECT",
    "api_url": "BRAINTRUST_API_URL",
    "app_url": "BRAINTRUST_APP_URL",
    "org_name": "BRAINTRUST_ORG_NAME",
}

BRAINTRUST_API = "https://api.braintrust.dev"
BRAINTRUST_APP = "https://www.braintrust.dev"
_RETRIES = 7
"""How often a request to a Braintrust store is repeated, unless ``BRAINTRUST_NUM_RETRIES`` says."""

_SECRETS = ("api_key", "key", "token", "secret", "password")
_FILE = "bt.toml"

Environment = Mapping[str, str]
Found = tuple[str, str]
"""A value and where it came from."""


class Settings(NamedTuple):
    """What applies to this run, and in ``origin`` where each value came from (a flag, a variable, a file)."""

    store: str
    project: str
    experiment: str | None
    api_url: str | None
    app_url: str | None
    org_name: str | None
    api_key_env: str
    """The name of the variable that holds the API key; the key itself is never kept here."""
    api_key_present: bool
    judge_model: str | None
    judge_embedding_model: str | None
    judge_base_url: str
    judge_api: str | None
    judge_mode: str | None
    judge_cache: str
    judge_api_key_env: str | None
    """The name of the variable that holds the judge's key; see `judge_key`."""
    judge_key_present: bool
    origin: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The kind of store: ``sqlite``, ``memory``, ``braintrust``, ``clickhouse`` or ``chdb``."""
        return store_kind(self.store)

    @property
    def path(self) -> Path | None:
        """The file of a SQLite store; None for every other store."""
        return store_path(self.store)


class Given(NamedTuple):
    """What a program says of a Braintrust store itself; each wins over what the environment and files say of it."""

    api_key: str | None = None
    app_url: str | None = None
    org_name: str | None = None
    retries: int | None = None
    """How often a request is repeated."""
    batch_rows: int | None = None
    """The most rows of a request."""
    most_bytes: int | None = None
    """The most bytes of a request; a longer row goes alone."""


NOTHING_GIVEN = Given()


class Terminal(NamedTuple):
    """What the environment says about terminals; whether a stream is one, the console asks the stream."""

    color: bool | None = None
    """Wanted (``FORCE_COLOR``), unwanted (``NO_COLOR``, ``TERM=dumb``), or not said."""
    columns: int | None = None
    home: str = ""


def load_settings(
    flags: Mapping[str, str | None], environment: Environment | None = None, folder: Path | None = None
) -> Settings:
    """The settings of a run in ``folder`` (default: the working directory).

    ``flags`` has the values given on the command line by key. Raises UsageError for a `bt.toml` that
    can't be read, has an unknown key, or holds a secret.
    """
    environment = os.environ if environment is None else environment
    named = [_from_flags(flags), _from_environment(environment)]
    default_project = environment.get(BRAINTRUST["project"])
    braintrust = {"project": (default_project, BRAINTRUST["project"])} if default_project else {}
    openai_url = environment.get("OPENAI_BASE_URL")
    openai = {"judge_base_url": (openai_url, "OPENAI_BASE_URL")} if openai_url else {}
    files = [_from_file(path) for path in _config_files(environment, folder)]
    found = _first_of([*named, braintrust, openai, *files, _defaults(environment)])
    if store_kind(found["store"][0]) == "braintrust":
        found = _first_of([*named, _from_braintrust(environment), openai, *files, found])
    return _settings(found, environment)


def judge_key(settings: Settings, base_url: str, environment: Environment | None = None) -> str | None:
    """The key with which a judge at ``base_url`` is asked; None where there is none for it.

    From ``BT_JUDGE_API_KEY``, else the variable that the settings name, else ``OPENAI_API_KEY``, which goes
    only to OpenAI itself, to the place that ``OPENAI_BASE_URL`` names, and to this machine: a key that lies
    around is not shown to a host that it was not made for.
    """
    environment = os.environ if environment is None else environment
    named = environment.get(settings.judge_api_key_env or "")
    key = environment.get("BT_JUDGE_API_KEY") or named
    if not key and _is_openai(base_url, environment):
        key = environment.get("OPENAI_API_KEY")
    return key.strip() or None if key else None


def store_settings(url: str, given: Given = NOTHING_GIVEN) -> Settings:
    """The settings for the Braintrust store at ``url``. Raises UsageError, as `load_settings` does."""
    return load_settings({"store": url, "app_url": given.app_url, "org_name": given.org_name})


def store_key(settings: Settings, environment: Environment | None = None, given: Given = NOTHING_GIVEN) -> str | None:
    """The API key for a Braintrust store: the one given, else from the variable that the settings name; None for none.

    Raises CredentialsError for what no header can hold.
    """
    key = given.api_key or variable(settings.api_key_env, environment)
    if key is not None and not (key.isascii() and key.isprintable()):
        place = "the program gives" if given.api_key else f"{settings.api_key_env} holds"
        message = f"what {place} is no API key: it has characters that no key has"
        raise CredentialsError(message, hint="copy the key anew", code="key_refused")
    return key


def store_app_url(settings: Settings) -> str:
    """Where a Braintrust store is logged in to and looked at: the app that belongs to the API at its URL.

    The setting, else Braintrust's own for its API, else the same host. A variable that is set for an SDK must
    not lead a key or rows from one place to another: ``BRAINTRUST_APP_URL`` counts only where neither it nor
    the store is on this machine, whose servers are their own apps.
    """
    named = settings.app_url
    if named and (settings.origin.get("app_url") != BRAINTRUST["app_url"] or not _is_any_loopback(settings, named)):
        return named.rstrip("/")
    return BRAINTRUST_APP if is_braintrust(settings.store) else settings.store.rstrip("/")


def _is_any_loopback(settings: Settings, app_url: str) -> bool:
    return is_loopback(settings.store) or is_loopback(app_url)


def is_braintrust(url: str) -> bool:
    """Whether a URL means the API that Braintrust itself runs, which says at login where an organisation's data lie."""
    return _host(url) == _host(BRAINTRUST_API)


def store_retries(environment: Environment | None = None, given: Given = NOTHING_GIVEN) -> int:
    """How often a request to a Braintrust store is repeated. Raises UsageError for what is no number."""
    if given.retries is not None:
        return given.retries
    environment = os.environ if environment is None else environment
    named = environment.get("BRAINTRUST_NUM_RETRIES", "").strip()
    if named and not named.isdecimal():
        raise UsageError(f"BRAINTRUST_NUM_RETRIES is no number: {named}", hint="as in 5", code="config")
    return int(named) if named else _RETRIES


def variable(name: str, environment: Environment | None = None) -> str | None:
    """What a variable that the user has named holds, as a secret does; None where it is not set or empty."""
    environment = os.environ if environment is None else environment
    return environment.get(name, "").strip() or None


def is_loopback(url: str) -> bool:
    """Whether a URL means this machine."""
    host = _host(url)
    is_127 = host.startswith("127.") and host.replace(".", "").isdigit()
    return is_127 or host in ("localhost", "::1") or host.endswith(".localhost")


def proxy_of(url: str, environment: Environment | None = None) -> str | None:
    """The proxy for a URL, by ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``; none for this machine."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    environment = os.environ if environment is None else environment
    names = [
        name
        for scheme in (url.partition(":")[0].lower(), "all")
        for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")
    ]
    proxy = next((environment[name] for name in names if environment.get(name)), None)
    spared = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if is_loopback(url) or (proxy and proxy_bypass_environment(_host(url), {"no": spared})):
        return None
    return proxy


def _host(url: str) -> str:
    """The host of a URL in lower case; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_openai(url: str, environment: Environment) -> bool:
    host = _host(url)
    named = environment.get("OPENAI_BASE_URL", "").rstrip("/")
    return host == "openai.com" or host.endswith(".openai.com") or is_loopback(url) or url.rstrip("/") == named


def load_terminal(environment: Environment | None = None) -> Terminal:
    """What the environment says about colour and width (``NO_COLOR``, ``FORCE_COLOR``, ``TERM``, ``COLUMNS``)."""
    environment = os.environ if environment is None else environment
    color = None
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        color = False
    elif environment.get("FORCE_COLOR"):
        color = True
    columns = environment.get("COLUMNS", "")
    return Terminal(color, int(columns) if columns.isdecimal() and int(columns) else None, environment.get("HOME", ""))


def store_kind(store: str) -> str:
    """Which kind of store a ``--store`` value names."""
    scheme = store.partition("://")[0].lower() if "://" in store else ""
    if scheme in ("http", "https"):
        return "braintrust"
    if scheme.startswith("clickhouse"):
        return "clickhouse"
    if scheme == "chdb":
        return "chdb"
    return "memory" if store.removeprefix("sqlite:") == ":memory:" else "sqlite"


def store_path(store: str) -> Path | None:
    """The file that a ``--store`` value names, ``~`` expanded; None unless it is a SQLite file."""
    if store_kind(store) != "sqlite":
        return None
    text = store.removeprefix("sqlite:")
    return Path(text.removeprefix("//")).expanduser()


def _settings(found: Mapping[str, Found], environment: Environment) -> Settings:
    values = {key: found[key][0] if key in found else None for key in KEYS}
    key_env = values["api_key_env"] or ""
    settings = Settings(
        store=values["store"] or "",
        project=values["project"] or "",
        experiment=values["experiment"],
        api_url=values["api_url"],
        app_url=values["app_url"],
        org_name=values["org_name"],
        api_key_env=key_env,
        api_key_present=bool(environment.get(key_env)),
        judge_model=values["judge_model"],
        judge_embedding_model=values["judge_embedding_model"],
        judge_base_url=values["judge_base_url"] or "",
        judge_api=values["judge_api"],
        judge_mode=values["judge_mode"],
        judge_cache=values["judge_cache"] or "",
        judge_api_key_env=values["judge_api_key_env"],
        judge_key_present=False,
        origin={key: origin for key, (_, origin) in found.items()},
    )
    present = judge_key(settings, settings.judge_base_url, environment) is not None
    return settings._replace(judge_key_present=present)


def _first_of(sources: list[dict[str, Found]]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for source in reversed(sources):
        found.update(source)
    return found


def _from_flags(flags: Mapping[str, str | None]) -> dict[str, Found]:
    return {key: (value, f"--{key.replace('_', '-')}") for key, value in flags.items() if value}


def _from_environment(environment: Environment) -> dict[str, Found]:
    names = {key: f"BT_{key.upper()}" for key in KEYS}
    return {key: (environment[name], name) for key, name in names.items() if environment.get(name)}


def _from_braintrust(environment: Environment) -> dict[str, Found]:
    return {key: (environment[name], name) for key, name in BRAINTRUST.items() if environment.get(name)}


def _defaults(environment: Environment) -> dict[str, Found]:
    store = _base_folder(environment, "XDG_DATA_HOME", ".local/share") / "bt" / "spans.db"
    cache = _base_folder(environment, "XDG_CACHE_HOME", ".cache") / "bt" / "judge.db"
    values = {
        "store": str(store),
        "project": "default",
        "api_key_env": "BRAINTRUST_API_KEY",
        "judge_base_url": OPENAI_URL,
        "judge_cache": str(cache),
    }
    return {key: (value, "default") for key, value in values.items()}


def _base_folder(environment: Environment, name: str, below_home: str) -> Path:
    """An XDG folder; a relative value is ignored, as its specification says."""
    value = Path(environment.get(name, ""))
    return value if value.is_absolute() else Path(environment.get("HOME") or "~").expanduser() / below_home


def _config_files(environment: Environment, folder: Path | None) -> Iterator[Path]:
    """The files that exist, the most important first."""
    nearest = _nearest(folder)
    if nearest:
        yield nearest
    user = _base_folder(environment, "XDG_CONFIG_HOME", ".config") / "bt" / _FILE
    if user != nearest and user.is_file():
        yield user


def _nearest(folder: Path | None) -> Path | None:
    try:
        folder = folder or Path.cwd()
    except FileNotFoundError:  # the working directory was removed
        return None
    return next((path for one in (folder, *folder.parents) if (path := one / _FILE).is_file()), None)


def _from_file(path: Path) -> dict[str, Found]:
    content = _parse(path)
    for key, value in content.items():
        _check(key, value, path)
    return {key: (_anchored(key, str(value), path.parent), str(path)) for key, value in content.items() if value}


def _parse(path: Path) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", code="config", file=str(path)) from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {error}", code="config", file=str(path)) from error


def _check(key: str, value: object, path: Path) -> None:
    if key.lower().endswith(_SECRETS) and key not in KEYS:
        raise UsageError(
            f"{path} holds a secret: {key}",
            hint='name the variable that holds it instead: api_key_env = "NAME"',
            code="config",
            file=str(path),
        )
    if key not in KEYS:
        raise UsageError(f"{path} has an unknown key: {key}", hint=_nearest_key(key), code="config", file=str(path))
    if not isinstance(value, str):
        raise UsageError(f'{path}: {key} must be text, as in {key} = "…"', code="config", file=str(path))


def _nearest_key(key: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, KEYS, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known keys: {', '.join(KEYS)}"


def _anchored(key: str, value: str, folder: Path) -> str:
    """The path of a store or cache in a file is relative to that file, wherever the command runs."""
    path = Path(value).expanduser() if key == "judge_cache" else store_path(value) if key == "store" else None
    return value if path is None or path.is_absolute() else str(folder / path)


def step_summary(environment: Environment | None = None) -> str | None:
    """The file that GitHub Actions shows as the summary of a step, as an absolute path; None elsewhere."""
    environment = os.environ if environment is None else environment
    named = environment.get("GITHUB_STEP_SUMMARY")
    return os.path.abspath(named) if named else None

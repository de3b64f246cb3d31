"""A deployment of Braintrust's API: logged in to, and asked what it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import Struct

from bt_cli.errors import CredentialsError, NotFoundError, UsageError
from bt_cli.http import HttpClient, Reply, Request
from bt_cli.settings import (
    NOTHING_GIVEN,
    Given,
    Settings,
    is_braintrust,
    is_loopback,
    store_app_url,
    store_key,
    store_retries,
    store_settings,
)
from bt_cli.spans.container import Container
from bt_cli.stores.braintrust.api import Api, Refused

ANSWER_SECONDS = 60.0
"""What one answer may take."""
MOST_BYTES = 256 << 20
"""A page of rows may be long."""
_OPENING_RETRIES = 2
"""A wrong address should not be waited for."""
CLIENT = {"x-bt-client": "bt-spans/1", "user-agent": "bt-spans"}


class _Organisation(Struct):
    id: str
    name: str
    api_url: str | None = None


class _Login(Struct):
    org_info: list[_Organisation]


class _Version(Struct):
    logs3_payload_max_bytes: Any = None
    bt_spans: Any = None


_logins = msgspec.json.Decoder(_Login)
_versions = msgspec.json.Decoder(_Version)


class Deployment(NamedTuple):
    """Where rows go and come from."""

    api: Api
    org_id: str
    org_name: str
    app_url: str
    is_ours: bool
    """It is a ``bt serve``, which tells more than Braintrust's API does."""
    most_bytes: int | None
    """The longest body of ``/logs3``, where the server says so; overflow is possible then."""
    given: Given = NOTHING_GIVEN
    """What the program says of it."""

    @property
    def pages_url(self) -> str:
        """Below which people look at all of it in a browser."""
        return f"{self.app_url}/app/{quote(self.org_name, safe='')}"

    def link(self, container: Container) -> str:
        """Where people look at a container in a browser."""
        below = {"project_logs": "logs", "experiment": "experiments/", "dataset": "datasets/"}[container.kind]
        name = "" if container.kind == "project_logs" else quote(container.name, safe="")
        project = quote(container.project, safe="")
        return f"{self.pages_url}/p/{project}/{below}{name}"


def connect(url: str, stop: Callable[[], int], given: Given = NOTHING_GIVEN) -> Deployment:
    """Logs in to the deployment whose API is at ``url``; ``given`` is what a program says of it.

    Raises CredentialsError for a key that is missing or refused, UsageError for an address where no such
    API is and for an unknown organisation, NetworkError where nobody answers.
    """
    settings = store_settings(url, given)
    key = store_key(settings, given=given)
    if key is None and not is_loopback(url):
        raise CredentialsError(f"no API key for {url}", hint=f"set {settings.api_key_env} to it", code="no_key")
    headers = {**CLIENT, **({"authorization": f"Bearer {key}"} if key else {})}
    app_url = store_app_url(settings)
    with closing(_client(app_url, headers)) as app:
        organisation = _log_in(Api(app, store_retries(given=given), stop), settings, given)
    named = {**headers, "x-bt-org-name": quote(organisation.name)}
    api = Api(_client(_api_url(settings, organisation), named), store_retries(given=given), stop)
    try:
        version = _version(api)
    except BaseException:
        api.http.close()
        raise
    limit = version.logs3_payload_max_bytes
    most = int(limit) if isinstance(limit, int | float) and limit > 0 else None
    return Deployment(api, organisation.id, organisation.name, app_url, version.bt_spans == 1, most, given)


def _client(url: str, headers: dict[str, str]) -> HttpClient:
    json = {"content-type": "application/json", **headers}
    return HttpClient(url, json, timeout=ANSWER_SECONDS, most_bytes=MOST_BYTES)


def _api_url(settings: Settings, organisation: _Organisation) -> str:
    """The store's URL; behind Braintrust's own, the place where the organisation keeps its data."""
    if not is_braintrust(settings.store):
        return settings.store
    named = settings.api_url
    return named if named and not is_loopback(named) else organisation.api_url or settings.store


def _log_in(api: Api, settings: Settings, given: Given) -> _Organisation:
    answer = api.ask(Request("POST", "/api/apikey/login"), lambda reply: reply.body, _OPENING_RETRIES)
    if isinstance(answer, Refused):
        if answer.status in (401, 403) or (answer.status == 400 and "key" in answer.message.lower()):
            message = f"{api.http.host} refused the API key: {answer.message}"
            source = "given by the program" if given.api_key else f"taken from {settings.api_key_env}"
            raise CredentialsError(message, hint=f"it is {source}", code="key_refused")
        raise _no_api(settings, answer.message)
    try:
        found = _logins.decode(answer[0]).org_info
    except msgspec.DecodeError:
        raise _no_api(settings, "its answer to a login is another one") from None
    wanted = settings.org_name
    for one in found:
        if wanted in (None, one.name):
            return one
    names = ", ".join(one.name for one in found) or "none"
    raise NotFoundError(
        f"there is no organisation {wanted!r} for this key" if wanted else "this key belongs to no organisation",
        hint=f"there are: {names}",
    )


def _version(api: Api) -> _Version:
    """What the server says of itself; one that says nothing has no limits that it would tell."""
    answer = api.ask(Request("GET", "/version"), _read_version, _OPENING_RETRIES)
    return _Version() if isinstance(answer, Refused) else answer[0]


def _read_version(reply: Reply) -> _Version:
    try:
        return _versions.decode(reply.body)
    except msgspec.DecodeError:
        return _Version()


def _no_api(settings: Settings, why: str) -> UsageError:
    return UsageError(
        f"{store_app_url(settings)} does not speak Braintrust's API: {why}",
        hint="the store is the URL of the API, as in https://api.braintrust.dev; app_url names the app beside it",
        code="no_api",
    )

"""Where people look at spans: Braintrust's pages, or those of a ``bt serve`` before a local store."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from bt_cli.errors import BtError
from bt_cli.spans.slugs import decode_slug
from bt_cli.tracing.noop import NOOP_LINK
from bt_cli.tracing.workers import LOCAL_PAGES

if TYPE_CHECKING:
    from bt_cli.tracing.target import Target

_NO_LINK = "https://www.braintrust.dev/error-generating-link?msg="


def permalink(slug: str, org_name: str | None = None, app_url: str | None = None) -> str:
    """A link to the span that a slug names; it works once the span is stored. Never raises.

    The organisation and the app are those of the store that the slug's container is in, unless they are given.
    """
    if not slug:
        return NOOP_LINK
    try:
        return _permalink(slug, org_name, app_url)
    except (BtError, ValueError) as error:
        return f"{_NO_LINK}{quote(str(error), safe='')}"


def _permalink(slug: str, org_name: str | None, app_url: str | None) -> str:
    from bt_cli.tracing.parents import target_of

    components = decode_slug(slug)
    if not components.row_id:
        raise ValueError("Span slug does not refer to an individual row")
    target = target_of(components, None)
    if org_name and app_url:
        pages = f"{app_url}/app/{quote(org_name, safe='')}"
    else:
        pages = target.worker.call(lambda store: store.pages_url) or LOCAL_PAGES
    object_id = components.object_id or target.id_if_known or target.wait().id
    return _by_ids(pages, target.object_type, object_id, components.row_id)


def link_of(target: Target, row_id: str) -> str:
    """A link to a row that can be made without asking anybody."""
    pages = target.worker.pages_url
    if pages is None:
        return f"{_NO_LINK}login-or-provide-org-name"
    if target.id_if_known:
        return _by_ids(pages, target.object_type, target.id_if_known, row_id)
    if target.named:
        project = quote(str(target.named["project_name"]), safe="")
        return f"{pages}/p/{project}/logs?oid={quote(row_id, safe='')}"
    return f"{_NO_LINK}resolve-experiment-id"


def _by_ids(pages: str, object_type: str, object_id: str, row_id: str) -> str:
    return f"{pages}/object?{urlencode({'object_type': object_type, 'object_id': object_id, 'id': row_id})}"

"""Where spans come from: the program (resource) and the instrumentation (scope)."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.span import Origin
from bt_cli.spans import text


def origin_of(resource: dict[str, Any], scope: dict[str, Any]) -> Origin:
    """The origin that ``resource`` and ``scope`` describe.

    Both have ``attributes`` as a plain object and maybe ``droppedAttributesCount``, ``schemaUrl``; the
    scope ``name`` and ``version`` too. ``metadata.otel.resource`` is the attributes alone where that is all.
    """
    members = []
    about: Any = {key: value for key, value in resource.items() if value}
    if about.keys() == {"attributes"}:
        members.append(f'"resource":{text.encode(about["attributes"])}')
    elif about:
        members.append(f'"resource":{text.encode(about.pop("attributes", {}))}')
        members.append(f'"resource_more":{text.encode(about)}')
    within = {key: value for key, value in scope.items() if value}
    if within:
        members.append(f'"scope":{text.encode(within)}')
    name = within.get("name", "")
    return Origin(",".join(members), name if isinstance(name, str) else "")

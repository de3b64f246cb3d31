"""What there is to tell of a store behind Braintrust's API."""

from __future__ import annotations

from bt_cli.stores.braintrust.deployment import connect


def store_info(url: str) -> dict[str, object]:
    """Where it is, whose it is, and what it can do; raises what opening it does."""
    deployment = connect(url.rstrip("/"), lambda: 0)
    deployment.api.http.close()
    return {
        "url": url,
        "app_url": deployment.app_url,
        "organisation": deployment.org_name,
        "server": "bt serve" if deployment.is_ours else "Braintrust",
        "most_bytes": deployment.most_bytes,
        "tells_new_from_changed": deployment.is_ours,
    }

"""Attachments that a program logs with our library, as Braintrust's SDK reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import cast

import pytest

from bt_cli.stores import open_store
from bt_cli.stores.logging import LoggingStore
from bt_cli.tracing.attachments import Attachment
from sdks import Sdk, Served


@pytest.mark.slow
def test_the_sdk_reads_what_a_program_logs(served: Served, sdk_named: Callable[[str], Sdk]) -> None:
    """The reference that stands in our row leads the SDK to the content."""
    logged = Attachment(data="file contents – naïve\n".encode(), filename="note.txt", content_type="text/plain")
    with closing(open_store(served.server.url, "serve")) as store:
        logged.bring(cast("LoggingStore", store))
    said = sdk_named("python").run("read_attachment", json.dumps(logged.reference))
    assert said == {"text": "file contents – naïve\n"}

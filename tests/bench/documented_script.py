"""What Braintrust's documentation tells its users to do with a file of trees, in our own words.

    python tests/bench/documented_script.py traces.jsonl http://127.0.0.1:8000

Each line opens a span, and each child a span in it, through the ``braintrust`` package. The scoring
part of that script is left out. It prints the spans logged and the seconds from the first line to
the end of ``flush()``; the import of the package and the login are not counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def upload_tree(span: Any, node: dict[str, Any]) -> int:
    """Logs a node and what is below it; the number of spans.

    As in the documented script, the parent is rebound in the loop, which hangs each later sibling
    under the one before. `bt` does not do that; here it stands because this is the yardstick.
    """
    span.log(
        input=node.get("input"),
        output=node.get("output"),
        expected=node.get("expected"),
        metadata=node.get("metadata"),
        metrics=node.get("metrics"),
    )
    spans, parent = 1, span
    for child in node.get("children") or []:
        with parent.start_span(name=child["name"]) as parent:
            spans += upload_tree(parent, child)
    return spans


def upload_file(experiment: Any, path: str) -> int:
    """Logs every line of a file; the number of spans."""
    spans = 0
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            with experiment.start_span(name="task") as span:
                spans += upload_tree(span, json.loads(line))
    return spans


def main() -> None:
    """Logs the file that is named to the server that is named."""
    path, url = sys.argv[1:]
    os.environ["BRAINTRUST_APP_URL"] = os.environ["BRAINTRUST_API_URL"] = url
    # The default queue of 25,000 rows drops the oldest ones in silence when the script is ahead.
    os.environ["BRAINTRUST_QUEUE_SIZE"] = "10000000"
    import braintrust

    experiment = braintrust.init(project="bench", experiment="bench", api_key="x")
    braintrust.login(api_key="x")
    started = time.perf_counter()
    spans = upload_file(experiment, path)
    experiment.flush()
    print(json.dumps({"spans": spans, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()

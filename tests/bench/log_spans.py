"""A program that traces itself: python log_spans.py MODULE STORE SPANS

MODULE is `braintrust` or `bt_cli`, STORE what each takes for where spans go. Prints as JSON the seconds
that its own thread needed, and those until everything was stored, both once the store is reached.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from typing import Any


def main(module: str, store: str, spans: int) -> None:
    sdk: Any = importlib.import_module(module)
    if module == "braintrust":
        sdk.init_logger("bench", app_url=store, api_key="any")
    else:
        sdk.init_logger("bench", store=store, api_key="any")
    sdk.start_span(name="first").end()
    sdk.flush()
    began = time.perf_counter()
    for number in range(spans):
        with sdk.start_span(name="call", type="llm", input={"question": "how many", "number": number}) as span:
            span.log(output="the answer is 42", metadata={"model": "m", "number": number}, metrics={"tokens": 12})
    logged = time.perf_counter() - began
    sdk.flush()
    stored = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"logged": logged, "stored": stored, "mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

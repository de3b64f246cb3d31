"""The library for Python programs that trace themselves: spans, as Braintrust's own SDK makes them, into any store.

::

    init_logger, init     starting   a logger or experiment and the worker that writes for it
    traced, start_span    current    what spans begin below: context variables
    Span                  span       one span; validates, turns values into JSON text, collects it in …
                          draft      … the row of a span while it is written, which stands in the queue of …
                          worker     … the one thread that writes; it alone touches …
                          stores     … SQLite, Braintrust's API, or memory (`bt_cli.tracing.testing`)

`bt_cli` gives its names to programs and loads them on first use.
"""

from __future__ import annotations

NAMES = {
    "init_logger": "starting",
    "init": "starting",
    "init_experiment": "starting",
    "Logger": "logger",
    "Experiment": "experiment",
    "ReadonlyExperiment": "reading",
    "ExperimentSummary": "summary",
    "Span": "span",
    "NOOP_SPAN": "noop",
    "start_span": "current",
    "current_span": "current",
    "current_logger": "current",
    "current_experiment": "current",
    "parent_context": "current",
    "log": "current",
    "traced": "traced",
    "update_span": "later",
    "permalink": "links",
    "flush": "state",
    "inject_trace_context": "propagating",
    "extract_trace_context": "propagating",
    "TracedThreadPoolExecutor": "threads",
    "Attachment": "attachments",
    "ExternalAttachment": "attachments",
    "JSONAttachment": "attachments",
    "ReadonlyAttachment": "attachments",
    "wrap_openai": "openai",
}
"""Public name → the module of this folder that has it."""
MODULES = ("testing",)
"""Modules of this folder that are public as such."""

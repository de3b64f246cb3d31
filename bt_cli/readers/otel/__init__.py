"""OpenTelemetry's spans in all the forms that they are written in → nodes.

Each form (``from_json`` …) makes an `OtelSpan`; ``translate`` makes a node of that, with the help of the
dialects, one file each, which know how an instrumentation names things.
"""

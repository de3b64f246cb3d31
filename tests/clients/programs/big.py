"""A span whose output is larger than a request may be: it goes by overflow."""

import json
import sys

import braintrust

project = sys.argv[1]
logger = braintrust.init_logger(project=project)
with logger.start_span(name="big") as span:
    span.log(input="small", output="ü" * 3_000_000)
logger.flush()
print(json.dumps({"row": span.id}))

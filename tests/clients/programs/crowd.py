"""One of many programs that log at once: argument 2 names it, argument 3 says how many traces it logs."""

import sys

import braintrust

project, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
logger = braintrust.init_logger(project=project)
for number in range(count):
    with logger.start_span(name="request", input={"from": name, "number": number}) as root:
        with root.start_span(name="step") as step:
            step.log(output="x" * 500)
        root.log(output={"done": number})
logger.flush()

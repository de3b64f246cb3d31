"""`Eval` with a task that fails once, and two scorers."""

import json
import sys

import braintrust

project = sys.argv[1]


def exact(input, output, expected):
    return 1 if output == expected else 0


def length(input, output, expected):
    return braintrust.Score(name="short", score=0.25, metadata={"letters": len(output)})


def task(input):
    if input == "broken":
        raise ValueError("the task failed")
    return f"Hi {input}"


result = braintrust.Eval(
    project,
    experiment_name="greeting",
    data=lambda: [
        {"input": "Foo", "expected": "Hi Foo", "metadata": {"n": 1}},
        {"input": "Bar", "expected": "Hello Bar", "tags": ["odd"]},
        {"input": "broken", "expected": "-"},
    ],
    task=task,
    scores=[exact, length],
)
print("\n" + json.dumps({"name": result.summary.experiment_name, "exact": result.summary.scores["exact"].score}))

"""`Eval` over the records of a dataset, a scorer that looks at the trace, and the experiment opened again."""

import json
import sys

import braintrust

project = sys.argv[1]
dataset = braintrust.init_dataset(project=project, name="doubles")
for number in range(5):
    dataset.insert(input={"n": number}, expected=number * 2, id=f"d{number}")
dataset.flush()


def same(input, output, expected):
    return 1 if output == expected else 0


async def spans_seen(input, output, expected=None, trace=None):
    return len(await trace.get_spans()) / 10


result = braintrust.Eval(
    project,
    experiment_name="doubling",
    data=braintrust.init_dataset(project=project, name="doubles"),
    task=lambda input: input["n"] * 2,
    scores=[same, spans_seen],
)
opened = braintrust.init(project=project, experiment="doubling", open=True)
roots = [row for row in opened.fetch() if not row["span_parents"]]
again = braintrust.init(project=project, experiment="doubling")
print(
    "\n"
    + json.dumps(
        {
            "scores": {name: one.score for name, one in result.summary.scores.items()},
            "origins": sorted((row["origin"]["object_type"], row["origin"]["id"]) for row in roots),
            "outputs": sorted(row["output"] for row in roots),
            "again": again.name,
        }
    )
)

"""Two experiments, the second compared with the first by `summarize`."""

import json
import sys

import braintrust

project = sys.argv[1]


def run(name, scores, **options):
    experiment = braintrust.init(project=project, experiment=name, **options)
    for case, score in enumerate(scores):
        experiment.log(
            id=f"{name}-{case}", input={"case": case}, output=f"out {case}", expected="out 0", scores={"exact": score}
        )
    return experiment, experiment.summarize()


first, _ = run("first", [1, 0, 0.5], metadata={"model": "a"})
second, summary = run("second", [1, 1, 0.5], base_experiment="first")
again = braintrust.init(project=project, experiment="first", update=True)
print(
    json.dumps(
        {
            "ids": [first.id, second.id, again.id],
            "text": str(summary),
            "compared": summary.comparison_experiment_name,
            "score": summary.scores["exact"].score,
            "diff": summary.scores["exact"].diff,
            "improvements": summary.scores["exact"].improvements,
            "regressions": summary.scores["exact"].regressions,
        }
    )
)

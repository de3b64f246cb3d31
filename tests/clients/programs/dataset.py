"""A dataset: records inserted, changed, deleted, and fetched by another object."""

import json
import sys

import braintrust

project = sys.argv[1]
dataset = braintrust.init_dataset(project=project, name="capitals", description="of countries")
for country, capital in (("France", "Paris"), ("Peru", "Lima"), ("Atlantis", "?")):
    dataset.insert(input={"country": country}, expected=capital, tags=["geo"], metadata={"by": "hand"}, id=country)
dataset.flush()
dataset.update("Peru", expected={"name": "Lima", "since": 1535}, metadata={"checked": True})
dataset.delete("Atlantis")
dataset.flush()
summary = dataset.summarize()
read = braintrust.init_dataset(project=project, name="capitals")
records = list(read.fetch())
print(
    json.dumps(
        {
            "id": dataset.id,
            "total": summary.data_summary.total_records,
            "version": read.version,
            "records": [
                {key: one.get(key) for key in ("id", "input", "expected", "metadata", "tags")} for one in records
            ],
        }
    )
)

// A dataset: records inserted, changed, deleted, and fetched by another object.
import * as braintrust from "braintrust";

const project = process.argv[2];
const dataset = braintrust.initDataset({ project, dataset: "capitals", description: "of countries" });
for (const [country, capital] of [
  ["France", "Paris"],
  ["Peru", "Lima"],
  ["Atlantis", "?"],
]) {
  dataset.insert({ id: country, input: { country }, expected: capital, tags: ["geo"], metadata: { by: "hand" } });
}
await dataset.flush();
dataset.update({ id: "Peru", expected: { name: "Lima", since: 1535 }, metadata: { checked: true } });
dataset.delete("Atlantis");
await dataset.flush();
const summary = await dataset.summarize();
const read = braintrust.initDataset({ project, dataset: "capitals" });
const records = [];
for await (const { id, input, expected, metadata, tags } of read) records.push({ id, input, expected, metadata, tags });
console.log(
  JSON.stringify({
    id: await dataset.id,
    total: summary.dataSummary.totalRecords,
    version: await read.version(),
    records,
  }),
);

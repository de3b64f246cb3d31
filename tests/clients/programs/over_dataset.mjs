// `Eval` over the records of a dataset, a scorer that looks at the trace, and the experiment opened again.
import * as braintrust from "braintrust";

const project = process.argv[2];
const dataset = braintrust.initDataset({ project, dataset: "doubles" });
for (let number = 0; number < 5; number++) {
  dataset.insert({ id: `d${number}`, input: { n: number }, expected: number * 2 });
}
await dataset.flush();
const result = await braintrust.Eval(project, {
  experimentName: "doubling",
  data: braintrust.initDataset({ project, dataset: "doubles" }),
  task: (input) => input.n * 2,
  scores: [
    function same({ output, expected }) {
      return output === expected ? 1 : 0;
    },
    async function spans_seen({ trace }) {
      return (await trace.getSpans()).length / 10;
    },
  ],
});
const roots = [];
for await (const row of braintrust.init(project, { experiment: "doubling", open: true })) {
  if (!row.span_parents?.length) roots.push(row);
}
const again = braintrust.init(project, { experiment: "doubling" });
await again.id;
console.log(
  "\n" +
    JSON.stringify({
      scores: Object.fromEntries(Object.entries(result.summary.scores).map(([name, one]) => [name, one.score])),
      origins: roots.map((row) => [row.origin.object_type, row.origin.id]).sort(),
      outputs: roots.map((row) => row.output).sort(),
      again: await again.name,
    }),
);

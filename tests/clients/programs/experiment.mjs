// Two experiments, the second compared with the first by `summarize`.
import * as braintrust from "braintrust";

const project = process.argv[2];

async function run(name, scores, options) {
  const experiment = braintrust.init(project, { experiment: name, ...options });
  scores.forEach((score, number) =>
    experiment.log({
      id: `${name}-${number}`,
      input: { case: number },
      output: `out ${number}`,
      expected: "out 0",
      scores: { exact: score },
    }),
  );
  return [await experiment.id, await experiment.summarize()];
}

const [first] = await run("first", [1, 0, 0.5], { metadata: { model: "a" } });
const [second, summary] = await run("second", [1, 1, 0.5], { baseExperiment: "first" });
const again = await braintrust.init(project, { experiment: "first", update: true }).id;
const { score, diff, improvements, regressions } = summary.scores.exact;
console.log(
  JSON.stringify({
    ids: [first, second, again],
    text: summary.experimentUrl,
    compared: summary.comparisonExperimentName,
    score,
    diff,
    improvements,
    regressions,
  }),
);

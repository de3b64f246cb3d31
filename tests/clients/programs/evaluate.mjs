// `Eval` with a task that fails once, and two scorers.
import * as braintrust from "braintrust";

const project = process.argv[2];
const result = await braintrust.Eval(project, {
  experimentName: "greeting",
  data: () => [
    { input: "Foo", expected: "Hi Foo", metadata: { n: 1 } },
    { input: "Bar", expected: "Hello Bar", tags: ["odd"] },
    { input: "broken", expected: "-" },
  ],
  task: (input) => {
    if (input === "broken") throw new Error("the task failed");
    return `Hi ${input}`;
  },
  scores: [
    function exact({ output, expected }) {
      return output === expected ? 1 : 0;
    },
    function length({ output }) {
      return { name: "short", score: 0.25, metadata: { letters: output.length } };
    },
  ],
});
console.log("\n" + JSON.stringify({ name: result.summary.experimentName, exact: result.summary.scores.exact.score }));

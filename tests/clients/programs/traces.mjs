// Nested spans, an error, an exported parent, feedback and a late change, as Braintrust's documentation writes them.
import * as braintrust from "braintrust";

const project = process.argv[2];
const logger = braintrust.initLogger({ projectName: project });
const QUESTION = "What is the capital of France?";

const retrieve = braintrust.wrapTraced(async function retrieve(question) {
  return ["France", "Paris — ville lumière"];
});

const answer = braintrust.wrapTraced(
  async (question, documents) => {
    braintrust.currentSpan().log({
      metrics: { prompt_tokens: 11, completion_tokens: 7, tokens: 18 },
      metadata: { model: "gpt-5" },
    });
    return { text: "Paris", confidence: 0.875 };
  },
  { name: "answer", type: "llm" },
);

let slug, row;
await logger.traced(
  async (root) => {
    const text = await answer(QUESTION, await retrieve(QUESTION));
    try {
      await root.traced(
        () => {
          throw new Error("no such city");
        },
        { name: "broken", event: { input: { city: "Atlantis" } } },
      );
    } catch {
      // it is in the trace
    }
    root.log({
      input: QUESTION,
      output: text,
      tags: ["geo", "demo"],
      scores: { polite: 1 },
      metadata: { user: { id: "u1" } },
    });
    row = root.id;
    slug = await root.export();
  },
  { name: "request" },
);
await logger.flush();

let later;
await braintrust.traced(
  (span) => {
    later = span.id;
    span.log({ output: "said by another process" });
  },
  { name: "later", parent: slug },
);
logger.logFeedback({
  id: row,
  scores: { helpful: 0.5 },
  expected: "Paris",
  comment: "well said",
  metadata: { who: "u2" },
});
await braintrust.updateSpan({
  exported: slug,
  metadata: { reviewed: true },
  tags: ["geo", "checked"],
});
await logger.flush();
console.log(JSON.stringify({ row, later, slug }));

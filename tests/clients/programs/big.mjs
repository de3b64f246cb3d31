// A span whose output is larger than a request may be: it goes by overflow.
import * as braintrust from "braintrust";

const logger = braintrust.initLogger({ projectName: process.argv[2] });
let row;
logger.traced(
  (span) => {
    row = span.id;
    span.log({ input: "small", output: "ü".repeat(3_000_000) });
  },
  { name: "big" },
);
await logger.flush();
console.log(JSON.stringify({ row }));

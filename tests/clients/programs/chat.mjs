// A chat that streams and one that does not, through `wrapOpenAI`; argument 2 is the address of the model.
import * as braintrust from "braintrust";
import OpenAI from "openai";

const [project, url] = process.argv.slice(2);
const logger = braintrust.initLogger({ projectName: project });
const client = braintrust.wrapOpenAI(new OpenAI({ baseURL: url, apiKey: "any" }));
const messages = [{ role: "user", content: "Say something." }];

const parts = [];
let whole;
await logger.traced(
  async () => {
    const stream = await client.chat.completions.create({
      model: "gpt-5",
      messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
    });
    for await (const chunk of stream) {
      if (chunk.choices.length) parts.push(chunk.choices[0].delta.content ?? "");
    }
    whole = await client.chat.completions.create({ model: "gpt-5", messages });
  },
  { name: "chat" },
);
await logger.flush();
console.log(
  JSON.stringify({ streamed: parts.join(""), parts: parts.length, whole: whole.choices[0].message.content }),
);

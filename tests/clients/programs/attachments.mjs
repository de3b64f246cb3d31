// Attachments from memory, from a file and elsewhere; read back by the SDK from a dataset.
import { writeFileSync } from "node:fs";
import * as braintrust from "braintrust";

const project = process.argv[2];
const CONTENT = Buffer.alloc(256 * 5000, Buffer.from(Array.from({ length: 256 }, (_, n) => n)));
writeFileSync("note.txt", "file contents\n");

const logger = braintrust.initLogger({ projectName: project });
let row;
logger.traced(
  (span) => {
    row = span.id;
    span.log({
      input: {
        bytes: new braintrust.Attachment({
          data: new Blob([CONTENT]),
          filename: "b.bin",
          contentType: "application/octet-stream",
        }),
        file: new braintrust.Attachment({ data: "note.txt", filename: "note.txt", contentType: "text/plain" }),
        elsewhere: new braintrust.ExternalAttachment({
          url: "s3://bucket/key.png",
          filename: "key.png",
          contentType: "image/png",
        }),
      },
      output: { image: "data:image/png;base64,iVBORw0KGgo=" },
    });
  },
  { name: "with attachments" },
);
await logger.flush();

const dataset = braintrust.initDataset({ project, dataset: "pictures" });
dataset.insert({
  id: "one",
  input: {
    picture: new braintrust.Attachment({
      data: new Blob([CONTENT]),
      filename: "фото.png",
      contentType: "image/png",
    }),
  },
});
await dataset.flush();
let read = false;
for await (const record of braintrust.initDataset({ project, dataset: "pictures" })) {
  const blob = await record.input.picture.data();
  read = Buffer.compare(Buffer.from(await blob.arrayBuffer()), CONTENT) === 0;
}
console.log(JSON.stringify({ row, read }));

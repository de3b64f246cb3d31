"""Attachments from memory, from a file, of JSON and elsewhere; read back by the SDK from a dataset."""

import json
import sys
from pathlib import Path

import braintrust

project = sys.argv[1]
CONTENT = bytes(range(256)) * 5000
file = Path("note.txt")
file.write_text("file contents\n")

logger = braintrust.init_logger(project=project)
with logger.start_span(name="with attachments") as span:
    span.log(
        input={
            "bytes": braintrust.Attachment(data=CONTENT, filename="b.bin", content_type="application/octet-stream"),
            "file": braintrust.Attachment(data=str(file), filename="note.txt", content_type="text/plain"),
            "elsewhere": braintrust.ExternalAttachment(
                url="s3://bucket/key.png", filename="key.png", content_type="image/png"
            ),
        },
        output={"image": "data:image/png;base64,iVBORw0KGgo="},
    )
logger.flush()

dataset = braintrust.init_dataset(project=project, name="pictures")
dataset.insert(
    input={"picture": braintrust.Attachment(data=CONTENT, filename="фото.png", content_type="image/png")}, id="one"
)
dataset.flush()
(record,) = braintrust.init_dataset(project=project, name="pictures").fetch()
print(json.dumps({"row": span.id, "read": record["input"]["picture"].data == CONTENT}))

"""Nested spans, an error, an exported parent, feedback and a late change, as Braintrust's documentation writes them."""

import json
import sys

import braintrust

project = sys.argv[1]
logger = braintrust.init_logger(project=project)
QUESTION = "What is the capital of France?"


@braintrust.traced
def retrieve(question):
    return ["France", "Paris — ville lumière"]


@braintrust.traced(name="answer", type="llm")
def answer(question, documents):
    braintrust.current_span().log(
        metrics={"prompt_tokens": 11, "completion_tokens": 7, "tokens": 18}, metadata={"model": "gpt-5"}
    )
    return {"text": "Paris", "confidence": 0.875, "big": 123456789012345678901234567890}


with logger.start_span(name="request") as root:
    text = answer(QUESTION, retrieve(QUESTION))
    try:
        with root.start_span(name="broken", input={"city": "Atlantis"}):
            raise ValueError("no such city")
    except ValueError:
        pass
    root.log(input=QUESTION, output=text, tags=["geo", "demo"], scores={"polite": 1}, metadata={"user": {"id": "u1"}})
    slug = root.export()
logger.flush()

with braintrust.start_span(name="later", parent=slug) as later:
    later.log(output="said by another process")
logger.log_feedback(id=root.id, scores={"helpful": 0.5}, expected="Paris", comment="well said", metadata={"who": "u2"})
braintrust.update_span(exported=slug, metadata={"reviewed": True}, tags=["geo", "checked"])
logger.flush()
print(json.dumps({"row": root.id, "later": later.id, "slug": slug}))

"""A support bot that logs with Braintrust's own SDK: `pip install braintrust`. Its environment says where to."""

import braintrust

logger = braintrust.init_logger(project="helpdesk")

ANSWERS = {
    "How long is delivery?": "Three days.",
    "Can I pay by invoice?": "Yes, up to 500 euros.",
}


@braintrust.traced
def answer(question: str) -> str:
    """Looks the answer up; the model is a simulation."""
    with braintrust.start_span(name="model", type="llm") as span:
        reply = ANSWERS[question]
        span.log(
            input=[{"role": "user", "content": question}],
            output=reply,
            metadata={"model": "sim-1"},
            metrics={"prompt_tokens": 9, "completion_tokens": 4, "tokens": 13},
        )
    return reply


for asked in ANSWERS:
    answer(asked)
logger.flush()

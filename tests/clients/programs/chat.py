"""A chat that streams and one that does not, through `wrap_openai`; argument 2 is the address of the model."""

import json
import sys

import braintrust
from openai import OpenAI

project, url = sys.argv[1:]
logger = braintrust.init_logger(project=project)
client = braintrust.wrap_openai(OpenAI(base_url=url, api_key="any"))
QUESTION = [{"role": "user", "content": "Say something."}]

with logger.start_span(name="chat"):
    stream = client.chat.completions.create(
        model="gpt-5", messages=QUESTION, stream=True, stream_options={"include_usage": True}, temperature=0.5
    )
    parts = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    whole = client.chat.completions.create(model="gpt-5", messages=QUESTION)
logger.flush()
print(json.dumps({"streamed": "".join(parts), "parts": len(parts), "whole": whole.choices[0].message.content}))

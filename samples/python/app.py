"""A support bot for a shop that sells coffee machines. It prints one trace a line, without an SDK.

Run it as `python app.py | bt import -p support`. The model, the order system and the clock are
simulated, so that it prints the same bytes every time.
"""

import json
from contextlib import contextmanager

ARTICLES = {
    "descale": 'Descaling: fill the tank, hold "Clean" for 5 s.\nRepeat every two months.',
    "return": "Returns are free for 30 days. Refunds take 3 to 5 working days.",
}
ORDERS = {"A-1042": {"item": "Café Duo", "status": "shipped", "arrives": "2026-01-06"}}
QUESTIONS = [
    ("How do I descale my Café Duo?", 'Hold "Clean" for 5 s.\nRepeat it in two months. ☕'),
    ("Where is order A-1042?", "It is on its way and arrives on 2026-01-06. 📦"),
    ("Can I still return order B-7?", None),
]


class Recorder:
    """Builds one trace: a span opened while another is open becomes its child."""

    def __init__(self, start):
        self.now = start  # the simulated clock, in epoch seconds
        self.children = []

    @contextmanager
    def span(self, name, kind, question, seconds=0.25):
        node = {"name": name, "type": kind, "input": question}
        siblings, self.children = self.children, []
        siblings.append(node)
        start, self.now = self.now, self.now + seconds
        try:
            yield node
        except Exception as error:
            node["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            node["metrics"] = {"start": start, "end": self.now, **node.get("metrics", {})}
            if self.children:
                node["children"] = self.children
            self.children = siblings


def answer(recorder, question, reply):
    with recorder.span("answer", "task", question) as root:
        root["metadata"] = {"channel": "chat", "locale": "en-CA"}
        root["tags"] = ["support"]
        with recorder.span("retrieve", "function", question) as retrieve:
            with recorder.span("search", "tool", {"words": question.lower().split()}) as search:
                search["output"] = [word for word in ARTICLES if word in question]
            with recorder.span("rank", "function", search["output"], 0.125) as rank:
                rank["output"] = [ARTICLES[word] for word in search["output"]]
            retrieve["output"] = rank["output"]
        orders = [word.strip("?") for word in question.split() if "-" in word]
        for order in orders:
            with recorder.span("find_order", "tool", {"order": order}, 0.5) as tool:
                if order not in ORDERS:
                    raise LookupError(f'no order "{order}"')
                tool["output"] = ORDERS[order]
        messages = [{"role": "user", "content": question}]
        with recorder.span("write_reply", "llm", messages, 1.5) as llm:
            llm["metadata"] = {"model": "gpt-4o-mini", "temperature": 0}
            llm["metrics"] = {"prompt_tokens": len(question), "completion_tokens": len(reply) // 4}
            llm["output"] = [{"role": "assistant", "content": reply}]
        root["output"] = reply
        root["scores"] = {"helpful": 1.0, "cites_article": float(bool(search["output"]))}


for number, (question, reply) in enumerate(QUESTIONS):
    recorder = Recorder(1767258000 + 60 * number)
    try:
        answer(recorder, question, reply)
    except LookupError:
        pass  # the trace holds the error
    print(json.dumps(recorder.children[0]))

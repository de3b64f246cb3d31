"""Text for generated traces: pools of sentences and code, made once and drawn from cheaply."""

from __future__ import annotations

import random

SUBJECTS = (
    "The customer", "Our billing team", "The assistant", "This function", "The second paragraph",
    "A retry", "The contract", "Each request", "The previous answer", "The search index",
    "Your subscription", "The parser", "Dr. Álvarez", "The Zürich office", "Mr. O'Brien",
)  # fmt: skip
VERBS = (
    "describes", "does not mention", "depends on", "returns", "was replaced by", "should confirm",
    "explains", "is slower than", "contradicts", "asks for", "keeps", "quotes", "refers to",
)  # fmt: skip
OBJECTS = (
    'the "refund within 14 days" clause', "a list of three open orders", "the cached result",
    "an order number such as A-20931", "the tone of the first message", "section 4.2 of the guide",
    "the user's time zone", "a naïve string comparison", "the path C:\\data\\inbox",
    "a café in the old town", "the discount of 15 %", "the error code E_TIMEOUT",
    "what the model said before", "the terms of the warranty", "a table with two columns",
)  # fmt: skip
TAILS = (
    "", "", "", ", as far as the log shows", ", which is what we expected",
    "; please check it again before you reply", ", and nobody has answered since Monday",
    " because the earlier step timed out", " — at least in the EU", ", in other words: yes",
    " (see the note below)", ", unless the account is older than 30 days",
)  # fmt: skip
OPENERS = ("", "", "", "However, ", "In short, ", "Note: ", "First, ", "As a result, ", "Yes — ")
ENDS = (". ", ". ", ". ", ".\n", ".\n\n", "! ", "? ", ":\n- ")
RARE = (
    "Das Gerät läuft wieder, danke! ", "注文番号を教えてください。", "¿Puede repetirlo? ",
    "Merci, c'est réglé 👍\n", "Температура в норме. ", "Sum: 3 × 12,50 € = 37,50 €\n",
)  # fmt: skip
CODE = (
    '```python\ndef total(rows):\n    return sum(r["price"] for r in rows if r["open"])\n```\n',
    '```json\n{"status": "ok", "items": [1, 2, 3], "note": "line\\nbreak"}\n```\n',
    "```sql\nselect name, count(*)\nfrom orders\nwhere state = 'open'\ngroup by name;\n```\n",
    '```sh\ncurl -s "$URL/v1/orders?limit=5" | jq \'.items[] | .id\'\n```\n',
    "```js\nconst open = orders.filter((o) => o.isOpen);\nconsole.log(`${open.length}`);\n```\n",
)  # fmt: skip
POOL_SIZE = 4000


class Words:
    """Draws paragraphs from a pool of sentences that is made once for a seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._pool = [self._new_sentence() for _ in range(POOL_SIZE)]

    def text(self, sentences: int) -> str:
        """About this many sentences, with punctuation, line breaks and now and then code."""
        return "".join(self._rng.choices(self._pool, k=sentences)).rstrip()

    def _new_sentence(self) -> str:
        rng = self._rng
        kind = rng.random()
        if kind < 0.02:
            return rng.choice(CODE)
        if kind < 0.05:
            return rng.choice(RARE)
        words = (rng.choice(part) for part in (OPENERS, SUBJECTS, (" ",), VERBS, (" ",), OBJECTS))
        return "".join(words) + rng.choice(TAILS) + rng.choice(ENDS)

"""What people ask of a span, as SQL over ``s``, a span: views, filters and sums take it from here.

It says what `bt_cli.spans.facts` says, and a contract test compares the two.
"""

from __future__ import annotations


def member(column: str, name: str) -> str:
    """A member of a JSON object; NULL where SQLite takes the text for no JSON, as when it is nested too deeply."""
    return f"CASE WHEN json_valid(s.{column}) THEN json_extract(s.{column}, '$.{name}') END"


NAME = member("span_attributes", "name")
TYPE = member("span_attributes", "type")
MODEL = member("metadata", "model")
START = member("metrics", "start")
END = member("metrics", "end")
DURATION = f"round({END} - {START}, 6)"
"""Seconds, to the microsecond, as they are shown."""
PROMPT_TOKENS = member("metrics", "prompt_tokens")
COMPLETION_TOKENS = member("metrics", "completion_tokens")
TOKENS = (
    f"coalesce({member('metrics', 'tokens')}, {member('metrics', 'total_tokens')}, "
    f"{PROMPT_TOKENS} + coalesce({COMPLETION_TOKENS}, 0), {COMPLETION_TOKENS})"
)
"""Rule 3.2: the total, else prompt + completion; either may be lacking."""
COST = member("metrics", "estimated_cost")
IS_SCORER = f"instr(s.span_attributes, 'scorer') AND {member('span_attributes', 'purpose')} = 'scorer'"
IS_ROOT = "s.span_parents = '[]'"
XACT = "(SELECT t.xact FROM main.traces AS t WHERE t.trace = s.key >> 32)"
"""The transaction that last wrote to the span's trace."""

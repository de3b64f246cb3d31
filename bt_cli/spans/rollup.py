"""Numbers of a whole trace, each the sum or mean that its spans mean, once for every command and store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from msgspec import Struct

from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.links import parents_of
from bt_cli.spans.row import Row

NEEDED = ("error", "scores", "metrics", "span_attributes")
"""Fields of a row that a roll-up looks at, beside its linkage."""
_ROOT, _ORPHAN = -1, -2
"""What stands for the parent of a root, and for one that is not among the rows."""
_SLACK = 1e-6
"""Sums that differ by less are the same number."""


def is_usable(value: float) -> bool:
    """Whether a number can be added up: beyond 1e300, sums may leave what a float can hold."""
    return -1e300 < value < 1e300


class Rollup(Struct, gc=False):
    """What a trace comes to; spans are named by their index.

    ``errors`` counts spans; a judge that was down is no error of the application, so scorers are left out.
    ``root`` is the first of the roots, None where all spans are fragments. ``duration`` is that of
    `trace_duration`. ``calls`` and ``costs`` are the spans whose tokens and USD count. ``scores`` has
    None for one that is named, but null everywhere. ``claimed`` and ``used`` are the tokens of parents
    whose own sum differs from what was counted below them.
    """

    root: int | None
    duration: float | None
    errors: int
    calls: dict[int, float]
    costs: dict[int, float]
    scores: dict[str, float | None]
    claimed: float = 0.0
    used: float = 0.0
    disagrees: bool = False

    @property
    def tokens(self) -> float | None:
        """The tokens of the trace; None where no span has any."""
        return sum(self.calls.values()) if self.calls else None

    @property
    def cost(self) -> float | None:
        """The cost of the trace in USD; None where no span has one."""
        return sum(self.costs.values()) if self.costs else None


def roll_up(rows: Sequence[Row], facts: Sequence[Facts] | None = None) -> Rollup:
    """The numbers of one trace; ``facts`` are those of its rows where the caller has them."""
    facts = [facts_of(row) for row in rows] if facts is None else facts
    above = _above(rows)
    root = above.index(_ROOT) if _ROOT in above else None
    left_out = _of_scorers(facts, above)
    rolled = Rollup(root, _duration(root, facts, left_out), 0, {}, {}, {})
    scored = []
    for index, fact in enumerate(facts):
        if fact.scores:
            scored.append(index)
        if index in left_out:
            continue
        if fact.error is not None:
            rolled.errors += 1
        if fact.tokens is not None and fact.type == "llm":
            rolled.calls[index] = fact.tokens
        if fact.cost is not None:
            rolled.costs[index] = fact.cost
    wrappers = _without_wrappers(rolled.calls, above)
    _without_wrappers(rolled.costs, above)
    rolled.scores = _scores(facts, above, scored)
    _compare_claims(rolled, facts, above, [index for index in wrappers if index not in left_out])
    return rolled


def trace_duration(rows: Sequence[Row]) -> float | None:
    """How long a trace took in seconds, None where it doesn't say.

    The root's duration; without a root that has one, from the first start to the last end, of which
    spans that scoring added, maybe days later, are no part.
    """
    return roll_up(rows).duration


def trace_tokens(rows: Sequence[Row]) -> float | None:
    """The tokens of a trace; None where no span has any.

    Summed over ``llm`` spans without a token-bearing ``llm`` descendant, since a wrapper repeats what
    its calls used, and without what scorers used. Cached and reasoning tokens are parts of their totals.
    """
    return roll_up(rows).tokens


def trace_cost(rows: Sequence[Row]) -> float | None:
    """The cost of a trace in USD, None where no span has one: the sum of ``metrics.estimated_cost``.

    As with tokens, a span whose cost repeats that of spans below it is not counted, nor are scorers.
    """
    return roll_up(rows).cost


def trace_score(rows: Sequence[Row], name: str) -> float | None:
    """One score of a trace: the root's, else the mean over its spans; null never counts."""
    return roll_up(rows).scores.get(name)


def _above(rows: Sequence[Row]) -> list[int]:
    """For each span the index of its first parent, else `_ROOT` or `_ORPHAN`."""
    places = {"[]": _ROOT}
    for index, row in enumerate(rows):
        places.setdefault(_as_parent(row.span_id), index)
    # Most spans have one parent, whose id needs no escapes: then the text is the key.
    return [
        places[row.span_parents] if row.span_parents in places else _place(row.span_parents, places) for row in rows
    ]


def _place(span_parents: str, places: dict[str, int]) -> int:
    parents = parents_of(span_parents)
    return places.get(_as_parent(parents[0]), _ORPHAN) if parents else _ROOT


def _as_parent(span_id: str) -> str:
    """The text of an only parent, or for an odd id one that no such text equals."""
    return f'["{span_id}"]' if '"' not in span_id else f"\0{span_id}"


def _ancestors(index: int, above: list[int]) -> Iterator[int]:
    """The spans above one, nearest first; of a cycle each once."""
    seen = {index}
    index = above[index]
    while index >= 0 and index not in seen:
        seen.add(index)
        yield index
        index = above[index]


def spans_of_scorers(rows: Sequence[Row], facts: Sequence[Facts]) -> set[int]:
    """The indexes of the spans of a trace that scoring added, by whatever tool, and of what lies below them."""
    return _of_scorers(facts, _above(rows)) if any([fact.purpose == "scorer" for fact in facts]) else set()


def _of_scorers(facts: Sequence[Facts], above: list[int]) -> set[int]:
    """Spans that scoring added: those of purpose ``scorer``, and what lies below them."""
    scorers = {index for index, fact in enumerate(facts) if fact.purpose == "scorer"}
    if not scorers:
        return scorers
    below = (index for index in range(len(facts)) if any(one in scorers for one in _ancestors(index, above)))
    return scorers.union(below)


def _duration(root: int | None, facts: Sequence[Facts], left_out: set[int]) -> float | None:
    own = None if root is None else facts[root].duration
    if own is not None:
        return own
    ours = [fact for index, fact in enumerate(facts) if index not in left_out]
    starts = [fact.start for fact in ours if fact.start is not None]
    ends = [fact.end for fact in ours if fact.end is not None]
    return round(max(ends) - min(starts), 6) if starts and ends else None


def _without_wrappers(values: dict[int, float], above: list[int]) -> set[int]:
    """Takes out spans that have one with a value below them; all spans that have one, with a value or not."""
    covered: set[int] = set()
    finished: set[int] = set()
    for index in values:
        path: dict[int, None] = {}
        at = above[index]
        while at >= 0 and at != index and at not in finished and at not in path:
            path[at] = None
            at = above[at]
        covered.update(path)
        if at != index:  # on a cycle, another span of it has this one above it too
            finished.update(path)
    for index in covered & values.keys():
        del values[index]
    return covered


def _compare_claims(rolled: Rollup, facts: Sequence[Facts], above: list[int], parents: list[int]) -> None:
    """Notes the outermost parents whose own sum of tokens is not what was counted below them."""
    below = {index: 0.0 for index in parents if facts[index].tokens is not None}
    if not below:
        return
    for index, tokens in rolled.calls.items():
        for one in _ancestors(index, above):
            if one in below:
                below[one] += tokens
    odd = {one: used for one, used in below.items() if abs((facts[one].tokens or 0.0) - used) > _SLACK}
    for index, used in odd.items():
        if not any(one in odd for one in _ancestors(index, above)):
            rolled.disagrees = True
            rolled.claimed += facts[index].tokens or 0.0
            rolled.used += used


def _scores(facts: Sequence[Facts], above: list[int], scored: list[int]) -> dict[str, float | None]:
    """Each score: the first root's that has a value, else the mean over spans; None where all are null."""
    found: dict[str, list[float]] = {}
    of_roots: dict[str, float | None] = {}
    for index in scored:
        for name, value in facts[index].scores.items():
            values = found.setdefault(name, [])
            if value is not None:
                values.append(value)
                if above[index] == _ROOT:
                    of_roots.setdefault(name, value)
    means = {name: fmean(values) if values else None for name, values in found.items()}
    return means | of_roots

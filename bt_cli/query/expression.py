"""``--filter``: a SQL expression over a span's fields → tests. Parsed by sqlglot; values stay values."""

from __future__ import annotations

from bt_cli.errors import UsageError
from bt_cli.query.expression_faults import EXAMPLE, LONGEST, Written, check_quotes, fault, too_deep, unreadable
from bt_cli.query.expression_tests import TestReader
from bt_cli.query.filters import Test


def parse_filter(written: str) -> Test:
    """The test that a SQL expression states.

    Raises UsageError with the place, and the nearest field where one is unknown.
    """
    filter = Written(written, "--filter")
    check_quotes(filter)
    try:
        return _parsed(filter)
    except RecursionError:
        raise too_deep(filter) from None


def _parsed(filter: Written) -> Test:
    from sqlglot.errors import ParseError, TokenError

    from bt_cli.query.filter_dialect import filters

    dialect = filters()()
    tokens = []
    try:
        tokens = dialect.tokenize(filter.text)
        if len(tokens) > LONGEST:
            raise UsageError(f"--filter: more than {LONGEST:,} words and signs", code="filter")
        found = dialect.parser().parse(tokens, filter.text)
    except ParseError as error:
        raise unreadable(filter, tokens, error) from None
    except TokenError:
        raise fault(filter, 0, "cannot be read") from None
    if not tokens or found[0] is None:
        raise UsageError("--filter: is empty", hint=f"as in {EXAMPLE}", code="filter")
    if len(found) > 1:
        ends = next(token.start for token in tokens if token.text == ";")
        raise fault(filter, ends, "is more than one expression")
    return TestReader(filter).test(found[0])

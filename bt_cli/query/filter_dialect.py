"""SQL as sqlglot reads it in general, with Braintrust's two words for tests: ``MATCH`` and ``INCLUDES``."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def filters() -> Any:
    """The dialect of ``--filter``; made at first use, for it takes sqlglot to make it."""
    from sqlglot import exp, parser, tokens
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.parser import binary_range_parser
    from sqlglot.tokens import TokenType  # type: ignore[attr-defined]  # where every version has it

    class Filters(Dialect):
        class Tokenizer(tokens.Tokenizer):
            KEYWORDS = {  # noqa: RUF012 - as the class it overrides, here and below
                **tokens.Tokenizer.KEYWORDS,
                "INCLUDES": TokenType.AT_GT,
                "MATCH": TokenType.MATCH,
            }

        class Parser(parser.Parser):
            RANGE_PARSERS = {  # noqa: RUF012
                **parser.Parser.RANGE_PARSERS,
                TokenType.AT_GT: binary_range_parser(exp.ArrayContainsAll),
                TokenType.MATCH: binary_range_parser(exp.Match),
            }

    return Filters

"""Braintrust's SQL as sqlglot reads it: SQLite's, with brackets for indexes, ``INCLUDES`` and named arguments.

No function is known here: a call stays what was written, and SQLite says what it has.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.sql_text import place_of_name, plain, refusal, writing_verb

WRITTEN = "written"
"""What the meta data of a column of an answer has: its text in the query."""

_BTQL = re.compile(r"\s*(select|from|filter|dimensions|measures|unpivot|pivot|sort|limit)\s*:", re.IGNORECASE)
_CLAUSES = "write: SELECT … FROM project_logs('NAME') WHERE … GROUP BY … ORDER BY … LIMIT …"


def parsed(statement: str) -> Any:
    """The tree of the one query in ``statement``; raises QueryError where there is none, with the place."""
    from sqlglot.errors import SqlglotError

    _refuse_other_languages(statement)
    dialect = braintrust()
    try:
        trees = [one for one in dialect().parse(statement) if one is not None]
    except SqlglotError as error:
        raise _syntax_error(statement, getattr(error, "errors", None)) from error
    except RecursionError as error:
        raise QueryError("the query is nested too deeply") from error
    if len(trees) != 1:
        raise QueryError("one query a run" if trees else "the query is empty")
    return trees[0]


@cache
def braintrust() -> Any:
    """The dialect; made at first use, for it takes sqlglot to make it."""
    from sqlglot import exp
    from sqlglot.dialects.sqlite import SQLite
    from sqlglot.parser import binary_range_parser
    from sqlglot.tokens import TokenType  # type: ignore[attr-defined]  # where every version has it

    class Braintrust(SQLite):
        class Tokenizer(SQLite.Tokenizer):
            IDENTIFIERS = ['"', "`"]  # noqa: RUF012 - brackets hold an index here
            KEYWORDS = {  # noqa: RUF012
                **SQLite.Tokenizer.KEYWORDS,
                "INCLUDES": TokenType.AT_GT,
                "CONTAINS": TokenType.AT_GT,
            }

        class Parser(SQLite.Parser):  # type: ignore[misc, valid-type]
            FUNCTIONS: Any = {}  # noqa: RUF012 - as the class it overrides, here and below
            FUNCTION_PARSERS = {"CAST": SQLite.Parser.FUNCTION_PARSERS["CAST"]}  # noqa: RUF012
            FUNC_TOKENS = {*SQLite.Parser.FUNC_TOKENS, TokenType.AT_GT}  # noqa: RUF012
            RANGE_PARSERS = {  # noqa: RUF012
                **SQLite.Parser.RANGE_PARSERS,
                TokenType.AT_GT: binary_range_parser(exp.ArrayContainsAll),
            }

            def _parse_expression(self) -> Any:
                """An expression that remembers its text: SQLite names columns without an alias by it."""
                first = self._curr
                node = super()._parse_expression()
                if node is not None and first and self._prev:
                    node.meta[WRITTEN] = self._find_sql(first, self._prev)
                return node

    return Braintrust


def _refuse_other_languages(statement: str) -> None:
    """Raises QueryError for what would write, for BTQL's clauses and for ``? :``."""
    verb = writing_verb(statement)
    if _BTQL.match(statement):
        raise QueryError("this is BTQL, with clauses as select: and filter:", hint=_CLAUSES)
    if verb:
        raise refusal(verb)
    place = plain(statement).find("?")
    if place >= 0:
        told = QueryError("there is no ? here", hint="write: CASE WHEN … THEN … ELSE … END, and values themselves")
        told.point_at(statement, place)
        raise told


def _syntax_error(statement: str, errors: list[dict[str, Any]] | None) -> QueryError:
    if not errors:
        return QueryError("the query ends within a text or a name", hint="is a quotation mark missing?")
    found = errors[0]
    before, near = found["start_context"] or "", found["highlight"] or ""
    told = QueryError(f'near "{near}": syntax error' if near else "the query ends too early")
    place = statement.find(before + near)
    if place >= 0:
        told.point_at(statement, place + len(before))
    return told


def misplaced(name: str, statement: str, message: str, hint: str) -> QueryError:
    """The error for something in a query that can't be had here, pointing at ``name``."""
    told = QueryError(message, hint=hint)
    told.point_at(statement, place_of_name(name, statement))
    return told

"""Rows as tables, a span a line: one column a score and a metric, JSON as text."""

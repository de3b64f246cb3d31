"""Texts of ``bt help TOPIC``."""

from pathlib import Path

TOPICS = ("formats", "ids", "exit-codes", "environment", "filters", "scoring", "gates", "sql", "stores", "tracing")


def read_topic(name: str) -> str:
    """The text of one of `TOPICS`."""
    return (Path(__file__).parent / f"{name}.txt").read_text("utf-8")

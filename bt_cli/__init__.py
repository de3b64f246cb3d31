"""Import, keep, convert and export traces of LLM applications as linked spans."""

__version__ = "0.1.0"

"""How a model is asked for an answer in parts: by a tool, or, where the server ignores tools, by a JSON schema."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bt_cli.scoring.judge.options import Mode
from bt_cli.scoring.judge.questions import Form


class Modes:
    """What has been learned of each model; ``auto`` begins with a tool."""

    def __init__(self, mode: Mode, say: Callable[[str], None]) -> None:
        self.first: Form = "schema" if mode == "json-schema" else "tool"
        self._auto = mode == "auto"
        self._say = say
        self._calls_tools: set[str] = set()
        self._by_schema: set[str] = set()
        self._lock = threading.Lock()

    def form(self, model: str) -> Form:
        """How a model is asked now."""
        return "schema" if model in self._by_schema else self.first

    def called(self, model: str) -> None:
        """A model has called its tool: from now on an answer without a call is a slip, no habit."""
        self._calls_tools.add(model)

    def may_ignore_tools(self, model: str) -> bool:
        """Whether an answer without a call may be the server's habit, so that a schema is worth a try."""
        return self._auto and model not in self._calls_tools

    def answered_by_schema(self, model: str) -> None:
        """A model that had ignored its tool answered by a schema: it is asked so for the rest of the run."""
        with self._lock:
            if model in self._by_schema:
                return
            self._by_schema.add(model)
        self._say(f"{model} ignores tools here: it is asked with a JSON schema instead (--judge-mode json-schema)")

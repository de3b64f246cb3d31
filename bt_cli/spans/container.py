"""Where rows belong: a project's logs, or an experiment of a project."""

from __future__ import annotations

from typing import NamedTuple


class Container(NamedTuple):
    """Project logs (``experiment`` None) or an experiment. Names match exactly."""

    project: str
    experiment: str | None = None

    @property
    def ref(self) -> str:
        """The container as a positional REF, ``project_logs:support`` or ``experiment:nightly``."""
        return f"project_logs:{self.project}" if self.experiment is None else f"experiment:{self.experiment}"

    def __str__(self) -> str:
        return self.project if self.experiment is None else f"{self.project}/{self.experiment}"

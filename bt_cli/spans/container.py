"""Where rows belong: a project's logs, an experiment of a project, or a dataset of a project."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal, NamedTuple

Kind = Literal["project_logs", "experiment", "dataset"]


class Container(NamedTuple):
    """Project logs (neither ``experiment`` nor ``dataset``), an experiment, or a dataset. Names match exactly."""

    project: str
    experiment: str | None = None
    dataset: str | None = None

    @property
    def kind(self) -> Kind:
        """What it is, in Braintrust's word."""
        if self.dataset is not None:
            return "dataset"
        return "project_logs" if self.experiment is None else "experiment"

    @property
    def name(self) -> str:
        """The name of what it is: of the experiment, the dataset, or the project whose logs these are."""
        if self.dataset is not None:
            return self.dataset
        return self.project if self.experiment is None else self.experiment

    @property
    def ref(self) -> str:
        """The container as a positional REF, ``project_logs:support`` or ``experiment:nightly``."""
        return f"{self.kind}:{self.name}"

    @property
    def logs(self) -> Container:
        """The logs of its project."""
        return Container(self.project)

    def __str__(self) -> str:
        return self.project if self.kind == "project_logs" else f"{self.project}/{self.name}"


def container_id(container: Container) -> str:
    """The id of a container, a UUID made of its names alone: the same in every store."""
    named = container.ref.encode() + b"\0" + container.project.encode()
    digest = blake2b(named, digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"

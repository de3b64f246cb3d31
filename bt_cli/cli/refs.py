"""Which container a REF means: ``project_logs:``, ``experiment:`` or ``dataset:`` and a name or id, or a bare name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.spans.container import Container, Kind, container_id

if TYPE_CHECKING:
    from bt_cli.stores.base import ContainerInfo

_KINDS: dict[str, Kind] = {"project_logs": "project_logs", "experiment": "experiment", "dataset": "dataset"}


def resolve(ref: str, containers: Sequence[Container], project: str | None = None) -> Container:
    """The one container that ``ref`` names, among experiments and datasets of ``project`` only where one is given.

    After its kind stands a name or an id; a bare name is an experiment, else a project, and never a
    dataset. Raises NotFoundError with the nearest name, and UsageError for a name with two matches or a file.
    """
    kind, name = kind_of(ref)
    if kind is not None:
        return _only(ref, _named(kind, name, containers, project), containers)
    if is_file(ref):
        raise UsageError(f"{ref} is a file, and this command reads a store", hint=f"try: bt convert {ref}")
    experiments = _named("experiment", ref, containers, project)
    return _only(ref, [*experiments, *_projects(ref, containers)], containers)


def kind_of(ref: str) -> tuple[Kind | None, str]:
    """The kind that a REF begins with, None for a bare name; and the name or id."""
    kind, colon, name = ref.partition(":")
    return (_KINDS[kind], name) if colon and kind in _KINDS else (None, ref)


def resolve_stored(ref: str, infos: Sequence[ContainerInfo], project: str | None = None) -> Container:
    """As `resolve`, among what a store has; ``project_logs:`` and ``experiment:`` may also name an id."""
    kind, _, named = ref.partition(":")
    for info in infos:
        if info.id == named and info.container.kind == kind:
            return info.container
    return resolve(ref, [info.container for info in infos], project)


def is_file(ref: str) -> bool:
    """Whether a positional argument is a file: ``-``, a bare name with a path separator, or an existing file."""
    return ref == "-" or (kind_of(ref)[0] is None and "/" in ref) or Path(ref).is_file()


def existing(wanted: Container, containers: Sequence[Container]) -> Container:
    """``wanted``, if the store has it; raises NotFoundError with the nearest name."""
    if wanted in containers:
        return wanted
    if wanted.experiment is None:
        # A project may have experiments only: reading its logs is then an empty answer, not a mistake.
        if any(one.project == wanted.project for one in containers):
            return wanted
        raise _not_found("project", wanted.project, {one.project for one in containers})
    names = {one.experiment for one in containers if one.project == wanted.project and one.experiment}
    raise _not_found("experiment", wanted.experiment, names, f" in project {wanted.project!r}")


def nearest_hint(name: str, known: Iterable[str]) -> str | None:
    """A hint that names what is close to ``name``, else what there is."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"there are: {', '.join(names[:10])}" if names else None


def _projects(name: str, containers: Sequence[Container]) -> list[Container]:
    return [Container(name)] if any(one.project == name for one in containers) else []


def _named(kind: Kind, name: str, containers: Sequence[Container], project: str | None) -> list[Container]:
    """The containers of a kind by name, else by id."""
    if kind == "project_logs":
        logs = {one.logs: None for one in containers}
        return _projects(name, containers) or [one for one in logs if container_id(one) == name]
    ours = [one for one in containers if one.kind == kind]
    found = [one for one in ours if one.name == name and project in (None, one.project)]
    return found or [one for one in ours if container_id(one) == name]


def _only(ref: str, matches: Sequence[Container], containers: Sequence[Container]) -> Container:
    if len(matches) == 1:
        return matches[0]
    if matches:
        shown = ", ".join(one.ref if one.kind == "project_logs" else f"{one.ref} -p {one.project}" for one in matches)
        raise UsageError(f"{ref!r} is ambiguous: {shown}", hint="write one of them", code="ambiguous")
    kind, name = kind_of(ref)
    if kind is None:
        names = {one.name for one in containers if one.kind != "dataset"} | {one.project for one in containers}
        raise _not_found("project or experiment", name, names)
    if kind == "project_logs":
        raise _not_found("project", name, {one.project for one in containers})
    raise _not_found(kind, name, {one.name for one in containers if one.kind == kind})


def _not_found(kind: str, name: str, known: Iterable[str], where: str = "") -> NotFoundError:
    return NotFoundError(f"there is no {kind} {name!r}{where}", hint=nearest_hint(name, known))

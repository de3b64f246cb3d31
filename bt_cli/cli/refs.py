"""Which container a REF means: ``project_logs:NAME``, ``experiment:NAME``, or a bare name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.spans.container import Container

PROJECT, EXPERIMENT = "project_logs:", "experiment:"


def resolve(ref: str, containers: Sequence[Container], project: str | None = None) -> Container:
    """The one container that ``ref`` names, among experiments of ``project`` only where one is given.

    A bare name is an experiment, else a project. Raises NotFoundError with the nearest name, and
    UsageError for a name with two matches or a file.
    """
    if ref.startswith(PROJECT):
        return _only(ref, _projects(ref.removeprefix(PROJECT), containers), containers)
    if ref.startswith(EXPERIMENT):
        return _only(ref, _experiments(ref.removeprefix(EXPERIMENT), containers, project), containers)
    if is_file(ref):
        raise UsageError(f"{ref} is a file, and this command reads a store", hint=f"try: bt convert {ref}")
    return _only(ref, [*_experiments(ref, containers, project), *_projects(ref, containers)], containers)


def is_file(ref: str) -> bool:
    """Whether a positional argument is a file: ``-``, something with a path separator, or an existing file."""
    return ref == "-" or "/" in ref or Path(ref).is_file()


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


def _experiments(name: str, containers: Sequence[Container], project: str | None) -> list[Container]:
    return [one for one in containers if one.experiment == name and project in (None, one.project)]


def _only(ref: str, matches: Sequence[Container], containers: Sequence[Container]) -> Container:
    if len(matches) == 1:
        return matches[0]
    if matches:
        shown = ", ".join(one.ref if one.experiment is None else f"{one.ref} -p {one.project}" for one in matches)
        raise UsageError(f"{ref!r} is ambiguous: {shown}", hint="write one of them", code="ambiguous")
    name = ref.removeprefix(PROJECT).removeprefix(EXPERIMENT)
    names = {one.project for one in containers} if not ref.startswith(EXPERIMENT) else set()
    if not ref.startswith(PROJECT):
        names |= {one.experiment for one in containers if one.experiment}
    kind = "project" if ref.startswith(PROJECT) else "experiment" if ref.startswith(EXPERIMENT) else ""
    raise _not_found(kind or "project or experiment", name, names)


def _not_found(kind: str, name: str, known: Iterable[str], where: str = "") -> NotFoundError:
    return NotFoundError(f"there is no {kind} {name!r}{where}", hint=nearest_hint(name, known))

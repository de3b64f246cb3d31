"""What ``bt score --list`` says: every scorer, what it needs, and whether it works here."""

from __future__ import annotations

from msgspec import Struct

from bt_cli.scoring.build_builtin import Models, is_missing
from bt_cli.scoring.catalog import ENTRIES, Entry, Kind
from bt_cli.scoring.inputs import PAYLOADS


class Listed(Struct, frozen=True):
    """A scorer as a list shows it.

    ``inputs`` are those that it needs; of what is no field of a span, where it is looked for unless
    it is mapped, such as ``context (metadata.context)``. ``problem`` says why it does not work here.
    """

    name: str
    kind: Kind
    inputs: list[str]
    arguments: list[str]
    about: str
    problem: str | None = None

    @property
    def works(self) -> bool:
        """Whether it can be used here as it is."""
        return self.problem is None


def list_scorers(models: Models, judge_problem: str | None = None) -> list[Listed]:
    """Every scorer of the catalog; ``judge_problem`` is why no judge can be asked, such as a missing key."""
    return [
        Listed(
            entry.name,
            entry.kind,
            [name if name in PAYLOADS else f"{name} (metadata.{name})" for name in entry.needs],
            list(entry.parameters),
            entry.about,
            _problem(entry, models, judge_problem),
        )
        for entry in ENTRIES
    ]


def _problem(entry: Entry, models: Models, judge_problem: str | None) -> str | None:
    if is_missing(entry.extra):
        return f"{entry.extra} is missing: pip install 'bt-spans[{entry.extra}]'"
    if entry.completes and not models.completion:
        return "no judge model is set: --judge-model or BT_JUDGE_MODEL"
    if entry.embeds and not models.embedding:
        return "no embedding model is set: --judge-embedding-model or BT_JUDGE_EMBEDDING_MODEL"
    return judge_problem if entry.judged else None

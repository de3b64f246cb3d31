"""What a scoring run is asked to do."""

from __future__ import annotations

from msgspec import Struct

from bt_cli.scoring.base import Judge, Scorer
from bt_cli.scoring.reuse import NEEDED, Rescore
from bt_cli.scoring.trials import Reduce


class Plan(Struct, frozen=True):
    """What is to be scored, and by whom. ``sample`` is drawn from the ``first`` traces where both are given."""

    scorers: list[Scorer]
    judge: Judge | None = None
    on: str = "root"
    """Which spans of a trace are cases: ``root``, ``llm``, ``all`` or ``name:REGEX``."""
    first: int | None = None
    sample: int | None = None
    sample_seed: int = 0
    trials: int = 1
    reduce: Reduce = "mean"
    rescore: Rescore = "missing"
    concurrency: int = 16

    @property
    def partial(self) -> bool:
        """Whether not all traces are scored."""
        return self.first is not None or self.sample is not None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that have to be read of a trace."""
        more = frozenset(("metrics",)) if self.on != "root" else frozenset[str]()
        return NEEDED.union(more, *(scorer.fields for scorer in self.scorers))

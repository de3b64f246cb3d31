"""What scoring says beside its reports: progress, options with or without a value."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bt_cli.cli.optional_values import with_values
from bt_cli.cli.progress_text import describe
from bt_cli.pipeline.progress import Progress


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (Progress(cases=240, errors=3, cost=0.5), "240 cases · 3 errors · $0.50 · 24 cases/s"),
        (Progress(records=9, cases=1), "1 case · 0 cases/s"),
    ],
)
def test_progress_of_scoring(now: Progress, words: str) -> None:
    """Cases, errors, cost and rate; what there is none of is left out."""
    assert describe(now, 10).replace("$0.500", "$0.50") == words


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ([], []),
        (["--markdown"], ["--markdown="]),
        (["--markdown", "--json"], ["--markdown=", "--json"]),
        (["--markdown", "-"], ["--markdown=", "-"]),
        (["--markdown", "a.md", "p"], ["--markdown", "a.md", "p"]),
    ],
)
def test_an_option_may_stand_without_its_value(given: list[str], parsed: list[str]) -> None:
    """At the end, or with another option behind it."""
    assert with_values(given, "--markdown") == parsed


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bt score --score Lev", ["Levenshtein", "LevenshteinScorer"]),
        ("bt import --score Lev", ["Levenshtein", "LevenshteinScorer"]),
        ("bt import --fail", ["--fail-under"]),
    ],
)
def test_completion_offers_scorers_and_their_options(typed: str, offered: list[str]) -> None:
    """Also after `bt import`, which has these options only when asked for."""
    words = {"_BT_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    code = "from bt_cli.cli.main import run; run()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=words, check=False)
    assert done.stdout.split() == offered

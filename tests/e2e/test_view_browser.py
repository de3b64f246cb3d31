"""The page of a trace in a browser: it loads nothing, runs nothing, and shows hostile text as text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from running import Result

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None,
        reason="no Chromium on PATH; bash .ci/run installs Debian's, elsewhere: apt-get install chromium",
    ),
]

HOSTILE = [
    "<script>document.title='owned'</script>",
    "</pre></details><img src=x onerror=\"document.title='owned'\">",
    "<style>body{display:none}</style>",
    "<iframe src=https://example.com></iframe>",
    "\x1b[31m\x00\u202egnp.exe",
    "&lt;b&gt;",
]


def opened(page: Path, tmp_path: Path) -> tuple[str, str]:
    """The document as the browser has it after loading, and what its console said."""
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    done = subprocess.run(
        [*command, profile, "--dump-dom", page.absolute().as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.fixture
def document(bt: Callable[..., Result], tmp_path: Path) -> tuple[str, str]:
    """A page of hostile spans, 300 levels deep."""
    rows = [
        {
            "id": f"s{n}",
            "span_id": f"s{n}",
            "root_span_id": "s0",
            "span_parents": [f"s{n - 1}"] if n else [],
            "span_attributes": {"name": HOSTILE[n % 6], "type": HOSTILE[(n + 1) % 6]},
            "input": HOSTILE[(n + 2) % 6],
            "output": {HOSTILE[(n + 3) % 6]: HOSTILE[(n + 4) % 6]},
            "error": HOSTILE[(n + 5) % 6],
            "metadata": {"model": HOSTILE[n % 6]},
            "scores": {HOSTILE[n % 6]: 1},
            "metrics": {"start": 1767604660 + n, "end": 1767605660},
        }
        for n in range(300)
    ]
    lines = "\n".join(map(json.dumps, rows))
    bt("view", "trace", "-", "--html", "page.html", "-q", stdin=lines).check()
    return opened(Path("page.html"), tmp_path)


def test_the_page_is_safe(document: tuple[str, str]) -> None:
    """No console message, no element that the trace brought, every text there to read."""
    dom, console = document
    assert console == ""
    assert re.findall(r"<(script|img|iframe|link|object|form)\b", dom) == [] and dom.count("<style") == 1
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title and unescape(title[1]) == HOSTILE[0]
    shown = unescape(re.sub(r"<[^>]+>", "", dom))
    assert all(text in shown for text in (*HOSTILE[:4], HOSTILE[5])) and r"\x1b[31m\x00\u202egnp.exe" in shown
    assert "\u202e" not in dom


def test_every_span_is_there(document: tuple[str, str]) -> None:
    """However deep the tree is, the browser has all of it, each span within its parent."""
    dom, _ = document
    assert dom.count("<svg>") == 300
    depth = deepest = 0
    for tag in re.findall(r"<(/?)details", dom):
        depth += -1 if tag else 1
        deepest = max(deepest, depth)
    assert depth == 0 and deepest >= 256

"""The cache: what was paid for once is not asked again, and a broken file does not stop a run."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bt_cli.errors import JudgeError, UsageError
from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import choose
from running import started

Open = Callable[..., OpenAIJudge]

KILLED = """
import sys, threading
sys.path.insert(0, sys.argv[4])
from bt_cli.scoring.judge.opening import open_judge
from bt_cli.scoring.judge.options import JudgeOptions
from bt_cli.settings import load_settings
from judging import choose

judge = open_judge(
    JudgeOptions(model="m", base_url=sys.argv[1], cache=sys.argv[2], concurrency=4), load_settings({}), lambda text: None
)
numbers = iter(range(int(sys.argv[3])))
lock = threading.Lock()

def work():
    while True:
        with lock:
            number = next(numbers, None)
        if number is None:
            return
        choose(judge, f"case {number}")
        with lock:
            print(number, flush=True)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_second_run_asks_nobody(opened: Open, judge_server: JudgeServer) -> None:
    """A reply is found by a later judge, with the times and tokens of the call that was made then."""
    first, second = opened(), opened()
    with first.recording(0) as one:
        choose(first)
    with second.recording(0) as two:
        assert choose(second) == "C"
    assert judge_server.stats["requests"] == 1
    assert (one[0].cached, two[0].cached) == (False, True)
    assert (one[0].request, one[0].reply, one[0].metrics) == (two[0].request, two[0].reply, two[0].metrics)
    assert (one[0].start, one[0].end) == (two[0].start, two[0].end)


def test_trial_is_part_of_the_key(opened: Open, judge_server: JudgeServer) -> None:
    """A second trial of the same case is asked, and kept for itself."""
    judge = opened()
    for trial in (0, 1, 0, 1):
        with judge.recording(trial):
            choose(judge)
    assert judge_server.stats["requests"] == 2


@pytest.mark.parametrize("other", [{"temperature": 0.3}, {"model": "n"}, {"max_tokens": 9}])
def test_other_request_is_another_key(opened: Open, judge_server: JudgeServer, other: dict[str, object]) -> None:
    """Another model or parameter is asked anew."""
    judge = opened()
    choose(judge)
    choose(judge, **other)
    assert judge_server.stats["requests"] == 2


def test_other_host_is_another_key(opened: Open, judge_server: JudgeServer) -> None:
    """A reply of one server does not answer for another."""
    choose(opened())
    choose(opened(base_url=judge_server.url.replace("127.0.0.1", "localhost")))
    assert judge_server.stats["requests"] == 2


def test_schema_found_out_is_cached_all_the_same(opened: Open, judge_server: JudgeServer) -> None:
    """What a server without tools answered is found by a run that has yet to find that out."""
    judge_server.script(tools="ignored")
    choose(opened())
    assert choose(opened(cache_only=True)) == "C"


def test_errors_are_not_cached(opened: Open, judge_server: JudgeServer) -> None:
    """A failed call is asked again by the next run."""
    judge_server.script(faults=[{"status": 400}])
    with pytest.raises(JudgeError):
        choose(opened())
    assert choose(opened()) == "C"


def test_no_cache(opened: Open, judge_server: JudgeServer, tmp_path: Path) -> None:
    """Without a cache nothing is kept, and no file is made."""
    judge = opened(use_cache=False)
    choose(judge)
    choose(judge)
    assert judge_server.stats["requests"] == 2
    assert not (tmp_path / "judge.db").exists()


def test_cache_only_asks_nobody(opened: Open, judge_server: JudgeServer) -> None:
    """With --cache-only an unknown question is an error of its case, and needs no key."""
    with pytest.raises(JudgeError, match="--cache-only"):
        choose(opened(cache_only=True))
    opened(cache_only=True, base_url="https://judge.example/v1")
    assert judge_server.stats["requests"] == 0


def test_cache_only_without_a_cache(opened: Open) -> None:
    """--cache-only with --no-cache, or with a file that is none, is a usage error."""
    with pytest.raises(UsageError, match="exclude each other"):
        opened(cache_only=True, use_cache=False)
    Path("broken.db").write_bytes(b"no database" * 1000)
    with pytest.raises(UsageError, match="needs a cache"):
        opened(cache_only=True, cache="broken.db")


def test_file_is_for_its_owner_only(opened: Open, tmp_path: Path) -> None:
    """The cache holds traces: nobody else may read it or the folder that is made for it."""
    path = tmp_path / "made" / "judge.db"
    choose(opened(cache=str(path)))
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, Path(f"{path}-wal"))]
    assert modes == [0o600, 0o700, 0o600]


def test_default_place(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --judge-cache it is $XDG_CACHE_HOME/bt/judge.db."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    choose(opened(cache=None))
    assert (tmp_path / "xdg/bt/judge.db").is_file()


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_broken_file(opened: Open, judge_server: JudgeServer, said: list[str], content: bytes) -> None:
    """A file that is no database is said once, left as it is, and done without."""
    Path("broken.db").write_bytes(content)
    judge = opened(cache="broken.db")
    assert choose(judge, "one") == choose(judge, "two") == "C"
    assert [line for line in said if "cannot be used" in line] == [said[1]]
    assert Path("broken.db").read_bytes() == content


def test_file_of_another_program(opened: Open, said: list[str]) -> None:
    """A database of somebody else is not written to."""
    with sqlite3.connect("other.db") as other:
        other.execute("CREATE TABLE spans (id)")
    other.close()
    assert choose(opened(cache="other.db")) == "C"
    assert "it is no cache of this version of bt" in said[1]
    with sqlite3.connect("other.db") as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("spans",)]
    other.close()


def test_locked_file(opened: Open, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that another process holds is said once; the replies count all the same."""
    monkeypatch.setattr("bt_cli.scoring.judge.cache._WAIT_SECONDS", 0.01)
    judge = opened(cache="held.db")
    holder = sqlite3.connect("held.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert choose(judge, "one") == choose(judge, "two") == "C"
    assert [line for line in said if "cannot be used" in line] == [said[1]]
    holder.close()


def test_folder_that_cannot_be_made(opened: Open, said: list[str]) -> None:
    """A path below a file is said once, and done without."""
    Path("file").touch()
    assert choose(opened(cache="file/judge.db")) == "C"
    assert "cannot be used" in said[1]


def test_kill_repeats_only_what_was_in_flight(judge_server: JudgeServer, tmp_path: Path) -> None:
    """After kill -9, the next run asks again at most as many as there were calls in flight."""
    judge_server.script(latency_ms=5)
    command = [sys.executable, "-c", KILLED, judge_server.url, str(tmp_path / "judge.db")]
    here = str(Path(__file__).parent)
    with started([*command, "100000", here], stdout=subprocess.PIPE) as first:
        assert first.stdout
        done = [int(first.stdout.readline()) for _ in range(100)]
        first.send_signal(signal.SIGKILL)
        done += [int(line) for line in first.stdout.read().split()]
    before = judge_server.stats["requests"]
    count = max(done) + 1
    subprocess.run([*command, str(count), here], check=True, stdout=subprocess.DEVNULL)
    assert judge_server.stats["requests"] - before <= count - len(done) <= 4
    assert before <= len(done) + 8


def test_two_judges_share_a_new_file(opened: Open, judge_server: JudgeServer) -> None:
    """Two judges with one cache file find each other's replies."""
    one, two = opened(), opened()
    choose(one, "first")
    choose(two, "second")
    assert choose(two, "first") == choose(one, "second") == "C"
    assert judge_server.stats["requests"] == 2
    assert os.path.exists("judge.db")

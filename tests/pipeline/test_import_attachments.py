"""Files that traces name as attachments, on their way to a store that takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bt_cli.errors import BtError, CredentialsError, NetworkError, UsageError
from bt_cli.pipeline.attaching import Attaching
from bt_cli.pipeline.options import ImportOptions, InputOptions
from bt_cli.pipeline.report import ImportReport
from builders import row


class Keeper:
    """A store of attachments in memory."""

    def __init__(self) -> None:
        self.kept: list[tuple[bytes, str, str]] = []
        self.fails: type[BtError] | None = None

    def attach(self, content: bytes, filename: str, content_type: str) -> str:
        if self.fails:
            raise self.fails("down")
        self.kept.append((content, filename, content_type))
        return f"key-{len(self.kept)}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with a picture; beside it lies a secret."""
    inside = tmp_path / "work"
    inside.mkdir()
    (inside / "a b.png").write_bytes(b"picture")
    (tmp_path / "secret").write_bytes(b"secret")
    monkeypatch.chdir(inside)
    yield inside


def url(path: Path) -> str:
    return path.as_uri()


def attached(value: Any, inputs: tuple[str, ...] = (), keeper: Keeper | None = None) -> tuple[Any, list[str], Keeper]:
    """What becomes of an input, the codes of the problems, and what was kept."""
    keeper = keeper or Keeper()
    one = row("a", input=json.dumps(value))
    problems = Attaching(keeper, inputs).attach([one])
    assert one.input is not None
    return json.loads(one.input), [problem.code for problem in problems], keeper


@pytest.mark.parametrize(("kind", "member"), [("external_attachment", "url"), ("inline_attachment", "src")])
def test_an_attachment_becomes_a_reference(here: Path, kind: str, member: str) -> None:
    """The object that names the file gives way to one that names the key."""
    found, problems, keeper = attached({"x": [{"type": kind, "filename": "f.png", member: url(here / "a b.png")}]})
    assert found == {
        "x": [{"type": "braintrust_attachment", "filename": "f.png", "content_type": "image/png", "key": "key-1"}]
    }
    assert (problems, keeper.kept) == ([], [(b"picture", "f.png", "image/png")])


def test_a_picture_of_a_message_keeps_what_stands_beside_it(here: Path) -> None:
    """An image_url keeps its detail; only its url becomes a reference."""
    found, _, _ = attached({"type": "image_url", "image_url": {"url": url(here / "a b.png"), "detail": "low"}})
    assert found["image_url"]["detail"] == "low"
    assert found["image_url"]["url"]["key"] == "key-1"


def test_each_file_is_brought_once(here: Path) -> None:
    """However often it is named."""
    one = {"type": "external_attachment", "url": url(here / "a b.png")}
    _, _, keeper = attached([one, one, {"deep": one}])
    assert len(keeper.kept) == 1


def test_what_is_no_attachment_stays(here: Path) -> None:
    """A path that is only told is not a file to send."""
    value = {"path": url(here / "a b.png"), "data": "data:image/png;base64,AA==", "n": 1}
    assert attached(value)[0] == value


def test_the_rest_of_the_text_stays_as_it_is(here: Path) -> None:
    """Numbers and escapes beside an attachment are the source's."""
    reference = json.dumps({"type": "external_attachment", "url": url(here / "a b.png")})
    one = row("a", input=f'{{"n":1.50,"e":"caf\\u00e9","a":{reference}}}')
    Attaching(Keeper(), ()).attach([one])
    assert one.input is not None and one.input.startswith('{"n":1.50,"e":"caf\\u00e9","a":{"type":"braintrust')


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("{up}/secret", "attachment_outside"),
        ("{here}/../secret", "attachment_outside"),
        ("{here}/link", "attachment_outside"),
        ("{here}/none.png", "attachment_missing"),
        ("{here}", "attachment_no_file"),
        ("host", "attachment_elsewhere"),
    ],
)
def test_what_must_not_or_cannot_be_read_stays(here: Path, where: str, code: str) -> None:
    """A file elsewhere, by whatever way, is never opened; the reference is kept and a problem noted."""
    (here / "link").symlink_to(here.parent / "secret")
    target = f"file://{where.format(up=here.parent, here=here)}" if where != "host" else "file://host/a b.png"
    value = {"type": "external_attachment", "url": target}
    found, problems, keeper = attached(value)
    assert (found, problems, keeper.kept) == (value, [code], [])


def test_files_beside_the_input_may_be_attached(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces and their pictures travel together, wherever the command runs."""
    monkeypatch.chdir("/")
    (here.parent / "other").mkdir()
    value = {"type": "external_attachment", "url": url(here / "a b.png")}
    monkeypatch.chdir(here.parent / "other")
    assert attached(value)[1] == ["attachment_outside"]
    assert attached(value, (str(here / "traces.jsonl"),))[1] == []


def test_a_store_that_fails_leaves_the_reference(here: Path) -> None:
    """A picture that could not be brought does not stop its trace."""
    keeper = Keeper()
    keeper.fails = UsageError
    value = {"type": "external_attachment", "url": url(here / "a b.png")}
    found, problems, _ = attached([value, value], keeper=keeper)
    assert (found, problems) == ([value, value], ["attachment_failed"] * 2)


@pytest.mark.parametrize("error", [NetworkError, CredentialsError])
def test_a_store_that_is_not_there_ends_the_run(here: Path, error: type[BtError]) -> None:
    """What is wrong is wrong for all that follows, too."""
    keeper = Keeper()
    keeper.fails = error
    with pytest.raises(error):
        attached({"type": "external_attachment", "url": url(here / "a b.png")}, keeper=keeper)


def test_an_attachment_that_could_not_be_brought_is_not_all_well() -> None:
    """CI must not take a trace without its picture for whole: exit code 3."""
    report = ImportReport()
    report.problems["attachment_failed"] = 1
    assert report.exit_code(ImportOptions(InputOptions(()))) == 3

"""The memory that bodies of all requests together may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from bt_cli.server import room
from bt_cli.server.room import Place, Room
from in_process import client_of


async def _begun(taking: Awaitable[None]) -> asyncio.Task[None]:
    """What takes room, once it waits or is done."""
    task = asyncio.ensure_future(taking)
    await asyncio.sleep(0)
    return task


def _in_loop(story: Callable[[Room], Awaitable[None]]) -> None:
    async def told() -> None:
        await story(Room(100, free=10))

    asyncio.run(told())


def test_who_finds_no_room_waits_until_another_is_done() -> None:
    """What is held stays within the bound."""

    async def story(room: Room) -> None:
        first, second = Place(room), Place(room)
        await first.take(80)
        waiting = await _begun(second.take(30))
        assert not waiting.done()
        room.leave(first)
        await waiting
        assert second.size == 30

    _in_loop(story)


def test_the_longest_there_never_waits() -> None:
    """Two half-read bodies don't wait for each other for ever."""

    async def story(room: Room) -> None:
        first, second = Place(room), Place(room)
        await first.take(50)
        await second.take(50)
        waiting = await _begun(second.take(20))
        await first.take(70)
        assert not waiting.done()
        room.leave(first)
        await waiting

    _in_loop(story)


def test_small_ones_never_wait() -> None:
    """Whoever asks a question is answered while large bodies wait."""

    async def story(room: Room) -> None:
        await Place(room).take(100)
        await Place(room).take(10)

    _in_loop(story)


def test_one_that_is_larger_than_the_room_finds_it_alone() -> None:
    """The bound is about many at a time, not about one."""

    async def story(room: Room) -> None:
        await Place(room).take(1000)

    _in_loop(story)


def test_who_waits_too_long_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what makes clients come again."""
    monkeypatch.setattr(room, "WAIT_SECONDS", 0.01)

    async def story(room: Room) -> None:
        await Place(room).take(100)
        with pytest.raises(HTTPException) as caught:
            await Place(room).take(11)
        assert caught.value.status_code == 503
        assert caught.value.headers == {"Retry-After": "5"}

    _in_loop(story)


def test_answered_requests_hold_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that were refused."""
    seen: list[tuple[int, int]] = []
    before = Room.leave

    def leaving(self: Room, place: Place) -> None:
        held = place.size
        before(self, place)
        seen.append((held, self._total))

    monkeypatch.setattr(Room, "leave", leaving)
    with client_of(tmp_path / "s.db") as client:
        client.post("/v1/project", content=b'{"name":"p"}')
        client.post("/logs3", content=b"no JSON")
    assert seen == [(12, 0), (7, 0)]

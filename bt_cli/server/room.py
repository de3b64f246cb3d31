"""How many bytes of bodies are held in memory at a time, all requests together."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_HELD = 128 << 20
"""Bytes; a request that would hold more waits until others are done."""
FREE = 64 << 10
"""A request that holds no more never waits: queries are answered meanwhile."""
WAIT_SECONDS = 60.0
"""After which one that waits is sent away, to come again."""
_ROOM = "room"


class Room:
    """What is held, and by whom. The one that has held something longest never waits, so that somebody gets done."""

    def __init__(self, most: int = MOST_HELD, free: int = FREE) -> None:
        self._most = most
        self._free = free
        self._total = 0
        self._held: dict[Place, None] = {}
        self._freed = asyncio.Event()

    async def take(self, place: Place, size: int) -> None:
        """Waits until ``size`` more bytes may be held. Raises HTTPException with status 503 where it takes too long."""
        if not self._has_room(place, size):
            await self._wait(place, size)
        self._held[place] = None
        self._total += size
        place.size += size

    def leave(self, place: Place) -> None:
        """Gives back all that a request holds."""
        if place.size:
            self._total -= place.size
            del self._held[place]
            self._freed.set()
            self._freed = asyncio.Event()

    def _has_room(self, place: Place, size: int) -> bool:
        if self._total + size <= self._most or place.size + size <= self._free:
            return True
        return next(iter(self._held), place) is place

    async def _wait(self, place: Place, size: int) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not self._has_room(place, size):
                    await self._freed.wait()
        except TimeoutError:
            raise HTTPException(503, "too many large requests at a time", {"Retry-After": "5"}) from None


class Place:
    """What one request holds of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0
        """Bytes."""

    async def take(self, size: int) -> None:
        """Waits until ``size`` more bytes may be held. Raises HTTPException with status 503 where it takes too long."""
        await self._room.take(self, size)


class Bounded:
    """Gives each request its place, until it is answered."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app = app
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        place = Place(self._room)
        scope.setdefault("state", {})[_ROOM] = place
        try:
            await self._app(scope, receive, send)
        finally:
            self._room.leave(place)


def place_of(request: Request) -> Place:
    """Where a request says how much it holds."""
    place: Place = getattr(request.state, _ROOM)
    return place

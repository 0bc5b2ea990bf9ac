"""What people write with the generated package: mypy reads it, and `test_generated` runs it. Each comment that silences mypy
is a mistake that it must find: one that it does not find is an error under `--strict`."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from corpus import FailHub, HubCallError, MakeHub, OneWayHub
from corpus.models import External, Inner, InnerInput, JoinError, Mood, Order, Point

if TYPE_CHECKING:
    from corpus import AskClient


def doubled(points: list[Point]) -> list[Point]:
    """Values are plain dicts."""
    return [{"x": 2 * point["x"], "y": point["y"]} for point in points]


async def limit(hub: FailHub, room: str) -> int | None:
    """The error that a method names is in `data`."""
    try:
        await hub.join(room)
    except HubCallError as error:
        data: JoinError = error.data
        if data["kind"] == "full":
            return data["limit"]
    return None


async def first_two(hub: OneWayHub, items: list[InnerInput]) -> list[Inner]:
    """A stream that is left before its end is cancelled."""

    async def upload() -> AsyncIterator[InnerInput]:
        for item in items:
            yield item

    found: list[Inner] = []
    async with contextlib.aclosing(hub.stream(upload())) as stream:
        async for item in stream:
            found.append(item)
            if len(found) == 2:
                break
    return found


def said(value: External) -> str:
    """A union is told apart by its text, or by its key."""
    if value == "unit":
        return "unit"
    if isinstance(value, dict) and "one" in value:
        return f"one {value['one']}"
    return "another"


async def mistakes(hub: OneWayHub, make: MakeHub, order: Order) -> None:
    """None of this passes."""
    await hub.place()  # type: ignore[call-arg]
    await hub.place(7)  # type: ignore[arg-type]
    await hub.plaice(order)  # type: ignore[attr-defined]
    receipt = await hub.place(order)
    receipt["artikel"]  # type: ignore[typeddict-item]
    point: Point = {"x": 1}  # type: ignore[typeddict-item]
    mood: Mood = "grumpy"  # type: ignore[assignment]
    (await make.point())[0]["z"]  # type: ignore[typeddict-item]
    del point, mood


class Incomplete:
    """It lacks all but one of the methods that the server calls."""

    async def mood(self, value: Mood) -> Mood:
        return value


def incomplete() -> AskClient:
    return Incomplete()  # type: ignore[return-value]

"""A connection of `pysignalr` whose calls can be awaited."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any

from pysignalr.client import SignalRClient
from pysignalr.messages import (
    CancelInvocationMessage,
    CompletionMessage,
    InvocationClientStreamMessage,
    InvocationMessage,
    Message,
    StreamInvocationMessage,
    StreamItemMessage,
)

_Replies = asyncio.Queue[CompletionMessage | StreamItemMessage | Exception]


class HubCallError(Exception):
    """The server refused a call, or the call failed there.

    `data` is the error that the method names, if the server sent one.
    """

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.data = data


class HubConnectionLost(ConnectionError):
    """The connection was lost before a call was answered; it may have run."""


class HubConnection(SignalRClient):
    """A connection to a hub, with the options of `pysignalr.client.SignalRClient`.

    `async with HubConnection(url) as connection:` connects, and disconnects at the end.
    """

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._replies: dict[str, _Replies] = {}
        self._is_open = asyncio.Event()
        self._open_callbacks: list[Callable[[], Awaitable[None]]] = []
        self._close_callbacks: list[Callable[[], Awaitable[None]]] = []
        self._handling: asyncio.Task[Any] | None = None
        self._running: asyncio.Task[None] | None = None
        super().on_open(self._opened)
        super().on_close(self._closed)

    def on_open(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Calls `callback` whenever the connection is open."""
        self._open_callbacks.append(callback)

    def on_close(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Calls `callback` whenever the connection is lost."""
        self._close_callbacks.append(callback)

    def on_call(
        self, method: str, handler: Callable[..., Awaitable[None]], count: int
    ) -> None:
        """Calls `handler` with the first `count` arguments when the server calls `method`."""

        async def call(arguments: Any) -> None:
            await handler(*arguments[:count])

        self.on(method, call)

    def on_question(
        self, method: str, handler: Callable[..., Awaitable[Any]], count: int
    ) -> None:
        """The same, and sends what `handler` returns to the server."""

        async def answer(arguments: Any) -> Any:
            return await handler(*arguments[:count])

        self.on(method, answer)

    async def run(self) -> None:
        """Connects, and runs until the connection ends for good."""
        try:
            await super().run()
        finally:
            self._lose()

    async def invoke(
        self,
        method: str,
        arguments: list[Any],
        uploads: Sequence[AsyncIterable[Any]] = (),
        cancellable: bool = False,
    ) -> Any:
        """Calls a method and returns its result.

        Raises `HubCallError` if the call fails, `HubConnectionLost` if the connection does.
        """
        call = str(uuid.uuid4())
        streams = _streams(call, uploads)
        message: Message = InvocationMessage(call, method, arguments, None)
        if streams:
            message = InvocationClientStreamMessage(
                streams, method, arguments, None, call
            )
        async with self._started(call, message, streams, uploads) as replies:
            try:
                return _result(await replies.get())
            except asyncio.CancelledError:
                if cancellable and self._is_open.is_set():
                    await self._transport.send(CancelInvocationMessage(call))
                raise

    async def items(
        self,
        method: str,
        arguments: list[Any],
        uploads: Sequence[AsyncIterable[Any]] = (),
    ) -> AsyncGenerator[Any, None]:
        """Calls a method and gives the items of its stream.

        The call is cancelled when the generator is closed before its end.
        """
        call = str(uuid.uuid4())
        streams = _streams(call, uploads)
        message = StreamInvocationMessage(
            call, method, arguments, None, streams or None
        )
        async with self._started(call, message, streams, uploads) as replies:
            ended = False
            try:
                while True:
                    reply = await replies.get()
                    if not isinstance(reply, StreamItemMessage):
                        ended = True
                        _result(reply)
                        return
                    yield reply.item
            finally:
                if not ended and self._is_open.is_set():
                    await self._transport.send(CancelInvocationMessage(call))

    async def __aenter__(self) -> HubConnection:
        self._running = asyncio.create_task(self.run())
        opening = asyncio.create_task(self._is_open.wait())
        try:
            await asyncio.wait(
                {self._running, opening}, return_when=asyncio.FIRST_COMPLETED
            )
            if not self._is_open.is_set():
                await self._running
                raise HubConnectionLost("the connection ended before it was open")
        except BaseException:
            self._running.cancel()
            raise
        finally:
            opening.cancel()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._running is None:
            return
        running, self._running = self._running, None
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            # Someone else may have cancelled this task meanwhile.
            if not running.cancelled():
                raise
        except Exception:
            # What the block raised says more than how the connection ended.
            if error is None:
                raise

    @contextlib.asynccontextmanager
    async def _started(
        self,
        call: str,
        message: Message,
        streams: list[str],
        uploads: Sequence[AsyncIterable[Any]],
    ) -> AsyncGenerator[_Replies, None]:
        if self._handling is not None and self._handling is asyncio.current_task():
            raise RuntimeError(
                "a handler of a connection cannot wait for a call over the same one, "
                "which reads no answer meanwhile: use asyncio.create_task"
            )
        replies: _Replies = asyncio.Queue()
        self._replies[call] = replies
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._transport.send(message)
            for stream, items in zip(streams, uploads):
                tasks.append(asyncio.create_task(self._upload(stream, items)))
            try:
                yield replies
            except HubCallError as failed:
                for task in tasks:
                    if task.done() and not task.cancelled():
                        cause = task.exception()
                        if cause is not None:
                            raise failed from cause
                raise
        finally:
            del self._replies[call]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _upload(self, stream: str, items: AsyncIterable[Any]) -> None:
        try:
            async for item in items:
                await self._transport.send(StreamItemMessage(stream, item))
        except Exception:
            failed = CompletionMessage(stream, error="The client's stream failed.")
            await self._transport.send(failed)
            raise
        await self._transport.send(CompletionMessage(stream))

    async def _opened(self) -> None:
        self._is_open.set()
        for callback in self._open_callbacks:
            await callback()

    async def _closed(self) -> None:
        self._lose()
        for callback in self._close_callbacks:
            await callback()

    def _lose(self) -> None:
        self._is_open.clear()
        for replies in self._replies.values():
            replies.put_nowait(HubConnectionLost("the connection was lost"))

    async def _on_invocation_message(self, message: InvocationMessage) -> None:
        self._handling = asyncio.current_task()
        try:
            await super()._on_invocation_message(message)
        finally:
            self._handling = None

    async def _on_completion_message(self, message: CompletionMessage) -> None:
        replies = self._replies.get(message.invocation_id)
        if replies is not None:
            replies.put_nowait(message)
        elif message.invocation_id in self._invocation_handlers:
            await super()._on_completion_message(message)

    async def _on_stream_item_message(self, message: StreamItemMessage) -> None:
        replies = self._replies.get(message.invocation_id)
        if replies is not None:
            replies.put_nowait(message)
        elif message.invocation_id in self._stream_handlers:
            await super()._on_stream_item_message(message)


def _streams(call: str, uploads: Sequence[AsyncIterable[Any]]) -> list[str]:
    return [f"{call}-{number}" for number in range(len(uploads))]


def _result(reply: CompletionMessage | StreamItemMessage | Exception) -> Any:
    if isinstance(reply, Exception):
        raise reply
    if isinstance(reply, StreamItemMessage):
        raise HubCallError("the server sent an item where a result was due")
    if reply.error:
        data = (reply.headers or {}).get("error-data")
        raise HubCallError(reply.error, json.loads(data) if data else None)
    return reply.result

"""`pysignalr` over WebSockets, with JSON and with MessagePack: it calls, hears, streams both ways and answers."""

import asyncio
import contextlib
import logging
import unittest

from pysignalr.client import SignalRClient
from pysignalr.protocol.json import JSONProtocol
from pysignalr.protocol.messagepack import MessagepackProtocol

from fixture import LIMIT, Server

logging.getLogger("pysignalr").setLevel(logging.CRITICAL)


class Connection:
    """One running client, with what it hears."""

    def __init__(self, url, protocol):
        self._client = SignalRClient(url, protocol=protocol)
        self._opened = asyncio.Event()
        self.heard = asyncio.Queue()
        self.errors = asyncio.Queue()
        self._client.on_open(self._open)
        self._client.on_error(self.errors.put)
        self._client.on("Receive", self.heard.put)
        self._client.on("Add", self._add)

    async def _open(self):
        self._opened.set()

    @staticmethod
    async def _add(arguments):
        return sum(arguments)

    async def start(self):
        self._running = asyncio.create_task(self._client.run())
        await asyncio.wait_for(self._opened.wait(), LIMIT)

    async def stop(self):
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running

    async def call(self, method, *arguments):
        """The completion of a call."""
        answer = asyncio.get_running_loop().create_future()

        async def done(completion):
            if not answer.done():
                answer.set_result(completion)

        await self._client.send(method, list(arguments), done)
        return await asyncio.wait_for(answer, LIMIT)

    async def result(self, method, *arguments):
        completion = await self.call(method, *arguments)
        if completion.error:
            raise AssertionError(f"{method} failed: {completion.error}")
        return completion.result

    async def stream(self, method, *arguments):
        """The items of a stream, and the error it ended with."""
        items = []
        ended = asyncio.get_running_loop().create_future()

        async def end(completion):
            ended.set_result(completion.error)

        async def item(value):
            items.append(value)

        await self._client.stream(method, list(arguments), item, end, end)
        return items, await asyncio.wait_for(ended, LIMIT)

    def upload(self, method):
        return self._client.client_stream(method)

    async def next(self):
        return await asyncio.wait_for(self.heard.get(), LIMIT)


class Cases:
    """What is tried with either protocol."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    async def asyncSetUp(self):
        self.connection = Connection(f"{self.server.url}/interop", self.protocol())
        await self.connection.start()

    async def asyncTearDown(self):
        await self.connection.stop()

    async def test_calls(self):
        self.assertEqual(await self.connection.result("Sum", 2, 40), 42)
        text = "\u00e9 \u2028 <&> \U0001f600 \""
        self.assertEqual(await self.connection.result("Echo", text), text)
        self.assertIsNone(await self.connection.result("Nothing"))
        everything = await self.connection.result("GetEverything")
        bytes_of_it = b"\0\1\xfe\xff" if self.binary else "AAH+/w=="
        self.assertEqual((everything["ulong"], everything["bytes"]), (2**53 - 1, bytes_of_it))

    async def test_errors(self):
        shown = await self.connection.call("Shown")
        self.assertEqual(
            shown.error, "An unexpected error occurred invoking 'Shown' on the server. HubException: meant for you"
        )
        unknown = await self.connection.call("Nope")
        self.assertEqual(
            unknown.error,
            "Failed to invoke 'Nope' due to an error on the server. HubException: Method does not exist.",
        )

    async def test_the_server_calls(self):
        await self.connection.result("Join", "snakes")
        await self.connection.result("SayToGroup", "snakes", "hiss")
        self.assertEqual(await self.connection.next(), ["group", "hiss"])
        await self.connection.result("Burst", 100)
        self.assertEqual([await self.connection.next() for _ in range(100)], [["burst", str(n)] for n in range(100)])

    async def test_streams(self):
        self.assertEqual(await self.connection.stream("Count", 100, 0), (list(range(100)), None))
        text = "An error occurred on the server while streaming results. HubException: the stream broke"
        self.assertEqual(await self.connection.stream("CountThenFail", 2), ([0, 1], text))

    async def test_uploads(self):
        # The client has no way to get the result of an upload; that it goes on is what can be seen.
        async with self.connection.upload("Total") as stream:
            for number in range(100):
                await stream.send(number)
        self.assertEqual(await self.connection.result("Sum", 1, 2), 3)

    async def test_the_server_asks(self):
        # Its answer is read while the question's own call waits.
        self.assertEqual(await self.connection.result("Ask", None, 2, 3), "5")


class Json(Cases, unittest.IsolatedAsyncioTestCase):
    binary = False
    protocol = JSONProtocol


class MessagePack(Cases, unittest.IsolatedAsyncioTestCase):
    binary = True
    protocol = MessagepackProtocol


if __name__ == "__main__":
    unittest.main()

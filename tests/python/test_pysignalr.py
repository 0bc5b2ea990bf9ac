"""`pysignalr` over WebSockets, with JSON and with MessagePack: it calls, hears, streams both ways and answers. It hears
durable messages, too, and knows nothing of them."""

import asyncio
import contextlib
import logging
import unittest

from pysignalr.client import SignalRClient
from pysignalr.messages import InvocationMessage
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


class Member(Connection):
    """A client of a durable hub, with the position in a log that each of its messages names."""

    def __init__(self, url, protocol):
        super().__init__(url, protocol)
        self.positions = []
        decode = protocol.decode

        def noted(data):
            messages = decode(data)
            calls = [message for message in messages if isinstance(message, InvocationMessage)]
            self.positions += [(call.headers or {}).get("log") for call in calls]
            return messages

        protocol.decode = noted


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


class Durable:
    """Durable messages, with either protocol: each comes once, and a client that does not resume gets no notices."""

    async def asyncSetUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        # It warns of a method that it does not have, such as the one that notices call.
        no_warnings = self.assertNoLogs("pysignalr", "WARNING")
        no_warnings.__enter__()
        self.addCleanup(no_warnings.__exit__, None, None, None)

    async def connect(self, path="/durable"):
        member = Member(self.server.url + path, self.protocol())
        await member.start()
        self.addAsyncCleanup(member.stop)
        return member

    async def hears(self, member, *expected):
        """These messages come in order, each at a position of its own, and no others."""
        self.assertEqual([await member.next() for _ in expected], [list(message) for message in expected])
        # What was sent before the answer comes before it.
        await member.result("Leave", "a group that it is not in")
        self.assertTrue(member.heard.empty(), "no other message comes")
        self.assertNotIn(None, member.positions)
        self.assertEqual(len(set(member.positions)), len(expected))

    async def test_a_group(self):
        writer, *readers = [await self.connect() for _ in range(3)]
        for reader in readers:
            await reader.result("Join", "snakes")
        for number in range(20):
            await writer.result("SayToGroup", "snakes", str(number))
        for reader in readers:
            await self.hears(reader, *(("group", str(number)) for number in range(20)))
        await self.hears(writer)

    async def test_a_user(self):
        ann, again, bob = [await self.connect(f"/durable?user={user}") for user in ("ann", "ann", "bob")]
        for number in range(20):
            await bob.result("SayToUser", "ann", str(number))
        for reader in (ann, again):
            await self.hears(reader, *(("user", str(number)) for number in range(20)))
        await self.hears(bob)

    async def test_history(self):
        writer, reader = await self.connect(), await self.connect()
        for text in ("one", "two", "three"):
            await writer.result("SayToGroup", "snakes", text)
        await reader.result("JoinWithHistory", "snakes", 2)
        await writer.result("SayToGroup", "snakes", "four")
        await self.hears(reader, ("group", "two"), ("group", "three"), ("group", "four"))

    async def test_more_history_than_the_log_keeps(self):
        writer, reader = await self.connect("/durable-short"), await self.connect("/durable-short")
        for number in range(8):
            await writer.result("SayToGroup", "snakes", str(number))
        await reader.result("JoinWithHistory", "snakes", 50)
        await self.hears(reader, *(("group", str(number)) for number in range(3, 8)))

    async def test_what_it_has_missed_does_not_come(self):
        writer, reader, lost = [await self.connect(f"/durable?user={user}") for user in ("bob", "ann", "eve")]
        for member in (reader, lost):
            await member.result("Join", "snakes")
        await writer.result("SayToGroup", "snakes", "before")
        await self.hears(lost, ("group", "before"))
        await reader.result("Leave", "snakes")
        await lost.stop()
        await writer.result("SayToGroup", "snakes", "missed")
        await writer.result("SayToUser", "eve", "missed")
        back = await self.connect("/durable?user=eve")
        for member in (reader, back):
            await member.result("Join", "snakes")
        await writer.result("SayToGroup", "snakes", "after")
        await self.hears(reader, ("group", "before"), ("group", "after"))
        await self.hears(back, ("group", "after"))


class Json(Cases, unittest.IsolatedAsyncioTestCase):
    binary = False
    protocol = JSONProtocol


class MessagePack(Cases, unittest.IsolatedAsyncioTestCase):
    binary = True
    protocol = MessagepackProtocol


class DurableJson(Durable, unittest.IsolatedAsyncioTestCase):
    protocol = JSONProtocol


class DurableMessagePack(Durable, unittest.IsolatedAsyncioTestCase):
    protocol = MessagepackProtocol


if __name__ == "__main__":
    unittest.main()

"""`signalrcore` with JSON: it calls over every transport, and hears and streams over WebSockets. Over the others it reads
the first message of each event or poll alone, so there it can do no more. Over WebSockets it hears durable messages, with
JSON and with MessagePack, and knows nothing of them."""

import logging
import queue
import threading
import unittest

from signalrcore.hub_connection_builder import HubConnectionBuilder
from signalrcore.messages.invocation_message import InvocationMessage
from signalrcore.protocol.json_hub_protocol import JsonHubProtocol
from signalrcore.protocol.messagepack_protocol import MessagePackHubProtocol
from signalrcore.types import HttpTransportType

from fixture import LIMIT, Server

logging.getLogger("SignalRCoreClient").setLevel(logging.CRITICAL)


class Calls:
    """What is tried over every transport."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        # It notices that it is to stop when something comes in, so the server pings often.
        url = f"{self.server.url}/interop-quick"
        self.connection = HubConnectionBuilder().with_url(url, options={"transport": self.transport}).build()
        opened = threading.Event()
        self.heard, self.errors = queue.Queue(), queue.Queue()
        self.connection.on_open(opened.set)
        self.connection.on_error(self.errors.put)
        self.connection.on("Receive", self.heard.put)
        self.connection.start()
        self.assertTrue(opened.wait(LIMIT), "it connects")

    def tearDown(self):
        self.connection.stop()

    def result(self, method, *arguments):
        answers = queue.Queue()
        self.connection.invoke(method, list(arguments), answers.put)
        return answers.get(timeout=LIMIT).result

    def test_calls(self):
        self.assertEqual(self.result("Sum", 2, 40), 42)
        self.assertEqual(self.result("Echo", "\u00e9 \U0001f600"), "\u00e9 \U0001f600")
        self.assertEqual(self.result("Transport"), self.transport.value)

    def test_errors(self):
        self.connection.invoke("Hidden", [])
        text = "An unexpected error occurred invoking 'Hidden' on the server. InvalidOperationException: a secret"
        self.assertEqual(self.errors.get(timeout=LIMIT).error, text)


class WebSockets(Calls, unittest.TestCase):
    transport = HttpTransportType.web_sockets

    def test_the_server_calls(self):
        self.assertIsNone(self.result("Burst", 50))
        self.assertEqual([self.heard.get(timeout=LIMIT) for _ in range(50)], [["burst", str(n)] for n in range(50)])

    def test_streams(self):
        parts = queue.Queue()
        handlers = {"next": parts.put, "complete": lambda _: parts.put("end"), "error": parts.put}
        # It asks for the items before it has a place for them, so they must not come at once.
        self.connection.stream("Count", [5, 50]).subscribe(handlers)
        self.assertEqual([parts.get(timeout=LIMIT) for _ in range(6)], [0, 1, 2, 3, 4, "end"])


class ServerSentEvents(Calls, unittest.TestCase):
    transport = HttpTransportType.server_sent_events


class LongPolling(Calls, unittest.TestCase):
    transport = HttpTransportType.long_polling


class Member:
    """A client of a durable hub over WebSockets, with what it hears, and the position in a log that each message names."""

    def __init__(self, url, protocol):
        self.heard, self.positions = queue.Queue(), []
        parse = protocol.parse_messages

        def noted(data):
            messages = parse(data)
            calls = [message for message in messages if isinstance(message, InvocationMessage)]
            self.positions += [(call.headers or {}).get("log") for call in calls]
            return messages

        protocol.parse_messages = noted
        self._opened = threading.Event()
        self._connection = HubConnectionBuilder().with_url(url).with_hub_protocol(protocol).build()
        self._connection.on_open(self._opened.set)
        self._connection.on("Receive", self.heard.put)

    def start(self):
        """Whether it connects."""
        self._connection.start()
        return self._opened.wait(LIMIT)

    def stop(self):
        self._connection.stop()

    def result(self, method, *arguments):
        answers = queue.Queue()
        self._connection.invoke(method, list(arguments), answers.put)
        return answers.get(timeout=LIMIT).result

    def next(self):
        return self.heard.get(timeout=LIMIT)


class Durable:
    """Durable messages, with either protocol: each comes once, and a client that does not resume gets no notices."""

    def setUp(self):
        self.server, self.members = Server(), []
        self.addCleanup(self.stop)
        # It tells of a method that it does not have, such as the one that notices call.
        no_logs = self.assertNoLogs("SignalRCoreClient", "INFO")
        no_logs.__enter__()
        self.addCleanup(no_logs.__exit__, None, None, None)

    def stop(self):
        # A client notices that it is to stop when something comes in, such as the end of the server.
        self.server.stop()
        for member in self.members:
            member.stop()

    def connect(self, path="/durable"):
        member = Member(self.server.url + path, self.protocol())
        self.members.append(member)
        self.assertTrue(member.start(), "it connects")
        return member

    def hears(self, member, *expected):
        """These messages come in order, each at a position of its own, and no others."""
        self.assertEqual([member.next() for _ in expected], [list(message) for message in expected])
        # What was sent before the answer comes before it.
        member.result("Leave", "a group that it is not in")
        self.assertTrue(member.heard.empty(), "no other message comes")
        self.assertNotIn(None, member.positions)
        self.assertEqual(len(set(member.positions)), len(expected))

    def test_a_group(self):
        writer, *readers = [self.connect() for _ in range(3)]
        for reader in readers:
            reader.result("Join", "snakes")
        for number in range(20):
            writer.result("SayToGroup", "snakes", str(number))
        for reader in readers:
            self.hears(reader, *(("group", str(number)) for number in range(20)))
        self.hears(writer)

    def test_a_user(self):
        ann, again, bob = [self.connect(f"/durable?user={user}") for user in ("ann", "ann", "bob")]
        for number in range(20):
            bob.result("SayToUser", "ann", str(number))
        for reader in (ann, again):
            self.hears(reader, *(("user", str(number)) for number in range(20)))
        self.hears(bob)

    def test_history(self):
        writer, reader = self.connect(), self.connect()
        for text in ("one", "two", "three"):
            writer.result("SayToGroup", "snakes", text)
        reader.result("JoinWithHistory", "snakes", 2)
        writer.result("SayToGroup", "snakes", "four")
        self.hears(reader, ("group", "two"), ("group", "three"), ("group", "four"))

    def test_more_history_than_the_log_keeps(self):
        writer, reader = self.connect("/durable-short"), self.connect("/durable-short")
        for number in range(8):
            writer.result("SayToGroup", "snakes", str(number))
        reader.result("JoinWithHistory", "snakes", 50)
        self.hears(reader, *(("group", str(number)) for number in range(3, 8)))

    def test_what_it_has_missed_does_not_come(self):
        writer, reader = self.connect(), self.connect()
        reader.result("Join", "snakes")
        writer.result("SayToGroup", "snakes", "before")
        reader.result("Leave", "snakes")
        writer.result("SayToGroup", "snakes", "missed")
        reader.result("Join", "snakes")
        writer.result("SayToGroup", "snakes", "after")
        self.hears(reader, ("group", "before"), ("group", "after"))


class DurableJson(Durable, unittest.TestCase):
    protocol = JsonHubProtocol


class DurableMessagePack(Durable, unittest.TestCase):
    protocol = MessagePackHubProtocol


if __name__ == "__main__":
    unittest.main()

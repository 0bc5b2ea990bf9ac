"""`signalrcore` with JSON: it calls over every transport, and hears and streams over WebSockets. Over the others it reads
the first message of each event or poll alone, so there it can do no more."""

import logging
import queue
import threading
import unittest

from signalrcore.hub_connection_builder import HubConnectionBuilder
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


if __name__ == "__main__":
    unittest.main()

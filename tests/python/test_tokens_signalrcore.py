"""`signalrcore` with JSON Web Tokens over every transport: by a header, by the query and by a provider; refused, expired."""

import logging
import queue
import threading
import time
import unittest
from unittest import mock
from urllib.error import HTTPError

from signalrcore.helpers import RequestHelpers
from signalrcore.hub_connection_builder import HubConnectionBuilder
from signalrcore.types import HttpTransportType

from fixture import LIMIT, Server
from tokens import refused, token

logging.getLogger("SignalRCoreClient").setLevel(logging.CRITICAL)

UNAUTHORIZED = "Failed to invoke 'AdminOnly' because user is unauthorized"


class Cases:
    """What is tried over every transport."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def build(self, query="", **options):
        options["transport"] = self.transport
        connection = HubConnectionBuilder().with_url(f"{self.server.url}/members{query}", options=options).build()
        self.opened, self.closed = threading.Event(), threading.Event()
        self.errors = queue.Queue()
        connection.on_open(self.opened.set)
        connection.on_close(self.closed.set)
        connection.on_error(self.errors.put)
        return connection

    def connect(self, **options):
        connection = self.build(**options)
        connection.start()
        self.addCleanup(connection.stop)
        self.assertTrue(self.opened.wait(LIMIT), "it connects")
        return connection

    def call(self, connection, method):
        answers = queue.Queue()
        connection.invoke(method, [], answers.put)
        return answers.get(timeout=LIMIT).result

    def goes_well(self, connection):
        self.assertEqual(self.call(connection, "Who"), "ann")
        connection.invoke("AdminOnly", [])
        self.assertEqual(self.errors.get(timeout=LIMIT).error, UNAUTHORIZED)
        self.assertEqual(self.call(connection, "Who"), "ann", "the connection goes on")

    def test_by_the_query(self):
        self.goes_well(self.connect(query=f"?access_token={token(sub='ann')}"))

    def test_by_a_header(self):
        self.goes_well(self.connect(headers={"Authorization": f"Bearer {token(sub='ann')}"}))

    def test_by_a_provider(self):
        self.goes_well(self.connect(access_token_factory=lambda: token(sub="ann")))

    def test_a_role(self):
        connection = self.connect(query=f"?access_token={token(sub='bob', role=['admin'])}")
        self.assertEqual(self.call(connection, "AdminOnly"), "done")

    def test_refused(self):
        ways = {"none": {}}
        for what, bad in refused().items():
            ways[f"{what}, by a header"] = {"headers": {"Authorization": f"Bearer {bad}"}}
            ways[f"{what}, by the query"] = {"query": f"?access_token={bad}"}
            ways[f"{what}, by a provider"] = {"access_token_factory": lambda bad=bad: bad}
        for what, options in ways.items():
            with self.subTest(what), self.assertRaises(HTTPError) as raised:
                self.build(**options).start()
            self.assertEqual(raised.exception.code, 401)

    def test_the_connection_ends_with_its_token(self):
        exp = int(time.time()) + 3
        connection = self.connect(query=f"?access_token={token(sub='ann', exp=exp)}")
        self.assertEqual(self.call(connection, "Who"), "ann")
        self.assertTrue(self.closed.wait(LIMIT), "it is closed")
        self.assertGreaterEqual(time.time(), exp - 0.1, "not before")


class WebSockets(Cases, unittest.TestCase):
    transport = HttpTransportType.web_sockets


class ServerSentEvents(Cases, unittest.TestCase):
    transport = HttpTransportType.server_sent_events


class LongPolling(Cases, unittest.TestCase):
    """Its polls carry none of the headers that it is given, so that only a token in the query gets through them."""

    transport = HttpTransportType.long_polling

    def polls_are_refused(self, **options):
        outcomes = queue.Queue()
        get = RequestHelpers.get

        def watched(*arguments, **named):
            try:
                outcome = get(*arguments, **named)
            except HTTPError as error:
                outcomes.put(error.code)
                raise
            outcomes.put(outcome.status_code)
            return outcome

        with mock.patch.object(RequestHelpers, "get", watched):
            connection = self.build(**options)
            connection.start()
            self.assertEqual(outcomes.get(timeout=LIMIT), 401)
            # It would poll for ever.
            connection.transport._client._running = False
            connection.transport._client.dispose()
        self.assertFalse(self.opened.is_set())

    def test_by_a_header(self):
        self.polls_are_refused(headers={"Authorization": f"Bearer {token(sub='ann')}"})

    def test_by_a_provider(self):
        self.polls_are_refused(access_token_factory=lambda: token(sub="ann"))


if __name__ == "__main__":
    unittest.main()

"""`pysignalr` with JSON Web Tokens, over WebSockets, which is all it has: by a header and by the query; refused, expired.

Its provider is asked once the socket is open, and so comes too late for a hub that requires a user."""

import asyncio
import contextlib
import logging
import time
import unittest

from pysignalr.client import SignalRClient
from pysignalr.exceptions import AuthorizationError

from fixture import LIMIT, Server
from tokens import refused, token

logging.getLogger("pysignalr").setLevel(logging.CRITICAL)

UNAUTHORIZED = "Failed to invoke 'AdminOnly' because user is unauthorized"


class Tokens(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def build(self, query="", **options):
        return SignalRClient(f"{self.server.url}/members{query}", **options)

    async def connect(self, **options):
        client = self.build(**options)
        opened = asyncio.Event()

        async def open_it():
            opened.set()

        async def no_error(_):
            # Without a handler it ends its connection when a call fails.
            pass

        client.on_open(open_it)
        client.on_error(no_error)
        self.running = asyncio.create_task(client.run())
        self.addAsyncCleanup(self.stop, self.running)
        await asyncio.wait_for(opened.wait(), LIMIT)
        return client

    async def stop(self, running):
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, AuthorizationError):
            await running

    async def call(self, client, method):
        answer = asyncio.get_running_loop().create_future()

        async def done(completion):
            answer.set_result(completion)

        await client.send(method, [], done)
        return await asyncio.wait_for(answer, LIMIT)

    async def goes_well(self, client):
        self.assertEqual((await self.call(client, "Who")).result, "ann")
        self.assertEqual((await self.call(client, "AdminOnly")).error, UNAUTHORIZED)
        self.assertEqual((await self.call(client, "Who")).result, "ann", "the connection goes on")

    async def test_by_a_header(self):
        await self.goes_well(await self.connect(headers={"Authorization": f"Bearer {token(sub='ann')}"}))

    async def test_by_the_query(self):
        await self.goes_well(await self.connect(query=f"?access_token={token(sub='ann')}"))

    async def test_a_role(self):
        client = await self.connect(headers={"Authorization": f"Bearer {token(sub='bob', role=['admin'])}"})
        self.assertEqual((await self.call(client, "AdminOnly")).result, "done")

    async def test_its_provider_comes_too_late(self):
        asked = []

        def provide():
            asked.append(True)
            return token(sub="ann")

        with self.assertRaises(AuthorizationError):
            await asyncio.wait_for(self.build(access_token_factory=provide).run(), LIMIT)
        self.assertEqual(asked, [], "the first request was made without it")

    async def test_refused(self):
        ways = {"none": {}}
        for what, bad in refused().items():
            ways[f"{what}, by a header"] = {"headers": {"Authorization": f"Bearer {bad}"}}
            ways[f"{what}, by the query"] = {"query": f"?access_token={bad}"}
        for what, options in ways.items():
            with self.subTest(what), self.assertRaises(AuthorizationError):
                await asyncio.wait_for(self.build(**options).run(), LIMIT)

    async def test_the_connection_ends_with_its_token(self):
        exp = int(time.time()) + 2
        client = await self.connect(headers={"Authorization": f"Bearer {token(sub='ann', exp=exp)}"})
        self.assertEqual((await self.call(client, "Who")).result, "ann")
        # It negotiates again with the same token, which is refused, and gives up.
        with self.assertRaises(AuthorizationError):
            await asyncio.wait_for(asyncio.shield(self.running), LIMIT)
        self.assertGreaterEqual(time.time(), exp - 0.1, "not before")


if __name__ == "__main__":
    unittest.main()

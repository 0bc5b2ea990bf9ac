"""The Python that `cargo hubs generate` writes: `mypy --strict` reads it, and it runs against the server of the corpus."""

import asyncio
import builtins
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import typing
import unittest
from unittest import mock

import conforms
import corpus
import corpus.models
import usage
from fixture import LIMIT, ROOT, Server, program

logging.getLogger("pysignalr").setLevel(logging.CRITICAL)


class Mypy(unittest.TestCase):
    def test_strict(self):
        for version in ("3.10", f"3.{sys.version_info.minor}"):
            with self.subTest(version):
                command = [sys.executable, "-m", "mypy", "--strict", "--python-version", version]
                command += ["--cache-dir", os.devnull, "corpus", "usage.py"]
                done = subprocess.run(command, cwd=ROOT / "tests/python", capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


    def test_what_the_docs_show(self):
        page = (ROOT / "docs/csharp-python.md").read_text()
        example = page.split("```python\n")[1].split("```")[0]
        template = (ROOT / "codegen/templates/base/contract.json").read_text()
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "hubs.json").write_text(template.replace("{{name}}", "chat"))
            (folder / "example.py").write_text(example)
            generate = [program("cargo-hubs"), "generate", "--from", "hubs.json", "--python", "chat"]
            mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "example.py"]
            for command in (generate, mypy):
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Echo:
    """Answers each question with what it is asked."""

    def __getattr__(self, name):
        async def answer(value):
            return value

        return answer


class Running(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.server = Server("hubs-fixture-types")
        self.addCleanup(self.server.stop)

    async def connect(self, path, register=None):
        connection = corpus.HubConnection(self.server.url + path)
        if register:
            register(connection)
        await self.within(connection.__aenter__())
        self.addAsyncCleanup(connection.__aexit__, None, None, None)
        return connection

    async def items(self, stream):
        """All items of a stream."""

        async def collect():
            return [item async for item in stream]

        return await self.within(collect())

    async def within(self, waiting):
        return await asyncio.wait_for(waiting, LIMIT)

    def methods(self, hub):
        return [name for name, value in vars(hub).items() if not name.startswith("_") and callable(value)]

    async def test_every_value_is_what_its_type_says_and_comes_back(self):
        make = corpus.MakeHub(await self.connect("/make"))
        echo = corpus.EchoHub(await self.connect("/echo"))
        methods = self.methods(corpus.MakeHub)
        self.assertGreaterEqual(len(methods), 40)
        for name in methods:
            with self.subTest(name):
                names = {**vars(corpus.models), "builtins": builtins}
                kind = typing.get_type_hints(getattr(corpus.MakeHub, name), names)["return"]
                values = await self.within(getattr(make, name)())
                self.assertTrue(values)
                self.assertIsNone(conforms.problem(values, kind, corpus.models))
                for value in values:
                    self.assertEqual(await self.within(getattr(echo, name)(value)), value)

    async def test_the_server_asks(self):
        handlers = Echo()
        connection = await self.connect("/ask", lambda made: corpus.register_ask_client(made, handlers))
        hub = corpus.AskHub(connection)
        for name in self.methods(corpus.AskHub):
            with self.subTest(name):
                if name in ("perhaps", "untagged"):
                    # `pysignalr` takes None for no answer.
                    with self.assertRaisesRegex(corpus.HubCallError, "Client didn't provide a result"):
                        await self.within(getattr(hub, name)())
                else:
                    self.assertGreater(await self.within(getattr(hub, name)()), 0)

    async def test_values_streams_and_errors_as_people_use_them(self):
        hub = corpus.OneWayHub(await self.connect("/one-way"))
        items = [{"always": number} for number in range(5)]
        # The connection goes on after a stream that was left.
        for _ in range(2):
            found = await self.within(usage.first_two(hub, items))
            self.assertEqual([item["always"] for item in found], [0, 1])
        self.assertEqual(usage.said("unit"), "unit")
        self.assertEqual(usage.said({"one": 7}), "one 7")

    async def test_errors(self):
        hub = corpus.FailHub(await self.connect("/fail"))
        self.assertEqual(await self.within(usage.limit(hub, "full")), 2)
        self.assertIsNone(await self.within(usage.limit(hub, "closed")))
        self.assertEqual(await self.within(hub.join("lobby")), "lobby")
        with self.assertRaisesRegex(corpus.HubCallError, "not so loud") as raised:
            await self.within(hub.shout())
        self.assertIsNone(raised.exception.data)
        with self.assertRaises(corpus.HubCallError) as raised:
            await self.items(hub.listen("closed"))
        self.assertEqual(raised.exception.data, {"kind": "closed"})
        self.assertEqual(await self.items(hub.listen("lobby")), ["lobby"])

    async def test_an_upload_that_fails(self):
        hub = corpus.OneWayHub(await self.connect("/one-way"))

        async def items():
            yield {"always": 1}
            raise ValueError("a secret of the client")

        with self.assertRaises(corpus.HubCallError) as raised:
            await self.items(hub.stream(items()))
        self.assertNotIn("secret", str(raised.exception))
        self.assertIsInstance(raised.exception.__cause__, ValueError)

    async def waits(self):
        """A hub with a call that has been sent and is not answered."""
        connection = await self.connect("/cancel")
        hub, sent, send = corpus.CancelHub(connection), asyncio.Event(), connection._transport.send

        async def noted(message):
            await send(message)
            sent.set()

        with mock.patch.object(connection._transport, "send", noted):
            waiting = asyncio.create_task(hub.wait())
            await self.within(sent.wait())
        return hub, waiting

    async def test_a_call_that_is_cancelled(self):
        hub, waiting = await self.waits()
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await self.within(waiting)
        # The server runs one call of a connection after the other.
        self.assertTrue(await self.within(hub.cancelled()))

    async def test_a_handler_that_waits_for_its_own_connection(self):
        class Waits(Echo):
            async def mood(self, value):
                with outer.assertRaisesRegex(RuntimeError, "use asyncio.create_task"):
                    await hub.point()
                asked.append(value)
                return value

        outer, asked = self, []
        connection = await self.connect("/ask", lambda made: corpus.register_ask_client(made, Waits()))
        hub = corpus.AskHub(connection)
        self.assertEqual(await self.within(hub.mood()), len(asked))

    async def test_a_connection_that_is_lost(self):
        _, waiting = await self.waits()
        self.server.kill()
        with self.assertRaises(corpus.HubConnectionLost):
            await self.within(waiting)


if __name__ == "__main__":
    unittest.main()

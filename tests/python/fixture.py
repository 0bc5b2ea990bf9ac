"""The programs of this workspace that the tests need, each as a process of its own."""

import json
import os
import pathlib
import queue
import subprocess
import threading

#: How long anything may take, in seconds.
LIMIT = 10

#: The repository.
ROOT = pathlib.Path(__file__).resolve().parents[2]
_TARGET = pathlib.Path(os.environ.get("HUBS_TARGET", ROOT / "target"))


def program(name):
    """The path of a program that `cargo build` has made."""
    return _TARGET / "debug" / (name + (".exe" if os.name == "nt" else ""))


class Server:
    """Listens until it is stopped; it ends by itself when its standard input does."""

    def __init__(self, name="hubs-fixture-server"):
        self._process = subprocess.Popen(
            [program(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        self.url = json.loads(lines.get(timeout=LIMIT))["url"]

    def _read(self, lines):
        # Read to the end, or the pipe fills up.
        for line in self._process.stdout:
            lines.put(line)

    def kill(self):
        """Ends it at once."""
        self._process.kill()
        self._process.wait(timeout=LIMIT)

    def stop(self):
        self.kill()
        self._process.stdin.close()
        self._process.stdout.close()

"""The nodes of the demo's federation, each a process that can be started, stopped and hurt."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

START_SECONDS = 30


class Nodes:
    """The federation in a folder of its own. No node of it runs until it is started."""

    def __init__(self, folder):
        self.dir = folder
        self.nodes = {one["node"]: one for one in json.loads((folder / "federation.json").read_text())["nodes"]}
        self._running = {}

    @classmethod
    def make(cls, folder):
        """Makes it, and plays the story of the demo in it."""
        subprocess.run([binary(), "demo", "--exit", "--dir", folder], check=True, stdout=subprocess.DEVNULL)
        return cls(folder)

    def copy(self, folder):
        """The same federation, with the same ports, in another folder."""
        shutil.copytree(self.dir, folder)
        described = folder / "federation.json"
        described.write_text(described.read_text().replace(str(self.dir), str(folder)))
        return Nodes(folder)

    def start(self, name, **environment):
        """Starts a node, and waits until it takes calls."""
        log = open(self.dir / f"{name}.log", "ab")
        process = subprocess.Popen(
            [binary(), "serve", "--config", self.dir / name / "node.yaml"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {key: str(value) for key, value in environment.items()},
        )
        log.close()
        self._running[name] = process
        port = int(self.nodes[name]["agency_address"].rpartition(":")[2])
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start:\n" + (self.dir / f"{name}.log").read_text())
            time.sleep(0.02)

    def stop(self, *names):
        """Ends nodes in good order; all that run where none is named."""
        for name in names or list(self._running):
            process = self._running.pop(name)
            process.terminate()
            process.wait(timeout=30)

    def data(self, name):
        """The folder of what a node keeps."""
        return self.dir / name / "data"

    def node_port(self, name):
        """Where other nodes call it."""
        listener = re.search(r"node_listener:\n +address: \"127\.0\.0\.1:(\d+)\"", self.config(name))
        return int(listener[1])

    def config(self, name):
        return (self.dir / name / "node.yaml").read_text()

    def configure(self, name, change):
        """Changes the text of a node's configuration, which it reads when it starts."""
        (self.dir / name / "node.yaml").write_text(change(self.config(name)))


def binary():
    return os.environ["PASSERELLE_BINARY"]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except ConnectionRefusedError:
        return False


def build_faults(folder):
    """The library that makes a process see a machine at fault."""
    library = Path(folder) / "faults.so"
    source = Path(__file__).parent / "faults.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source], check=True)
    return library

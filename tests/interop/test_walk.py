"""The program of docs/integrate/python.md, as it stands there, against the sandbox."""

import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrate" / "python.md"
START_SECONDS = 60


def fenced(language):
    """The only block of the page in that language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return block


class WalkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-walk-")
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name) / "sandbox"
        self.sandbox = subprocess.Popen(
            [os.environ["PASSERELLE_BINARY"], "sandbox", "--dir", str(self.dir)], stdout=subprocess.DEVNULL
        )
        self.addCleanup(self.end)
        deadline = time.monotonic() + START_SECONDS
        while not (self.dir / "sandbox.json").exists():
            running = self.sandbox.poll() is None and time.monotonic() < deadline
            self.assertTrue(running, "the sandbox did not start")
            time.sleep(0.05)

    def end(self):
        self.sandbox.terminate()
        self.assertEqual(self.sandbox.wait(timeout=30), 0)

    def test_the_walk_prints_what_its_page_says(self):
        walk = self.dir.parent / "walk.py"
        walk.write_text(fenced("python"))
        done = subprocess.run(
            [sys.executable, str(walk), str(self.dir)], capture_output=True, text=True, timeout=120
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, fenced("text"))

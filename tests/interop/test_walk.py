"""The programs of docs/integrate, as they stand there, against the sandbox."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
RUN_SECONDS = 300


class Page:
    def __init__(self, name):
        self.text = (ROOT / "docs" / "integrate" / name).read_text()

    def fenced(self, language):
        """The only block of the page in that language."""
        (block,) = re.findall(rf"^```{language}\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return block

    def command(self, program):
        """The only command of the page that runs that program."""
        (line,) = re.findall(rf"^    ({program} .*)$", self.text, re.MULTILINE)
        return shlex.split(line)


class WalkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-walk-")
        self.addCleanup(folder.cleanup)
        self.beside = Path(folder.name)
        self.dir = self.beside / "sandbox"

    def start_sandbox(self):
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

    def prints(self, command):
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=RUN_SECONDS, cwd=self.beside
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_walk_in_python_prints_what_its_page_says(self):
        page = Page("python.md")
        self.start_sandbox()
        walk = self.beside / "walk.py"
        walk.write_text(page.fenced("python"))
        self.assertEqual(self.prints([sys.executable, str(walk), str(self.dir)]), page.fenced("text"))

    def test_the_walk_in_java_prints_what_its_page_says(self):
        page = Page("java.md")
        (self.beside / "Walk.java").write_text(page.fenced("java"))
        (self.beside / "proto").symlink_to(ROOT / "proto")
        (self.beside / "venv").symlink_to(sys.prefix)
        self.prints(["bash", "-euc", page.fenced("sh")])
        self.start_sandbox()
        command = [str(self.dir) if word == "/tmp/sandbox" else word for word in page.command("java")]
        self.assertEqual(self.prints(command), page.fenced("text"))

    def test_the_walk_in_php_prints_what_its_page_says(self):
        page = Page("php.md")
        (self.beside / "walk.php").write_text(page.fenced("php"))
        (self.beside / "proto").symlink_to(ROOT / "proto")
        self.prints(["bash", "-euc", page.fenced("sh")])
        # What the page has from Composer and PECL.
        (packages,) = Path(sys.prefix).glob("lib/python3*/site-packages")
        rpc = [f"google/rpc/{name}.proto" for name in ("code", "error_details", "status")]
        self.prints(["protoc", "-I", str(packages), "--php_out=stubs", *rpc])
        (self.beside / "vendor").mkdir()
        (self.beside / "vendor" / "autoload.php").symlink_to(ROOT / "tests" / "interop" / "grpc.php")
        self.start_sandbox()
        command = [str(self.dir) if word == "/tmp/sandbox" else word for word in page.command("php")]
        self.assertEqual(self.prints(command), page.fenced("text"))

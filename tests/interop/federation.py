"""Starts the demo's federation, and reads how an agency system connects to each of its nodes."""

import json
import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path

import grpc
import jwt

START_SECONDS = 60


class Federation:
    """The nodes of `passerelle demo`, running in a folder of their own."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="passerelle-interop-")
        self.dir = Path(self._folder.name) / "demo"
        self._log = open(Path(self._folder.name) / "demo.log", "wb")
        self._process = subprocess.Popen(
            [os.environ["PASSERELLE_BINARY"], "demo", "--dir", str(self.dir)],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        description = self.dir / "federation.json"
        deadline = time.monotonic() + START_SECONDS
        while not description.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the demo did not start:\n" + self.log())
            time.sleep(0.05)
        self.nodes = {node["node"]: node for node in json.loads(description.read_text())["nodes"]}

    def of_kind(self, kind):
        """The node of an organisation of that kind."""
        return next(node for node in self.nodes.values() if node["organisation_kind"] == kind)

    def log(self):
        self._log.flush()
        return (Path(self._folder.name) / "demo.log").read_text(errors="replace")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        finally:
            self._log.close()
            self._folder.cleanup()
        return self._process.returncode


def channel(node):
    """A channel of the organisation's own agency system: its certificate, its client CA."""
    credentials = grpc.ssl_channel_credentials(
        root_certificates=Path(node["ca_file"]).read_bytes(),
        private_key=Path(node["client_key_file"]).read_bytes(),
        certificate_chain=Path(node["client_certificate_file"]).read_bytes(),
    )
    return grpc.secure_channel(node["agency_address"], credentials)


def agent_proof(node, subject, role="caseworker", amr=("pwd", "otp"), **changes):
    """The proof of who the agent is, signed by the agency system's own key (README of the API)."""
    now = int(time.time())
    claims = {
        "iss": node["system"],
        "aud": node["node"],
        "sub": subject,
        "siret": node["siret"],
        "role": role,
        "amr": list(amr),
        "auth_time": now - 30,
        "iat": now,
        "exp": now + 120,
        "jti": token_id(),
    }
    claims.update(changes)
    return jwt.encode(
        claims,
        Path(node["assertion_key_file"]).read_text(),
        algorithm="EdDSA",
        headers={"typ": "agent-proof+jwt", "kid": node["assertion_kid"]},
    )


def token_id():
    """22 characters of base64url: 16 random bytes."""
    return jwt.utils.base64url_encode(secrets.token_bytes(16)).decode()


def uuid7():
    """A UUID of version 7 (RFC 9562 section 5.7), which Python 3.11 does not make."""
    millis = int(time.time() * 1000).to_bytes(6, "big")
    tail = bytearray(secrets.token_bytes(10))
    tail[0] = (tail[0] & 0x0F) | 0x70
    tail[2] = (tail[2] & 0x3F) | 0x80
    hexed = (millis + bytes(tail)).hex()
    return "-".join([hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]])

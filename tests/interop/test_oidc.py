"""Agents who signed in at an identity provider, in a second language."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import grpc  # noqa: E402
from federation import channel  # noqa: E402
from nodes import Nodes  # noqa: E402
from oidc import CLIENT_ID, Provider, issuers  # noqa: E402

from passerelle.agency.v1 import session_pb2, session_pb2_grpc  # noqa: E402

OWN = "departement"
DEADLINE = 20


class OidcTest(unittest.TestCase):
    """One node, whose configuration names one provider."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-oidc-")
        cls.addClassCleanup(folder.cleanup)
        nodes = Nodes.make(Path(folder.name) / "demo")
        cls.provider = Provider("https://connexion.example")
        jwks = nodes.dir / "jwks.json"
        jwks.write_text(cls.provider.jwks())
        nodes.configure(
            OWN,
            issuers(
                f"""issuer: {cls.provider.issuer}
client_id: {CLIENT_ID}
jwks_file: {jwks}
algorithms: [ES256]
siret_claim: siret
role_claim: groups
roles: {{insertion: caseworker}}
second_factor: [otp]"""
            ),
        )
        nodes.start(OWN)
        cls.addClassCleanup(nodes.stop)
        cls.node = nodes.nodes[OWN]
        cls.sessions = session_pb2_grpc.SessionServiceStub(channel(cls.node))

    def open(self, proof):
        return self.sessions.OpenSession(session_pb2.OpenSessionRequest(oidc=proof), timeout=DEADLINE)

    def refused(self, proof):
        with self.assertRaises(grpc.RpcError) as raised:
            self.open(proof)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        return raised.exception.details()

    def test_a_session_is_the_agents_whom_the_provider_names(self):
        proof = self.provider.proof(self.node, "a-17")
        opened = self.open(proof)
        self.assertEqual((opened.assurance, opened.role, opened.second_factor), ("oidc", "caseworker", True))
        metadata = (("authorization", "Bearer " + opened.token),)
        session = self.sessions.GetSession(session_pb2.GetSessionRequest(), metadata=metadata, timeout=DEADLINE)
        self.assertEqual((session.agent, session.assurance), ("a-17", "oidc"))
        # Good once.
        self.assertIn("used once", self.refused(proof))

    def test_what_was_made_for_another_or_says_too_little_is_refused(self):
        changes = {
            "nonce": "made elsewhere",
            "aud": "another-client",
            "siret": "21670482500019",
            "groups": ["accueil"],
            "sub": "system:night",
        }
        for claim, value in changes.items():
            with self.subTest(claim):
                self.refused(self.provider.proof(self.node, "a-17", **{claim: value}))
        stranger = Provider(self.provider.issuer)
        self.assertIn("signature", self.refused(stranger.proof(self.node, "a-17")))


if __name__ == "__main__":
    unittest.main()

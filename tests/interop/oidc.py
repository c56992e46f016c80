"""An identity provider of OpenID Connect, as far as a node sees of it: keys and tokens."""

import base64
import hashlib
import json
import secrets
import ssl
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from passerelle.agency.v1 import session_pb2  # noqa: E402

CLIENT_ID = "logiciel-metier"


class Provider:
    """Signs what it is told, with one key."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwks(self):
        jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [jwk | {"kid": "key-1", "alg": "ES256", "use": "sig"}]})

    def sign(self, claims):
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": "key-1"})

    def proof(self, node, subject, **changes):
        """What the agency system of a node shows of an agent who just signed in."""
        now = int(time.time())
        secret = base64url(secrets.token_bytes(24))
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": subject,
            "siret": node["siret"],
            "groups": ["insertion"],
            "amr": ["pwd", "otp"],
            "auth_time": now - 30,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce(secret, node),
        }
        return session_pb2.OidcProof(id_token=self.sign(claims | changes), nonce_secret=secret)


def nonce(secret, node):
    """Binds a token to the certificate that the system shows the node (docs/integrate/sessions.md)."""
    pem = Path(node["client_certificate_file"]).read_text()
    certificate = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    return base64url(hashlib.sha256(f"{secret}.{certificate}".encode()).digest())


def base64url(some):
    return base64.urlsafe_b64encode(some).rstrip(b"=").decode()


def issuers(*lines):
    """A change of a configuration that has no issuers yet: each a text of settings, a line each."""
    block = "".join("    - " + text.strip().replace("\n", "\n      ") + "\n" for text in lines)
    return lambda config: config.replace("\nagency:\n", f"\nagency:\n  issuers:\n{block}", 1)

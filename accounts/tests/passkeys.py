"""A passkey in software: what a browser would post for it, signed as a real one would."""

import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "localhost"
ADD = "/accounts/mfa/webauthn/add/"
VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT


def add(client: Client, name: str, id_: bytes = b"a-passkey-of-ours") -> Any:
    """Register a passkey for whoever is signed in with this client, on `https://localhost`."""
    options = client.get(ADD, secure=True, headers={"host": HOST}).context["js_data"]["creation_options"]
    posted = {"name": name, "passwordless": "on", "credential": json.dumps(_made(options, id_))}
    return client.post(ADD, posted, secure=True, headers={"host": HOST})


def _made(options: Any, id_: bytes) -> dict[str, Any]:
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, id_, public)
    data = AuthenticatorData.create(sha256(HOST.encode()).digest(), VERIFIED, 0, credential)
    said = CollectedClientData.create("webauthn.create", options["publicKey"]["challenge"], f"https://{HOST}")
    attested = AttestationObject.create("none", data, {})
    raw_id = websafe_encode(id_)
    return {
        "id": raw_id,
        "rawId": raw_id,
        "type": "public-key",
        "response": {"clientDataJSON": said.b64, "attestationObject": websafe_encode(attested)},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }

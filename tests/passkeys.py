"""An authenticator of our own: it makes a passkey and proves it, as a computer or a phone does."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT_AND_VERIFIED = 0x05
_WITH_CREDENTIAL = 0x40


class Authenticator:
    """One device, with at most one passkey on it."""

    def __init__(self, origin: str, rp_id: str = "localhost", *, verifies: bool = True) -> None:
        self.origin, self._rp_id = origin, rp_id
        self._flags = _PRESENT_AND_VERIFIED if verifies else 0x01
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(32)
        self._count = 0

    def answers(self, asked: dict[str, Any]) -> str:
        """Return what a browser posts for the options it was given."""
        return self._makes(asked["options"]) if asked["enrols"] else self._proves(asked["options"])

    def _makes(self, options: dict[str, Any]) -> str:
        point = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        held = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cbor2.dumps(key)
        data = self._data(self._flags | _WITH_CREDENTIAL) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options)
        return self._packed({"clientDataJSON": _text(said), "attestationObject": _text(attestation)})

    def _proves(self, options: dict[str, Any]) -> str:
        self._count += 1
        data, said = self._data(self._flags), self._said("webauthn.get", options)
        signed = self._key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": said, "authenticatorData": data, "signature": signed}
        return self._packed({name: _text(part) for name, part in parts.items()})

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self._rp_id.encode()).digest() + bytes([flags]) + self._count.to_bytes(4, "big")

    def _said(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _packed(self, response: dict[str, str]) -> str:
        own = _text(self._id)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": response})


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

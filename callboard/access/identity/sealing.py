"""Encrypts what must not be readable in a copy of the database, when the operator gave a secret for it."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEALED = "sealed:"


class Seal:
    """Without a secret, `close` returns its text as it is."""

    def __init__(self, secret: str | None) -> None:
        self._fernet: Fernet | None = None
        if secret is not None:
            derive = HKDF(SHA256(), 32, salt=None, info=b"callboard signing keys")
            self._fernet = Fernet(base64.urlsafe_b64encode(derive.derive(secret.encode())))

    def close(self, text: str) -> str:
        return text if self._fernet is None else _SEALED + self._fernet.encrypt(text.encode()).decode()

    def open(self, text: str) -> str | None:
        """What was closed; None when it was closed with another secret."""
        if not text.startswith(_SEALED):
            return text
        try:
            return self._fernet.decrypt(text[len(_SEALED) :].encode()).decode() if self._fernet else None
        except InvalidToken:
            return None

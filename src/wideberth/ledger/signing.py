"""Ed25519 keys and signatures.  A private key is read from its file, used, and never written anywhere.

A public key is held as its SubjectPublicKeyInfo in base64, which is the middle line of its PEM file.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from wideberth.errors import LedgerError, reason
from wideberth.ledger.records import decoded, wrong_name

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES = 44  # of the SubjectPublicKeyInfo of an Ed25519 key
LARGEST_FILE_BYTES = 65_536
MAKE_A_KEY = "Make one with: openssl genpkey -algorithm ed25519 -out KEY.pem"
TAKE_ITS_PUBLIC_HALF = "openssl pkey -in KEY.pem -pubout -out KEY.pub.pem"


class Signer:
    """A party and its private key.

    Attributes:
        party: in whose name is signed.
        public_key: the other half, base64.
    """

    def __init__(self, party: str, key: Ed25519PrivateKey) -> None:
        if wrong := wrong_name("the party", party):
            raise LedgerError(f"{wrong}.")
        self.party = party
        self.public_key = _text_of(key.public_key())
        self._key = key

    @classmethod
    def load(cls, path: str | Path, party: str, passphrase: Callable[[], str] | None = None) -> Signer:
        """Read a private key from a PEM file.

        Args:
            path: of the PEM file.
            party: in whose name is signed.
            passphrase: called only where the file is encrypted.
        Raises:
            LedgerError: the file cannot be read, or holds no Ed25519 private key.
        """
        data = _read(path)
        try:
            try:
                key = load_pem_private_key(data, None)
            except TypeError:  # it is encrypted
                if passphrase is None:
                    raise LedgerError(f"'{path}' is encrypted, and no passphrase was given.") from None
                key = load_pem_private_key(data, passphrase().encode("utf-8"))
        except (ValueError, UnsupportedAlgorithm):
            raise LedgerError(
                f"'{path}' holds no private key in PEM that can be read, or the passphrase is wrong. {MAKE_A_KEY}"
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise LedgerError(f"'{path}' holds a key of another kind than Ed25519. {MAKE_A_KEY}")
        return cls(party, key)

    def sign(self, data: bytes) -> str:
        """Return the signature in base64."""
        return base64.b64encode(self._key.sign(data)).decode("ascii")


def load_public_key(path: str | Path) -> str:
    """Read an Ed25519 public key from a PEM file; returns its SubjectPublicKeyInfo in base64.

    A private key is refused, so that none is ever handed on by mistake.

    Raises:
        LedgerError: the file cannot be read, or holds no Ed25519 public key.
    """
    data = _read(path)
    if b"PRIVATE KEY" in data:
        raise LedgerError(
            f"'{path}' holds a private key, which stays where it is. Give the public half: {TAKE_ITS_PUBLIC_HALF}"
        )
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise LedgerError(
            f"'{path}' holds no public key in PEM. Make one with: {TAKE_ITS_PUBLIC_HALF}"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise LedgerError(f"'{path}' holds a key of another kind than Ed25519. {MAKE_A_KEY}")
    return _text_of(key)


def is_public_key(text: str) -> bool:
    """Tell whether a text is an Ed25519 SubjectPublicKeyInfo in base64."""
    return _key_of(text) is not None


def is_signed(data: bytes, signature: str, public_key: str) -> bool:
    """Tell whether a signature over these bytes was made with the private half of this key."""
    key, raw = _key_of(public_key), decoded(signature, 64)
    if key is None or raw is None:
        return False
    try:
        key.verify(raw, data)
    except InvalidSignature:
        return False
    return True


def _text_of(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")


def _key_of(text: str) -> Ed25519PublicKey | None:
    data = decoded(text, KEY_BYTES)
    if data is None:
        return None
    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _read(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise LedgerError(f"cannot read the key '{path}': {reason(error)}.") from None
    if len(data) > LARGEST_FILE_BYTES:
        raise LedgerError(f"'{path}' is too large to be a key. {MAKE_A_KEY}")
    return data

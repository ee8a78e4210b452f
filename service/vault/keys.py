"""
The master key: where it comes from, and the separate keys that are derived from it.

The master key is 32 random bytes, written as base64 in a file (or handed in as text). It is never
used itself: each purpose has its own key by HKDF, so no use can weaken another. Whoever holds it
can read every party; without it the personal data in the store are noise, and a backup of the one
should not lie beside a backup of the other.

The mode of an existing file is not judged: secrets mounted by a container platform are commonly
readable by all within the container (0444), and a gateway that refused them would not start there.
"""

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.core.errors import Misconfigured

KEY_BYTES = 32

# 32 bytes in base64 are 44 characters; anything much longer is some other file, and is not read whole.
_FILE_BYTES_MAX = 256


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys derived from one master key; only the fingerprint may be shown or stored."""

    fingerprint: str
    wrapping: bytes = field(repr=False)
    index: bytes = field(repr=False)
    body: bytes = field(repr=False)


def read_master_key(path: Path) -> bytes:
    """Read the 32 bytes that the file holds in base64; refuse loose content and any other length."""
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Misconfigured(f"the master key file {path} cannot be read: {error.strerror}") from None
    return _decoded(content, f"the master key file {path}")


def parse_master_key(text: str) -> bytes:
    """Decode a master key that was handed in as text rather than as a file."""
    return _decoded(text.encode("utf-8", "replace"), "the master key")


def make_master_key(path: Path) -> bytes:
    """
    Write a new random master key to a file of mode 0600 that did not exist, and return it.

    When this returns, the file survives a loss of power; when it raises, no half-written file is left.
    """
    key = os.urandom(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misconfigured(f"{path} exists; a master key is never overwritten") from None
    except OSError as error:
        raise Misconfigured(f"the master key file {path} cannot be made: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync_directory(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Misconfigured(f"the master key file {path} cannot be written: {error.strerror}") from None
    return key


def derive(master: bytes) -> Keyring:
    """Derive the separate keys; the same master key always gives the same ones."""
    if len(master) != KEY_BYTES:
        raise Misconfigured(f"a master key has {KEY_BYTES} bytes, not {len(master)}")
    return Keyring(
        fingerprint=_derived(master, "fingerprint")[:8].hex(),
        wrapping=_derived(master, "wrapping"),
        index=_derived(master, "index"),
        body=_derived(master, "body"),
    )


def _decoded(content: bytes, what: str) -> bytes:
    try:
        key = base64.b64decode(content.removesuffix(b"\n").removesuffix(b"\r"), validate=True)
    except binascii.Error:
        raise Misconfigured(f"{what} is not base64 and nothing else") from None
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"{what} holds {len(key)} bytes in base64, not {KEY_BYTES}")
    return key


def _derived(master: bytes, purpose: str) -> bytes:
    info = f"contact-gateway/master/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

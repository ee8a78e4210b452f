"""
What one party's key does: seal a value into its place in the store, and open it there again.

AES-256-GCM with a random 96-bit nonce. The place (`table/column/row`) is authenticated, so a sealed
value that is copied to another row or column does not open. A key seals far fewer than 2**32 values,
the bound within which random nonces are safe.

Layout: one byte of format, 12 of nonce, then ciphertext and tag. Format 1 is the value itself, format 3
its Zstandard frame, and format 2 its zlib stream, which is read and no longer written; the byte is
authenticated too. Old formats stay readable for good.
"""

import os
import zlib
from collections.abc import Callable
from threading import local

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32

# Facts of a party with years of history stay below a tenth of this; a value that claims more is an attack.
PLAIN_BYTES_MAX = 8 * 1024 * 1024

_NONCE_BYTES = 12
_TAG_BYTES = 16
_PLAIN = b"\x01"
_ZLIB = b"\x02"
_ZSTD = b"\x03"


class VaultError(Exception):
    """
    A sealed value did not open: another key, a destroyed one, another place, or a changed byte.

    Nobody's mistake whom we could tell of it, so it is not answered but an incident.
    """


class PartyKey:
    """The key of one party, or of a pair; it never shows its bytes."""

    __slots__ = ("_aead", "_random", "_raw")

    def __init__(self, raw: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        if len(raw) != KEY_BYTES:
            raise VaultError("a party's key has another length")
        self._raw = raw
        self._aead = AESGCM(raw)
        self._random = random

    def __repr__(self) -> str:
        return "PartyKey(…)"

    def __reduce__(self) -> str:
        raise TypeError("a party's key is not to be copied out of the process")

    def seal(self, plaintext: bytes, where: str) -> bytes:
        """Seal a value into its place, `table/column/row`."""
        return self._sealed(_PLAIN, plaintext, where)

    def open(self, sealed: bytes, where: str) -> bytes:
        """Open a value in the place it was sealed into, or raise `VaultError`."""
        return self._opened(_PLAIN, sealed, where)

    def seal_compressed(self, plaintext: bytes, where: str) -> bytes:
        """Seal a long and repetitive value, such as the facts of a decision; `open_compressed` opens it."""
        if len(plaintext) > PLAIN_BYTES_MAX:
            raise VaultError(f"the value for {where} is too long")
        return self._sealed(_ZSTD, _packers.pack(plaintext), where)

    def open_compressed(self, sealed: bytes, where: str) -> bytes:
        """Open what `seal_compressed` sealed, or raise `VaultError`; never inflates beyond what that would seal."""
        if sealed[:1] == _ZLIB:
            return _inflated(self._opened(_ZLIB, sealed, where), where)
        return _unpacked(self._opened(_ZSTD, sealed, where), where)

    def paired(self, other: "PartyKey") -> "PartyKey":
        """Derive the key of both, in either order; a key paired with itself is that key."""
        if self._raw == other._raw:
            return self
        first, second = sorted((self._raw, other._raw))
        hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"contact-gateway/pair/1")
        return PartyKey(hkdf.derive(first + second), self._random)

    def _sealed(self, format_mark: bytes, content: bytes, where: str) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return format_mark + nonce + self._aead.encrypt(nonce, content, format_mark + where.encode())

    def _opened(self, format_mark: bytes, sealed: bytes, where: str) -> bytes:
        if sealed[:1] != format_mark or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise VaultError(f"no sealed value of this format at {where}")
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, content, format_mark + where.encode())
        except InvalidTag:
            raise VaultError(f"the value at {where} does not open") from None


class _Packers(local):
    """Contexts cost more to make than to use, and serve one thread at a time."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=1).compress
        self.unpack = zstandard.ZstdDecompressor().decompress


_packers = _Packers()


def _unpacked(content: bytes, where: str) -> bytes:
    """Ours states its length, for which room is made; where one states none, or nought, its end is not looked at."""
    try:
        stated = zstandard.frame_content_size(content)
        if 0 < stated <= PLAIN_BYTES_MAX:
            return _packers.unpack(content, max_output_size=PLAIN_BYTES_MAX, allow_extra_data=False)
    except zstandard.ZstdError:
        raise VaultError(f"the value at {where} is not one whole frame") from None
    if content == _packers.pack(b""):
        return b""
    raise VaultError(f"the value at {where} is not one whole frame of bounded length")


def _inflated(content: bytes, where: str) -> bytes:
    stream = zlib.decompressobj()
    try:
        plaintext = stream.decompress(content, PLAIN_BYTES_MAX)
    except zlib.error:
        raise VaultError(f"the value at {where} is not a whole stream") from None
    if not stream.eof or stream.unused_data:
        raise VaultError(f"the value at {where} is not a whole stream of bounded length")
    return plaintext

"""
The vault: every party's key wrapped by the master key, and the blind index over what is sealed.

The store keeps wrapped keys only. With a party's wrapped key goes whatever that key sealed, in every
table at once, while pseudonyms, marks and entries stay. A backup that still holds the wrapped key still
opens, so backups of keys must expire sooner than backups of data. Nothing here does I/O.

A wrapped key is AES-256-GCM, with the party's pseudonym authenticated, rather than RFC 3394 key
wrap, which cannot bind the key to its owner: a key copied to another party's row must not open.
Random nonces under one wrapping key are safe up to 2**32 wraps, one a party.
"""

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.flows import ports
from service.vault.keys import derive
from service.vault.party_key import KEY_BYTES, PartyKey, VaultError

# Parties in work at one time; an entry costs about a kilobyte.
CACHED_KEYS_MAX = 8192

_NONCE_BYTES = 12
_WRAP = b"\x01"
_MARK_BYTES = 16


class Vault:
    """One lender's personal data, under one master key; may be used from several threads."""

    def __init__(self, master: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._keys = derive(master)
        self._wrapping = AESGCM(self._keys.wrapping)
        self._random = random
        self._unwrapped = lru_cache(maxsize=CACHED_KEYS_MAX)(self._unwrap)
        self._paired = lru_cache(maxsize=CACHED_KEYS_MAX)(PartyKey.paired)

    def __repr__(self) -> str:
        return f"Vault({self._keys.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Name the master key without telling anything of it; a store remembers whose rows it holds."""
        return self._keys.fingerprint

    def new_party_key(self) -> bytes:
        """Make the key of a new party, to be wrapped at once."""
        return self._random(KEY_BYTES)

    def wrap(self, key: bytes, pseudonym: str) -> bytes:
        """Wrap a party's key for the store, bound to the party's pseudonym."""
        nonce = self._random(_NONCE_BYTES)
        return _WRAP + nonce + self._wrapping.encrypt(nonce, key, _owner(pseudonym))

    def unwrap(self, wrapped: bytes, pseudonym: str) -> PartyKey:
        """Give back the party's key, or raise `VaultError` where it is another's, another master's, or damaged."""
        return self._unwrapped(wrapped, pseudonym)

    def pair(self, a: ports.PartyKey, b: ports.PartyKey) -> PartyKey:
        """Give the key for data that name two people: it takes both to derive, in either order."""
        if not (isinstance(a, PartyKey) and isinstance(b, PartyKey)):
            raise TypeError("only keys of this vault can be paired")
        return self._paired(a, b)

    def forget(self) -> None:
        """Drop every key held in memory, as erasure asks once the wrapped key is gone."""
        self._unwrapped.cache_clear()
        self._paired.cache_clear()

    def mark(self, kind: str, value: str) -> str:
        """
        Give the keyed mark of a value: equal for equal values of one kind, and telling nothing without the key.

        `kind` parts the marks ("party", "address", "body"): the same value marked as two kinds shows no likeness.
        """
        key = self._keys.body if kind == "body" else self._keys.index
        message = f"{kind}\x00{value}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(message, digest_size=_MARK_BYTES, key=key).hexdigest()

    def _unwrap(self, wrapped: bytes, pseudonym: str) -> PartyKey:
        if wrapped[:1] != _WRAP or len(wrapped) != 1 + _NONCE_BYTES + KEY_BYTES + 16:
            raise VaultError("no wrapped key")
        try:
            raw = self._wrapping.decrypt(wrapped[1 : 1 + _NONCE_BYTES], wrapped[1 + _NONCE_BYTES :], _owner(pseudonym))
        except InvalidTag:
            raise VaultError("the party's key does not open under this master key") from None
        return PartyKey(raw, self._random)


def _owner(pseudonym: str) -> bytes:
    return b"contact-gateway/party-key/1\x00" + pseudonym.encode()

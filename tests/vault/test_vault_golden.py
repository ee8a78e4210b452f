"""The formats to the byte: rows that were sealed by an earlier version must open for good."""

import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.vault.keys import derive
from service.vault.party_key import PartyKey
from service.vault.vault import Vault

MASTER = bytes(range(32))
PARTY = bytes(range(32, 64))
OTHER = bytes(range(64, 96))
WHERE = "requests/address/0192f0c1"


def counting(length: int) -> bytes:
    return bytes(range(200, 200 + length))


VAULT = Vault(MASTER, counting)


def hkdf(material: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256 and no salt, one block, by the standard library alone."""
    extracted = hmac.digest(bytes(32), material, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def test_the_master_key_derives_these_keys() -> None:
    keys = derive(MASTER)

    assert keys.fingerprint == "edc3ac01d3828148"
    assert keys.wrapping.hex() == "851ff4e845d93003300e4b5db4dae71caf89e0e50c7d54243f37315f1c7dde9c"
    assert keys.index.hex() == "4d97570aa5809d922ce8811b45c26f9236d1bf577db3d23f8416a3b54bee56aa"
    assert keys.body.hex() == "5837a23ab8eac140933f1b746a9775f5f93cc62e25dad4f4fb2a467a7bc0dfa6"


def test_derivation_is_plain_hkdf() -> None:
    keys = derive(MASTER)

    assert keys.wrapping == hkdf(MASTER, b"contact-gateway/master/wrapping/1")
    assert keys.index == hkdf(MASTER, b"contact-gateway/master/index/1")
    assert keys.body == hkdf(MASTER, b"contact-gateway/master/body/1")


def test_a_wrapped_key_has_these_bytes() -> None:
    wrapped = bytes.fromhex(
        "01c8c9cacbcccdcecfd0d1d2d34a04d76c0c1dc243e4831743d0cfc893e9280ba791ddb2858effe3682a0c63515eae89ea4706dbbff00dc9311c4599c2"
    )

    assert VAULT.wrap(PARTY, "p-1") == wrapped
    assert VAULT.unwrap(wrapped, "p-1").open(PartyKey(PARTY).seal(b"x", WHERE), WHERE) == b"x"


def test_a_sealed_value_has_these_bytes() -> None:
    sealed = bytes.fromhex("01c8c9cacbcccdcecfd0d1d2d38e7198d3806e92f26facbbddd2487d739b585a4c691799e0ebea37e41672")

    assert PartyKey(PARTY, counting).seal(b"+8613800138000", WHERE) == sealed
    assert PartyKey(PARTY).open(sealed, WHERE) == b"+8613800138000"


def test_a_sealed_value_is_aes_gcm_over_format_and_place() -> None:
    sealed = PartyKey(PARTY, counting).seal(b"+8613800138000", WHERE)

    nonce = counting(12)
    assert sealed == b"\x01" + nonce + AESGCM(PARTY).encrypt(nonce, b"+8613800138000", b"\x01" + WHERE.encode())


@pytest.mark.parametrize(
    "written",
    [
        "02c8c9cacbcccdcecfd0d1d2d3dd48256c3ef09bc65e88f0ce133798785a94f912011368d0176ed07fc0",
        "03c8c9cacbcccdcecfd0d1d2d38dfc811f9332e7c25e8fd8b0e378da3021b471c3c5393eae8b305a410f6a25bef8",
    ],
    ids=["zlib", "zstd"],
)
def test_a_compressed_value_of_these_bytes_opens(written: str) -> None:
    # Only the opening is fixed: another build may compress to other bytes.
    sealed = bytes.fromhex(written)

    assert PartyKey(PARTY).open_compressed(sealed, WHERE) == b"[]" * 50


def test_the_key_of_two_is_derived_like_this() -> None:
    sealed = bytes.fromhex("01c8c9cacbcccdcecfd0d1d2d379a20c66a27e9e5a07469d11f36053772a670df3")

    pair = PartyKey(hkdf(PARTY + OTHER, b"contact-gateway/pair/1"))
    assert pair.open(sealed, WHERE) == b"both"
    assert VAULT.pair(PartyKey(OTHER), PartyKey(PARTY)).open(sealed, WHERE) == b"both"


def test_values_have_these_marks() -> None:
    assert VAULT.mark("address", "+8613800138000") == "f0d23734d8688d5161c586d7284f89fe"
    assert VAULT.mark("party", "P-10086") == "0810ffc3f0244fb00f8de82fc45a1d1f"
    assert VAULT.mark("body", "{}") == "c98209283b7d0e454779d6dadfd73b2e"

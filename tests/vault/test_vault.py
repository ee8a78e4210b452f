import pickle
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from service.flows import ports
from service.vault.party_key import PLAIN_BYTES_MAX, PartyKey, VaultError
from service.vault.vault import Vault

MASTER = bytes(range(32))
WHERE = "requests/variables/r-1"

VAULT = Vault(MASTER)


def party_key(pseudonym: str = "p-1") -> PartyKey:
    return VAULT.unwrap(VAULT.wrap(VAULT.new_party_key(), pseudonym), pseudonym)


KEY = party_key()


def test_the_vault_is_what_the_flows_ask_for() -> None:
    vault: ports.Vault = VAULT

    assert vault.unwrap(vault.wrap(vault.new_party_key(), "p-1"), "p-1")


@given(st.binary(max_size=2000), st.text(st.characters(codec="utf-8"), max_size=60))
def test_what_is_sealed_opens_in_its_place(plaintext: bytes, where: str) -> None:
    assert KEY.open(KEY.seal(plaintext, where), where) == plaintext
    assert KEY.open_compressed(KEY.seal_compressed(plaintext, where), where) == plaintext


@given(st.binary(max_size=40), st.data())
def test_a_change_of_any_byte_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plaintext, WHERE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(VaultError):
        KEY.open(bytes(sealed), WHERE)


@given(st.binary(max_size=200), st.integers(1, 230))
def test_a_value_cut_short_or_made_longer_is_refused(plaintext: bytes, by: int) -> None:
    sealed = KEY.seal(plaintext, WHERE)

    for damaged in (sealed[:-by], sealed + bytes(by)):
        with pytest.raises(VaultError):
            KEY.open(damaged, WHERE)


@pytest.mark.parametrize(
    "elsewhere", ["requests/variables/r-2", "requests/name/r-1", "parties/variables/r-1", "", WHERE + " "]
)
def test_a_value_copied_to_another_row_column_or_table_does_not_open(elsewhere: str) -> None:
    sealed = KEY.seal("张三".encode(), WHERE)

    with pytest.raises(VaultError):
        KEY.open(sealed, elsewhere)


def test_the_same_value_is_never_sealed_to_the_same_bytes() -> None:
    assert len({KEY.seal(b"x", WHERE) for _ in range(100)}) == 100


def test_another_partys_key_opens_nothing() -> None:
    sealed = KEY.seal(b"+8613800138000", WHERE)

    with pytest.raises(VaultError) as refused:
        party_key("p-2").open(sealed, WHERE)

    assert "138" not in str(refused.value)


def test_plain_and_compressed_values_do_not_pass_for_each_other() -> None:
    with pytest.raises(VaultError):
        KEY.open(KEY.seal_compressed(b"x", WHERE), WHERE)
    with pytest.raises(VaultError):
        KEY.open_compressed(KEY.seal(b"x", WHERE), WHERE)


def test_compression_makes_repetitive_facts_small() -> None:
    facts = b'{"channel":"call","outcome":"ring_no_answer"},' * 500

    assert len(KEY.seal_compressed(facts, WHERE)) < len(facts) / 20


@pytest.mark.parametrize(
    ("mark", "bomb"),
    [
        pytest.param(b"\x02", zlib.compress(bytes(PLAIN_BYTES_MAX + 1), 9), id="stream"),
        pytest.param(b"\x03", zstandard.compress(bytes(PLAIN_BYTES_MAX + 1)), id="frame that says so"),
        pytest.param(
            b"\x03",
            zstandard.ZstdCompressor(write_content_size=False).compress(bytes(PLAIN_BYTES_MAX + 1)),
            id="frame that does not",
        ),
    ],
)
def test_a_bomb_under_the_right_key_is_not_inflated(mark: bytes, bomb: bytes) -> None:
    sealed = KEY._sealed(mark, bomb, WHERE)

    with pytest.raises(VaultError, match=r"bounded length|longer than any"):
        KEY.open_compressed(sealed, WHERE)


def test_the_longest_value_that_can_be_sealed_compressed_opens_and_a_longer_one_is_refused() -> None:
    longest = bytes(PLAIN_BYTES_MAX)

    assert KEY.open_compressed(KEY.seal_compressed(longest, WHERE), WHERE) == longest
    with pytest.raises(VaultError, match="too long"):
        KEY.seal_compressed(longest + b"x", WHERE)


@pytest.mark.parametrize(
    "content",
    [
        zstandard.ZstdCompressor(write_content_size=False).compress(b"x") * 2,
        zstandard.compress(b"") + b"tail",
        zstandard.compress(b"")[:-1],
    ],
    ids=["two of no stated length", "empty with a tail", "half an empty one"],
)
def test_a_frame_whose_end_would_not_be_looked_at_is_refused(content: bytes) -> None:
    with pytest.raises(VaultError):
        KEY.open_compressed(KEY._sealed(b"\x03", content, WHERE), WHERE)


@pytest.mark.parametrize(("mark", "pack"), [(b"\x02", zlib.compress), (b"\x03", zstandard.compress)])
def test_what_is_not_whole_or_has_a_tail_is_refused(mark: bytes, pack: Callable[[bytes], bytes]) -> None:
    for content in (b"", b"not packed", pack(b"x")[:-1], pack(b"x") + b"tail"):
        with pytest.raises(VaultError):
            KEY.open_compressed(KEY._sealed(mark, content, WHERE), WHERE)


def test_a_wrapped_key_opens_for_its_own_pseudonym_alone() -> None:
    wrapped = VAULT.wrap(VAULT.new_party_key(), "p-1")

    assert VAULT.unwrap(wrapped, "p-1")
    with pytest.raises(VaultError):
        VAULT.unwrap(wrapped, "p-2")


def test_a_key_wrapped_under_another_master_key_does_not_open() -> None:
    other = Vault(bytes(32))

    with pytest.raises(VaultError):
        other.unwrap(VAULT.wrap(VAULT.new_party_key(), "p-1"), "p-1")


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_damaged_wrapped_key_does_not_open(at: int, flip: int) -> None:
    wrapped = bytearray(VAULT.wrap(VAULT.new_party_key(), "p-1"))
    wrapped[at] ^= flip

    with pytest.raises(VaultError):
        VAULT.unwrap(bytes(wrapped), "p-1")


@pytest.mark.parametrize("wrapped", [b"", b"\x01", bytes(61), b"\x01" + bytes(59), b"\x01" + bytes(61)])
def test_what_is_no_wrapped_key_is_refused(wrapped: bytes) -> None:
    with pytest.raises(VaultError):
        VAULT.unwrap(wrapped, "p-1")


def test_a_key_is_unwrapped_once_and_then_remembered_until_forgotten() -> None:
    vault = Vault(MASTER)
    wrapped = vault.wrap(vault.new_party_key(), "p-1")
    first = vault.unwrap(wrapped, "p-1")

    assert vault.unwrap(wrapped, "p-1") is first
    vault.forget()
    assert vault.unwrap(wrapped, "p-1") is not first


def test_the_key_of_two_is_the_same_in_either_order_and_neither_ones_own() -> None:
    a, b = party_key("a"), party_key("b")
    sealed = VAULT.pair(a, b).seal(b"about both", WHERE)

    assert VAULT.pair(b, a).open(sealed, WHERE) == b"about both"
    for alone in (a, b, party_key("c")):
        with pytest.raises(VaultError):
            alone.open(sealed, WHERE)


def test_the_key_of_two_cannot_be_had_with_a_third_in_place_of_either() -> None:
    a, b, c = party_key("a"), party_key("b"), party_key("c")
    sealed = VAULT.pair(a, b).seal(b"about both", WHERE)

    for pair in (VAULT.pair(a, c), VAULT.pair(c, b)):
        with pytest.raises(VaultError):
            pair.open(sealed, WHERE)


def test_a_key_paired_with_itself_is_that_key() -> None:
    sealed = KEY.seal(b"of one", WHERE)

    assert VAULT.pair(KEY, KEY).open(sealed, WHERE) == b"of one"


def test_only_keys_of_the_vault_can_be_paired() -> None:
    class Other:
        def seal(self, plaintext: bytes, where: str) -> bytes:
            return plaintext

        open = seal_compressed = open_compressed = seal

    with pytest.raises(TypeError):
        VAULT.pair(KEY, Other())


def test_equal_values_have_equal_marks_and_kinds_part_them() -> None:
    assert VAULT.mark("address", "+8613800138000") == VAULT.mark("address", "+8613800138000")
    marks = {VAULT.mark(kind, "+8613800138000") for kind in ("address", "party", "account", "body", "ab")}
    assert len(marks) == 5
    assert VAULT.mark("a", "bc") != VAULT.mark("ab", "c")


@given(st.text(max_size=50), st.text(max_size=50))
def test_different_values_have_different_marks(one: str, other: str) -> None:
    assert (VAULT.mark("address", one) == VAULT.mark("address", other)) == (one == other)


def test_a_mark_has_128_bits_and_depends_on_the_master_key() -> None:
    mark = VAULT.mark("address", "+8613800138000")

    assert len(bytes.fromhex(mark)) == 16
    assert Vault(bytes(32)).mark("address", "+8613800138000") != mark


def test_no_key_shows_itself() -> None:
    assert repr(KEY) == "PartyKey(…)"
    assert repr(VAULT) == f"Vault({VAULT.fingerprint})"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_a_party_key_of_another_length_is_none() -> None:
    with pytest.raises(VaultError):
        PartyKey(b"short")

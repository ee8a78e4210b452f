import base64
import os
import stat
from pathlib import Path

import pytest

from service.core.errors import Misconfigured
from service.vault.keys import derive, make_master_key, parse_master_key, read_master_key

MASTER = bytes(range(32))


def test_a_made_master_key_is_read_back_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    made = make_master_key(path)

    assert len(made) == 32
    assert read_master_key(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_made_master_keys_differ(tmp_path: Path) -> None:
    assert make_master_key(tmp_path / "a") != make_master_key(tmp_path / "b")


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = make_master_key(path)

    with pytest.raises(Misconfigured, match="never overwritten"):
        make_master_key(path)

    assert read_master_key(path) == made


def test_a_master_key_in_a_missing_directory_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be made"):
        make_master_key(tmp_path / "nowhere" / "master.key")


def test_a_secret_that_a_platform_mounts_readable_by_all_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(base64.b64encode(MASTER))
    path.chmod(0o444)

    assert read_master_key(path) == MASTER


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "holds 0 bytes"),
        (base64.b64encode(MASTER[:31]), "holds 31 bytes"),
        (base64.b64encode(MASTER + b"x"), "holds 33 bytes"),
        (MASTER.hex().encode(), "holds 48 bytes"),
        (MASTER, "not base64"),
        (b"# the key\n" + base64.b64encode(MASTER), "not base64"),
        (b" " + base64.b64encode(MASTER), "not base64"),
        (base64.b64encode(MASTER) + b"\n\n", "not base64"),
        (base64.urlsafe_b64encode(b"\xff" * 32), "not base64"),
        (os.urandom(100_000), "not base64"),
    ],
)
def test_anything_but_32_bytes_in_base64_is_refused_without_repeating_it(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)

    with pytest.raises(Misconfigured, match=complaint) as refused:
        read_master_key(path)

    assert str(path) in refused.value.detail
    assert len(content) < 8 or content.decode("latin-1") not in refused.value.detail


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_one_line_end_after_the_key_is_no_content(tmp_path: Path, ending: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(MASTER) + ending)

    assert read_master_key(path) == MASTER


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"absent\.key cannot be read: No such file"):
        read_master_key(tmp_path / "absent.key")


def test_a_master_key_may_come_as_text() -> None:
    assert parse_master_key(base64.b64encode(MASTER).decode()) == MASTER


def test_a_loose_text_is_no_master_key_and_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as refused:
        parse_master_key("hunter2 hunter2 é")

    assert "hunter2" not in refused.value.detail


def test_every_purpose_has_its_own_key_and_none_is_the_master() -> None:
    keys = derive(MASTER)

    assert len({MASTER, keys.wrapping, keys.index, keys.body}) == 4


def test_a_keyring_shows_its_fingerprint_and_nothing_else() -> None:
    keys = derive(MASTER)

    assert repr(keys) == f"Keyring(fingerprint='{keys.fingerprint}')"
    assert keys.fingerprint not in (keys.wrapping.hex(), keys.index.hex(), keys.body.hex())


def test_a_master_key_of_another_length_derives_nothing() -> None:
    with pytest.raises(Misconfigured):
        derive(MASTER[:16])

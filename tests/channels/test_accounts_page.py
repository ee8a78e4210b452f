"""The page of provider accounts: its examples are read, and no key of a kind on it is left out."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from service.channels.delivery import KINDS
from service.files.routes_file import read_routes
from tests.channels.lines.test_line_tls import a_certificate

PAGE = (Path(__file__).parents[2] / "service/channels/README.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+):[^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

HELD = {
    "centre.secret": b"password",
    "aes.key": b"A" * 43,
    **dict.fromkeys(["operator-ca.pem", "centre-ca.pem", "bank-ca.pem"], a_certificate()[0]),
}
"""What must have a certain form: an SMPP password has eight bytes at most."""


def _example(section: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_example_of_a_kind_is_an_account_of_that_kind(kind: str, tmp_path: Path) -> None:
    example = _example(SECTIONS[kind])
    for name in re.findall(r"\w+_file: (\S+)", example):
        (tmp_path / name).write_bytes(HELD.get(name, b"a-secret-that-is-long-enough"))
    (tmp_path / "routes.yaml").write_text(example)

    accounts = read_routes(tmp_path / "routes.yaml", KINDS).accounts

    assert {kind} == {account.kind.name for account in accounts}


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_key_of_a_kind_stands_in_its_section(kind: str) -> None:
    keys = [f"{field.name}_file" if "Secret" in str(field.type) else field.name for field in fields(KINDS[kind].params)]

    assert [] == [key for key in keys if f"{key}:" not in SECTIONS[kind]]

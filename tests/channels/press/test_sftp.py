"""Letters put into a folder of a print house, on a real SFTP server."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import orjson
import pytest

from service.channels.adapter import Site
from service.channels.answers import accepted, not_taken, unsure
from service.channels.press.sftp import KIND, Sftp
from service.channels.press.sftp_account import Params
from service.core.model import DAY, Channel, Fate, Instant
from service.core.policy import Flawed
from service.flows.ports import Asked, SendResult
from service.flows.providers import Callback, ProviderAccount, Secret
from tests.channels.dispatches import AT, a_dispatch

PDF = b"%PDF-1.7 <</Type/Pages/Count 2>>"
PASSWORD = "a password of the bank"
TO_ANYBODY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDAKVYBnHxQ0yKF4FDZW6YUKBjDvqvw3lUJ8rXYmfTQ"


class Door(asyncssh.SSHServer):
    """Lets in one user, by a password or by a key."""

    key: asyncssh.SSHKey | None = None

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("bank", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self.key is not None and key.public_data == self.key.public_data


@dataclass
class House:
    """A print house: its folder, and whether its server hangs up once it has renamed."""

    root: Path
    port: int = 0
    host_key: str = ""
    hangs_up: bool = False
    heard: list[Callback] = field(default_factory=list)
    now: Instant = AT

    def adapter(self, **params: Any) -> Sftp:
        login = {} if "key" in params else {"password": Secret(PASSWORD.encode())}
        known = {"host": "127.0.0.1", "port": self.port, "host_key": self.host_key, "user": "bank"}
        account = ProviderAccount("press", KIND, Params(**{**known, **login, **params}), frozenset({Channel.letter}))

        async def hear(callback: Callback) -> None:
            self.heard.append(callback)

        return Sftp(Site(account, lambda: self.now, 5, lambda *_: PDF, Path(), hear=hear))

    def files(self) -> list[str]:
        return sorted(str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file())


@asynccontextmanager
async def opened(root: Path, key: asyncssh.SSHKey | None = None) -> AsyncIterator[House]:
    house, host = House(root), asyncssh.generate_private_key("ssh-ed25519")

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(channel, chroot=str(root).encode())
            self._channel = channel

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            super().posix_rename(oldpath, newpath)
            if house.hangs_up and newpath.endswith(b".json"):
                self._channel.get_connection().abort()

    class Entrance(Door):
        pass

    Entrance.key = key
    server = await asyncssh.create_server(
        Entrance, "127.0.0.1", 0, server_host_keys=[host], sftp_factory=Files, config=None
    )
    house.port, house.host_key = server.get_port(), host.export_public_key().decode().strip()
    try:
        yield house
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as running:
        yield running


async def sent(press: Sftp, attempt: str = "a1") -> SendResult:
    return await press.send(a_dispatch(Channel.letter, attempt=attempt))


async def test_a_letter_is_whole_before_it_is_handed_over(house: House) -> None:
    press = house.adapter()
    results = [await sent(press), await sent(press, "a2"), await sent(press)]
    await press.close()

    assert [accepted(awaits=False)] * 3 == results
    day = "letters/2025-11-24"
    assert [f"{day}/a1.json", f"{day}/a1.pdf", f"{day}/a2.json", f"{day}/a2.pdf"] == house.files()
    assert PDF == (house.root / day / "a1.pdf").read_bytes()
    assert {
        "attempt": "a1",
        "request": "r1",
        "service": "registered",
        "pages": 2,
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "file": "a1.pdf",
        "simulated": False,
    } == orjson.loads((house.root / day / "a1.json").read_bytes())


async def test_letters_at_once_share_a_login(house: House) -> None:
    press = house.adapter()
    results = await asyncio.gather(*(sent(press, f"a{n}") for n in range(8)))
    await press.close()

    assert [accepted(awaits=False)] * 8 == results
    assert 16 == len(house.files())


async def test_a_lost_answer_is_asked_for_by_looking(house: House) -> None:
    house.hangs_up = True
    press = house.adapter()
    result = await sent(press)
    asked = [await press.ask(Asked(attempt, Channel.letter, AT)) for attempt in ("a1", "a2")]
    house.hangs_up = False
    again = await sent(press, "a3")
    await press.close()

    assert unsure("no_answer") == result
    assert [accepted(awaits=False), not_taken("never_taken")] == asked
    assert accepted(awaits=False) == again


async def test_what_the_print_house_has_taken_up_is_found_by_its_name(house: House) -> None:
    press = house.adapter()
    await sent(press)
    file = house.root / "letters/2025-11-24/a1.json"
    file.rename(file.with_name("a1.json.printing"))

    assert accepted(awaits=False) == await press.ask(Asked("a1", Channel.letter, AT))
    await press.close()


async def test_after_a_day_not_to_find_a_letter_says_nothing(house: House) -> None:
    press = house.adapter()
    house.now = Instant(AT + DAY)

    assert await press.ask(Asked("a9", Channel.letter, AT)) is None
    await press.close()


async def test_another_host_key_is_not_talked_to(house: House) -> None:
    press = house.adapter(host_key=TO_ANYBODY)

    assert not_taken("another_host_key", Fate.provider_unavailable) == await sent(press)
    assert [] == house.files()
    await press.close()


async def test_a_wrong_password_is_told(house: House) -> None:
    press = house.adapter(password=Secret(b"another password"))

    assert not_taken("login_refused", Fate.provider_unavailable) == await sent(press)
    await press.close()


async def test_a_key_lets_us_in(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with opened(tmp_path, key) as house:
        press = house.adapter(key=Secret(key.export_private_key("openssh").strip()))

        assert accepted(awaits=False) == await sent(press)
        await press.close()


async def test_a_server_that_is_away_took_nothing(house: House) -> None:
    press = house.adapter(port=9)

    assert not_taken("unreachable") == await sent(press)
    assert await press.ask(Asked("a1", Channel.letter, AT)) is None


async def test_a_folder_that_may_not_be_written_took_nothing(house: House) -> None:
    (house.root / "letters").write_text("not a folder")
    press = house.adapter()

    assert not_taken("sftp_failed") == await sent(press)
    await press.close()


async def test_what_became_of_letters_is_taken_in_from_the_folder(house: House) -> None:
    press = house.adapter(look_every_s=60)
    result = await sent(press)
    day = house.root / "letters/2025-11-24"
    (day / "tracking.csv").write_text("letter,status,at,tracking\na1,posted,2025-11-24T18:00:00+08:00,XA1\n")
    (day / "tracking-2.jsonl").write_text('{"letter":"a1","sta')
    for _ in range(2):
        await press.look()
    await press.close()

    assert result.awaits
    [callback] = house.heard
    [receipt] = press.read(callback).receipts
    assert ("a1", "XA1") == (receipt.attempt, receipt.provider_ref)
    assert ["tracking-2.jsonl", "tracking.csv.taken"] == sorted(file.name for file in day.glob("tracking*"))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"password": None}, "key_file"),
        ({"key": Secret(b"k" * 20), "password": Secret(b"p" * 20)}, "key_file"),
        ({"look_every_s": -1}, "look_every_s"),
        ({"host_key": "SHA256:abc"}, "host_key"),
        ({"host": ""}, "host"),
        ({"port": -1}, "port"),
    ],
)
def test_an_account_that_cannot_be_is_refused(params: dict[str, Any], field: str) -> None:
    known = {"host": "h", "host_key": TO_ANYBODY, "user": "bank", "password": Secret(PASSWORD.encode())}
    with pytest.raises(Flawed) as caught:
        Params(**{**known, **params})

    assert [field] == [path for path, _ in caught.value.flaws]

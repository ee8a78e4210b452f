"""A mail account that cannot work is refused when it is read, with every reason."""

from typing import Any

import pytest

from service.channels.mail import smtp
from service.channels.mail.submission import Security
from service.core.rule import Flawed
from service.flows.providers import Secret

from .accounts import OWN


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a@b.example\r\nBcc: c@d.example"}, "sender"),
        ({"bounces_to": "a-local-part-too-long@b.example"}, "bounces_to"),
        ({"sender_name": "a\nb"}, "sender_name"),
        ({"public_url": "https://示例.example"}, "public_url"),
        ({"public_url": "https://gateway.example/>,<mailto:a@b.example"}, "public_url"),
        ({"user": "bank", "security": Security.tls}, "user"),
        ({"host": "relay.example"}, "security"),
        ({"user": "bank", "password": Secret(b"x")}, "security"),
        ({"host": "relay..example", "security": Security.tls}, "host"),
        ({"port": 99999}, "port"),
        ({"ca": Secret(b"\x30\x82\xff\xfe")}, "ca_file"),
    ],
)
def test_what_cannot_work_is_named(more: dict[str, Any], where: str) -> None:
    with pytest.raises(Flawed) as told:
        smtp.Params(**{**OWN, **more})

    assert [where] == [name for name, _ in told.value.flaws]


def test_a_relay_elsewhere_is_spoken_to_under_tls_unless_told_otherwise() -> None:
    own = {name: value for name, value in OWN.items() if name != "security"}

    assert Security.starttls is smtp.Params(**{**own, "host": "relay.example"}).security

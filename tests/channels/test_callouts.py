"""Clients' addresses: whom the gateway calls, whom it refuses, and that it calls whom it checked."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.channels.callouts import Callouts
from service.core.errors import Invalid
from service.flows.callout import Called
from tests.loopback import Receiver, http, receiving, saying, speaking

HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


@pytest.mark.parametrize(
    "url",
    [
        "http://collections.example/hook",
        "ftp://collections.example/hook",
        "https://user:word@collections.example/hook",
        "https://collections.example:22/hook",
        "https://collections.example:99999/hook",
        "https:///hook",
        "https://[::1",
        "https://collections.example/hook#part",
        "https://127.0.0.1/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[fe80::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[64:ff9b::a00:1]/hook",
        "https://[2002:a00:1::]/hook",
        "https://[::127.0.0.1]/hook",
        "https://[::ffff:0:127.0.0.1]/hook",
        "https://[64:ff9b:1::a00:1]/hook",
        "https://[fec0::1]/hook",
        "https://[5f00::1]/hook",
        "https://a..example/hook",
        "https://./hook",
        f"https://{'a' * 64}.example/hook",
        "https://0.0.0.0/hook",
        "https://224.0.0.1/hook",
        "https://collections.example//other.example/hook",
        "nonsense",
    ],
)
def test_an_address_that_would_never_be_called_is_refused_at_once(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        Callouts(private=False).check(url)

    assert "url" == refused.value.field


@pytest.mark.parametrize(
    "url",
    [
        "https://collections.example/hook",
        "https://collections.example:8443/a?b=c",
        "https://1.1.1.1/hook",
        "https://[2606:4700:4700::1111]/hook",
        "https://[64:ff9b::808:808]/hook",
    ],
)
def test_an_address_on_the_open_network_is_taken(url: str) -> None:
    Callouts(private=False).check(url)


async def test_a_name_that_leads_inside_is_not_called() -> None:
    async with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        callouts = Callouts(private=False)
        callouts._place = lambda url: Callouts(private=True)._place(url)  # type: ignore[method-assign]

        assert Called(None, "address_refused") == await callouts.post(f"http://localhost:{port}/", HEADERS, b"{}")
        assert [] == receiver.heard


async def test_what_cannot_even_be_looked_up_is_refused_where_it_was_let_in_before() -> None:
    assert Called(None, "address_refused") == await Callouts(private=True).post("https://a..example/", HEADERS, b"{}")


async def test_a_name_that_does_not_exist_is_told_so() -> None:
    assert Called(None, "unresolved") == await Callouts(private=True).post("https://no-such.invalid/", HEADERS, b"{}")


async def test_where_private_addresses_are_allowed_they_are_called() -> None:
    async with receiving(200) as receiver:
        url = f"{receiver.url.replace('127.0.0.1', 'localhost')}/hook?team=a"

        assert Called(200) == await Callouts(private=True).post(url, HEADERS, b'{"a":1}')

        (heard,) = receiver.heard
        assert ("/hook?team=a", b'{"a":1}') == (heard.path, heard.body)
        assert HEADERS.items() <= heard.headers.items()
        assert url.split("/")[2] == heard.headers["host"]


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as other:
        moved = http(302, b"", "text/plain", f"location: {other.url}/inside")
        async with speaking(saying(moved)) as url:
            assert Called(302) == await Callouts(private=True).post(url, HEADERS, b"{}")
        assert [] == other.heard


@pytest.mark.parametrize(
    ("said", "word"), [(b"", "cut"), (b"hello\r\n", "cut"), (b"HTTP/1.1 200 OK\r\ncontent-ty", "cut")]
)
async def test_what_is_no_answer_is_a_word(said: bytes, word: str) -> None:
    async with speaking(saying(said)) as url:
        assert Called(None, word) == await Callouts(private=True).post(url, HEADERS, b"{}")


@pytest.mark.parametrize(
    "said",
    [
        http(200, b"x" * 1_100_000),
        http(200, b"zipped", "text/plain", "content-encoding: gzip"),
        http(200, b"x" * 100)[:-50],
        b"HTTP/1.1 204 X\r\n\r\n",
    ],
    ids=["huge", "compressed", "half", "empty"],
)
async def test_who_answers_with_a_good_status_has_taken_it_whatever_else_is_said(said: bytes) -> None:
    async with speaking(saying(said, then_hold=True)) as url:
        assert (await Callouts(private=True).post(url, HEADERS, b"{}")).taken


async def test_the_certificate_must_name_the_host_that_was_asked_for(tmp_path: Path) -> None:
    server, trusting = _certified("hooks.example", tmp_path)
    receiver = Receiver("", [])
    listening = await asyncio.start_server(receiver.take, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    callouts = Callouts(private=True, tls=trusting)

    async def here(place: object) -> str:
        return "127.0.0.1"

    callouts._resolved = here  # type: ignore[method-assign,assignment]
    assert Called(202) == await callouts.post(f"https://hooks.example:{port}/", HEADERS, b"{}")
    assert Called(None, "unreachable") == await callouts.post(f"https://other.example:{port}/", HEADERS, b"{}")
    assert 1 == len(receiver.heard)
    listening.close()


def _certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    pem.write_bytes(private + public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=public.decode())

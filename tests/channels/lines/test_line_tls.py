"""A line under TLS, against a gateway with a certificate of its own."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.core.model import Fate
from service.flows.providers import Secret
from tests.channels.dispatches import a_dispatch
from tests.channels.lines.cmpp_lines import line_to
from tests.channels.lines.gateway import Gateway, bound
from tests.channels.lines.ismg import Ismg


async def test_a_line_under_tls_believes_the_authority_it_was_given_and_no_other() -> None:
    gateway = Gateway()
    certificate, context = a_certificate()
    async with Ismg(ssl=context) as ismg:
        async with line_to(ismg, gateway, tls=True, ca=Secret(certificate)) as line:
            await bound(line)
            result = await line.send(a_dispatch())
        async with line_to(ismg, gateway, tls=True, ca=Secret(a_certificate()[0])) as stranger:
            await gateway.until(lambda: len(gateway.asked) >= 5)
            let_in = stranger.ready

    assert (Fate.accepted, False, 1) == (result.fate, let_in, ismg.logins)


def a_certificate() -> tuple[bytes, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that vouches for itself, and a server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(private + certificate)
        file.flush()
        context.load_cert_chain(file.name)
    return certificate, context

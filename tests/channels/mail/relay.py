"""A real mail server on loopback that nobody here wrote (aiosmtpd), with the manners that a test gives it."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Sink:
    """Keeps what it takes, and answers as told; `drop` hangs up at that command, after hearing it whole."""

    answers: dict[str, str] = field(default_factory=dict)
    drop: str = ""
    dsn: bool = True
    taken: list[Envelope] = field(default_factory=list)
    seen: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for(self, count: int) -> list[Envelope]:
        """Wait until so many were taken; give them."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.taken) >= count)
        return self.taken

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]] if self.dsn else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refused := self._answer(server, "MAIL"):
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refused := self._answer(server, "RCPT"):
            return refused
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen += 1
        if refused := self._answer(server, "DATA"):
            return refused
        async with self._changed:
            self.taken.append(envelope)
            self._changed.notify_all()
        return "250 2.0.0 OK: queued"

    def _answer(self, server: SMTP, command: str) -> str | None:
        if self.drop == command:
            cast(asyncio.Transport, server.transport).abort()
        return self.answers.get(command)


class _Teaching(SMTP):
    """Takes the parameters of RFC 3461 off MAIL and RCPT before the server, which does not know them, looks."""

    async def smtp_MAIL(self, arg: str) -> None:
        rest, found = _split(arg, ("RET=", "ENVID="))
        await super().smtp_MAIL(rest)
        assert self.envelope is not None
        self.envelope.mail_options.extend(found)

    async def smtp_RCPT(self, arg: str) -> None:
        rest, found = _split(arg, ("NOTIFY=", "ORCPT="))
        await super().smtp_RCPT(rest)
        assert self.envelope is not None
        self.envelope.rcpt_options.extend(found)


def _split(arg: str, names: tuple[str, ...]) -> tuple[str, list[str]]:
    words = arg.split(" ")
    found = [word for word in words if word.upper().startswith(names)]
    return " ".join(word for word in words if word not in found), found


@asynccontextmanager
async def listening(
    sink: Sink, *, tls: ssl.SSLContext | None = None, implicit: bool = False, **how: Any
) -> AsyncIterator[int]:
    """Listen on a port that the system chooses; gives it."""
    upgrade = {"tls_context": tls, "require_starttls": True} if tls is not None and not implicit else {}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Teaching(sink, enable_SMTPUTF8=True, **upgrade, **how), "127.0.0.1", 0, ssl=tls if implicit else None
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def knowing(user: str, password: str) -> Any:
    """Let in whoever says these."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=good)

    return authenticate


def certificate(folder: Path) -> tuple[ssl.SSLContext, bytes]:
    """Make a certificate for 127.0.0.1; give the server's side and what a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2090))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, pem

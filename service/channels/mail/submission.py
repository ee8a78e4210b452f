"""
One conversation with a mail relay, and what it means for the message.

Until the message begins to leave, nothing was taken; from then until the relay's answer it may have been. An answer is
certain either way. Each message has a conversation of its own, and a relay that hangs holds up no more than `TALKS_MAX`
of them.
"""

import asyncio
import contextlib
import ssl
from enum import StrEnum
from typing import NamedTuple

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from aiosmtplib.errors import SMTPAuthenticationError, SMTPDataError, SMTPSenderRefused

from service.channels.answers import accepted, not_taken, unsure
from service.channels.wire import Fault
from service.core.model import Fate
from service.flows.ports import SendResult

from .composing import Envelope
from .statuses import refusal

TALKS_MAX = 10
GOODBYE_S = 1.0


class Security(StrEnum):
    """How the conversation is kept from others: by an upgrade, from its first byte, or (on this machine) not at all."""

    starttls = "starttls"
    tls = "tls"
    none = "none"


class Relay(NamedTuple):
    """The relay, as whom we greet it, and how we prove ourselves; without a user not at all."""

    host: str
    port: int
    security: Security
    greeting: str
    user: str | None = None
    password: bytes | None = None
    authority: bytes | None = None

    def __repr__(self) -> str:
        return "<Relay>"


class Submission:
    """The conversations of one account."""

    def __init__(self, relay: Relay, timeout_s: float) -> None:
        self._relay = relay
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(TALKS_MAX)
        self._tls: ssl.SSLContext | None = None
        if relay.security is not Security.none:
            authority = relay.authority.decode() if relay.authority else None
            self._tls = ssl.create_default_context(cadata=authority)

    async def submit(self, envelope: Envelope) -> SendResult:
        """Hand the message over, once."""
        try:
            async with asyncio.timeout(self._timeout_s / 4):
                await self._places.acquire()
        except TimeoutError:
            return not_taken("no_place")
        try:
            return await self._talk(envelope)
        finally:
            self._places.release()

    async def _talk(self, envelope: Envelope) -> SendResult:
        security = self._relay.security
        client = SMTP(
            hostname=self._relay.host,
            port=self._relay.port,
            local_hostname=self._relay.greeting,
            timeout=self._timeout_s / 4,
            use_tls=security is Security.tls,
            start_tls=security is Security.starttls,
            tls_context=self._tls,
        )
        try:
            before = await self._address(client, envelope)
            return before if before is not None else await self._hand_over(client, envelope)
        finally:
            client.close()

    async def _address(self, client: SMTP, envelope: Envelope) -> SendResult | None:
        """Everything before the message itself; a result where it ends here, and then nothing was taken."""
        relay = self._relay
        try:
            async with asyncio.timeout(self._timeout_s / 4):
                await client.connect()
                await client.ehlo()
                if relay.user is not None and relay.password is not None:
                    await client.login(relay.user, relay.password)
                notifies = client.supports_extension("dsn")
                await client.mail(envelope.sender, options=envelope.mail_options if notifies else ())
                await client.rcpt(envelope.recipient, options=envelope.recipient_options if notifies else ())
        except (SMTPAuthenticationError, SMTPSenderRefused) as refused:
            return refusal(refused.code, refused.message, ours=True)
        except SMTPResponseException as refused:
            return refusal(refused.code, refused.message) if 400 <= refused.code < 600 else not_taken(Fault.malformed)
        except TimeoutError:
            return not_taken(Fault.timeout)
        except (SMTPException, OSError, ValueError) as error:
            if isinstance(error.__cause__ or error, ssl.SSLError):
                return not_taken("tls_refused", Fate.provider_unavailable)
            return not_taken(Fault.unreachable)
        return None

    async def _hand_over(self, client: SMTP, envelope: Envelope) -> SendResult:
        try:
            async with asyncio.timeout(self._timeout_s / 2):
                await client.data(envelope.content, timeout=self._timeout_s)
        except SMTPDataError as refused:
            return refusal(refused.code, refused.message) if 400 <= refused.code < 600 else unsure(Fault.malformed)
        except TimeoutError:
            return unsure(Fault.timeout)
        except (SMTPException, OSError, ValueError):
            return unsure(Fault.cut)
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await client.quit()
        return accepted()

"""
E-mail by a relay that speaks SMTP, with delivery notices.

SMTP has no idempotency key and answers no questions, so a message whose answer was lost stays unknown until a notice
comes. Notices and complaints are e-mails: the mail system pipes them to the account's receipts door, and people's
answers to its inbound door. The unsubscribing link is the recipient's own, and proven by its mark alone.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from service.channels.adapter import Adapter, Site
from service.channels.agreed import authorities, peer
from service.channels.answers import refused
from service.channels.marks import Use, marked
from service.core.errors import Invalid, NotFound
from service.core.model import Channel, Fate, Outcome
from service.core.rule import Flawed
from service.flows.ports import Dispatch, Inbound, SendResult, Told
from service.flows.providers import (
    CHOSEN_BY_PROVIDER,
    Callback,
    Door,
    ProviderAccount,
    ProviderKind,
    Secret,
    Trust,
    Url,
)

from .composing import Letterhead, build
from .reports import read_reply, read_report
from .submission import Relay, Security, Submission

STOP = "unsubscribe"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LOCAL_PART_MAX = 14
"""With the mark, the local part of the return path stays within 64 characters (RFC 5321, 4.5.3.1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The relay, who writes, where bounces go, and the key under which attempts are marked."""

    host: str
    port: int = 587
    security: Security = Security.starttls
    ca: Secret | None = None
    user: str | None = None
    password: Secret | None = field(default=None, metadata=CHOSEN_BY_PROVIDER)
    sender: str
    sender_name: str
    bounces_to: str
    mark_key: Secret
    public_url: Url | None = None

    def __post_init__(self) -> None:
        flaws = [(name, "not an e-mail address") for name in ("sender", "bounces_to") if not _is_address(self, name)]
        if len(self.bounces_to.partition("@")[0]) > LOCAL_PART_MAX:
            flaws.append(("bounces_to", f"must have at most {LOCAL_PART_MAX} characters before the @"))
        if not self.sender_name.isprintable():
            flaws.append(("sender_name", "must be printable"))
        if self.public_url is not None and not re.fullmatch(r"[!-;=?-~]{1,500}", self.public_url):
            flaws.append(("public_url", "must fit a header: at most 500 characters, of ASCII, without < and >"))
        if (self.user is None) is not (self.password is None):
            flaws.append(("user", "and password_file are given together, or neither"))
        if self.security is Security.none and (self.host not in LOOPBACK or self.user is not None):
            flaws.append(("security", "none is for a relay on this machine that asks for no password"))
        flaws += peer(self.host, self.port) + authorities(self.ca)
        if flaws:
            raise Flawed(flaws)


KIND = ProviderKind("smtp", frozenset({Channel.email}), Params, Trust.segment, unsubscribes=True)


class Mail(Adapter):
    """One relay."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._head = letterhead(site.account)
        self._submission = Submission(relay(self._params), site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        try:
            envelope = build(dispatch, self._head)
        except ValueError:
            return refused("unfit_header", Fate.rejected_content)
        return await self._submission.submit(envelope)

    def check(self, callback: Callback) -> None:
        if callback.door is Door.unsubscribe and self._link_of(callback) is None:
            raise NotFound("no such link")

    def read(self, callback: Callback) -> Told:
        name, key, now = self._site.account.name, self._params.mark_key, self._site.clock()
        if callback.door is Door.receipts:
            return read_report(name, key, callback.body, now)
        if callback.door is Door.inbound:
            return read_reply(name, key, callback.body, now)
        attempt = self._link_of(callback)
        if attempt is None:
            raise Invalid("token", "is not ours")
        # Whoever calls it: the address is the one that the attempt was for, and none is told.
        event = f"{attempt}:{STOP}"
        return Told(inbound=[Inbound(name, event, Channel.email, None, now, Outcome.replied, STOP, attempt)])

    def _link_of(self, callback: Callback) -> str | None:
        return marked(self._params.mark_key, unquote(callback.path).encode(), Use.unsubscribe)


def letterhead(account: ProviderAccount) -> Letterhead:
    """Say who writes."""
    params: Params = account.params
    link = f"{params.public_url.rstrip('/')}/v1/{Door.unsubscribe}/{account.name}" if params.public_url else None
    return Letterhead(params.sender, params.sender_name, params.bounces_to, link, params.mark_key)


def relay(params: Params) -> Relay:
    """Say who is spoken to, and as whom."""
    greeting = params.sender.partition("@")[2]
    return Relay(params.host, params.port, params.security, greeting, params.user, params.password, params.ca)


def _is_address(params: Params, name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,190}", getattr(params, name)) is not None

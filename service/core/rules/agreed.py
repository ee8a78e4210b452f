"""
Consents: which of them speak for this contact, and when each is in force.
"""

from collections.abc import Iterable, Sequence

from service.core.civil import EVERY_DAY
from service.core.facts import Consent, Contact, Facts, Subject
from service.core.model import Channel, ConsentKind, Instant
from service.core.opening import Opening, Span, common

FOREVER = Instant(2**62)


def consents_of(facts: Facts, kind: ConsentKind, channels: tuple[Channel, ...] = ()) -> list[Consent]:
    """
    The party's consents of a kind that reach this channel, address and client, in force or not.

    `channels`: one that names any of these reaches this channel, too.

    What a consent leaves open it leaves open for all; what it names must be what is asked, so a
    consent for one address does not help a request that names none.
    """
    return [c for c in facts.consents if c.kind == kind and speaks_for(c, facts.subject, channels)]


def speaks_for(consent: Consent, who: Subject | Contact, channels: tuple[Channel, ...] = ()) -> bool:
    """True if a consent, in force or not, reaches this request, or this contact that was made."""
    return (
        consent.party == who.party
        and (consent.channel is None or consent.channel == who.channel or consent.channel in channels)
        and (consent.address is None or consent.address == who.address)
        and (consent.given_to is None or consent.given_to in (who.client, who.actor_role))
    )


def in_force(consent: Consent, at: Instant) -> bool:
    """True from the grant to the expiry or withdrawal, whichever is first; that instant itself is out."""
    return consent.granted_at <= at < ends_at(consent)


def ends_at(consent: Consent) -> Instant:
    """Its expiry or withdrawal, whichever is first."""
    ends = [end for end in (consent.expires_at, consent.withdrawn_at) if end is not None]
    return min(ends, default=FOREVER)


def agreed_spans(consents: Iterable[Consent], zone: str, day: int) -> Sequence[Span]:
    """When contact-time consents open a zone around a UTC day; one that names no window agrees to no time."""
    spans: list[Span] = []
    for consent in consents:
        if consent.window is not None and consent.window.days & EVERY_DAY:
            term = Span(consent.granted_at, ends_at(consent))
            if term.start < term.end:
                spans += common(Opening((consent.window,), quiet=False).spans(zone, day), (term,))
    return spans

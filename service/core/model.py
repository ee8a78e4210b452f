"""
The vocabulary as types: the closed sets and the few values every floor speaks of.

An `Instant` is an integer of microseconds since the epoch, UTC (decision 0004). Text and zones
exist only at the door and in `core.civil`; nothing here knows a clock.
"""

from enum import IntEnum, StrEnum
from typing import NewType

Instant = NewType("Instant", int)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Channel(StrEnum):
    """The medium a party is contacted by."""

    call = "call"
    sms = "sms"
    letter = "letter"
    wechat = "wechat"
    email = "email"
    visit = "visit"


class Purpose(StrEnum):
    """Why the contact is made; decides which law binds it."""

    collection = "collection"
    service_notice = "service_notice"
    legal_notice = "legal_notice"
    locate = "locate"
    relay = "relay"
    heir_inquiry = "heir_inquiry"
    consent_request = "consent_request"
    opt_out_confirmation = "opt_out_confirmation"
    complaint_response = "complaint_response"
    solicitation = "solicitation"


class PartyRole(StrEnum):
    """What the party is to the account."""

    debtor = "debtor"
    co_debtor = "co_debtor"
    guarantor = "guarantor"
    related_third_party = "related_third_party"
    contact_person = "contact_person"
    heir = "heir"
    representative = "representative"
    employer = "employer"
    unknown = "unknown"


class ActorRole(StrEnum):
    """On whose behalf a client acts; some law binds only some of them."""

    first_party = "first_party"
    agency = "agency"
    debt_buyer = "debt_buyer"


class AddressKind(StrEnum):
    mobile = "mobile"
    landline = "landline"
    work = "work"
    home = "home"
    email = "email"
    employer_email = "employer_email"
    postal = "postal"
    wechat_openid = "wechat_openid"
    wecom_user = "wecom_user"


class Provenance(StrEnum):
    """Where the lender has the address from."""

    contract = "contract"
    reserved = "reserved"
    authorized = "authorized"
    debtor_provided = "debtor_provided"
    public = "public"
    lawful_other = "lawful_other"


class Dialing(StrEnum):
    manual = "manual"
    autodialed = "autodialed"
    prerecorded = "prerecorded"
    ai_voice = "ai_voice"


class AccountType(StrEnum):
    consumer = "consumer"
    medical = "medical"
    student = "student"
    mortgage = "mortgage"
    microfinance = "microfinance"
    telecom = "telecom"


class Execution(StrEnum):
    """Who carries the contact out: the gateway itself, or a person under a permit."""

    gateway = "gateway"
    permit = "permit"


class Priority(StrEnum):
    """The order of claiming due work; nothing else."""

    low = "low"
    normal = "normal"
    high = "high"


class IfBlocked(StrEnum):
    """What to do when the contact may happen only later: wait, or refuse."""

    defer = "defer"
    refuse = "refuse"


class LetterService(StrEnum):
    ordinary = "ordinary"
    registered = "registered"


class Direction(StrEnum):
    outbound = "outbound"
    inbound = "inbound"


class Effect(IntEnum):
    """One rule's opinion, in order of strictness: the strictest of a decision wins."""

    allow = 0
    advise = 1
    defer = 2
    deny = 3


class Outcome(StrEnum):
    """What became of one attempt."""

    not_connected_busy = "not_connected_busy"
    not_in_service = "not_in_service"
    ring_no_answer = "ring_no_answer"
    voicemail_no_message = "voicemail_no_message"
    voicemail_message = "voicemail_message"
    answered_dropped = "answered_dropped"
    conversation_right_party = "conversation_right_party"
    conversation_third_party = "conversation_third_party"
    wrong_number = "wrong_number"
    abandoned = "abandoned"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    replied = "replied"
    undelivered = "undelivered"
    returned = "returned"
    visited_met = "visited_met"
    visited_absent = "visited_absent"
    refused_by_provider = "refused_by_provider"
    failed = "failed"
    unknown = "unknown"


class Asks(StrEnum):
    """What a party asked for when it wrote, rang or came by."""

    stop = "stop"
    """To be left alone: by that medium; a third person, altogether."""
    wrong_number = "wrong_number"
    complaint = "complaint"
    call_back = "call_back"
    reply = "reply"
    """To be answered, by whatever medium but a call."""
    free = "free"
    """Nothing of these: it is for a person to read."""


class State(StrEnum):
    """The life cycle of a contact request; the legal moves are in `core.lifecycle`."""

    scheduled = "scheduled"
    queued = "queued"
    dispatching = "dispatching"
    sent = "sent"
    completed = "completed"
    failed = "failed"
    unknown = "unknown"
    refused = "refused"
    cancelled = "cancelled"
    expired = "expired"


class ReservationState(StrEnum):
    """A place under the caps: held for a contact to come, kept by an attempt, or given back."""

    held = "held"
    kept = "kept"
    released = "released"


class DeliveryState(StrEnum):
    """What became of an event on its way to a client's callback."""

    waiting = "waiting"
    delivered = "delivered"
    dead = "dead"


class HeardState(StrEnum):
    """What became of a provider's callback: to be applied, taken whole, or kept aside because it fits nothing."""

    due = "due"
    taken = "taken"
    aside = "aside"


class HoldKind(StrEnum):
    instalment_agreement = "instalment_agreement"
    dispute = "dispute"
    deceased = "deceased"
    incapacity = "incapacity"
    represented = "represented"
    bankrupt = "bankrupt"
    cease = "cease"
    breathing_space = "breathing_space"
    hardship = "hardship"
    legal_hold = "legal_hold"
    settled = "settled"


class ConsentKind(StrEnum):
    contact_time = "contact_time"
    channel = "channel"
    marketing = "marketing"
    direct_contact = "direct_contact"
    workplace = "workplace"
    third_party = "third_party"
    sharing = "sharing"


class PreferenceKind(StrEnum):
    """`prohibited`: not within the window. `only`: at no time but within the windows of this kind."""

    prohibited = "prohibited"
    only = "only"


class NoticeKind(StrEnum):
    outsourcing = "outsourcing"
    first_written = "first_written"
    validation = "validation"
    assignment = "assignment"
    medical_60_day = "medical_60_day"
    due_date = "due_date"
    visit = "visit"


class Registry(StrEnum):
    us_dnc = "us-dnc"
    us_rnd = "us-rnd"
    sg_dnc = "sg-dnc"
    in_dnd = "in-dnd"
    uk_tps = "uk-tps"


class SuppressionScope(StrEnum):
    address = "address"
    party = "party"
    account = "account"


class Fate(StrEnum):
    """
    What became of a hand-over to a provider; each word leads to another deed.

    `ambiguous` may have happened. `retryable`, `throttled_account`, `deferred_window` and `provider_unavailable`
    surely did not, and may be tried again. The rest is final, and none of it may be dodged by another provider.
    """

    accepted = "accepted"
    retryable = "retryable"
    ambiguous = "ambiguous"
    throttled_account = "throttled_account"
    throttled_recipient = "throttled_recipient"
    deferred_window = "deferred_window"
    invalid_recipient = "invalid_recipient"
    opted_out = "opted_out"
    rejected_content = "rejected_content"
    provider_unavailable = "provider_unavailable"
    permanent = "permanent"


class NoRoute(StrEnum):
    """Why no provider account may carry a contact, the nearer miss the later."""

    no_route = "no_route"
    address_not_carried = "address_not_carried"
    purpose_not_allowed = "purpose_not_allowed"
    template_not_filed = "template_not_filed"
    signature_not_filed = "signature_not_filed"
    allowance_spent = "allowance_spent"


class SuppressionReason(StrEnum):
    opt_out = "opt_out"
    refused_by_third_party = "refused_by_third_party"
    wrong_number = "wrong_number"
    platform_refusal = "platform_refusal"
    platform_cap = "platform_cap"
    invalid_address = "invalid_address"
    complaint = "complaint"
    do_not_contact = "do_not_contact"
    court_order = "court_order"


class BlockScope(StrEnum):
    """What a block (kill switch) stops."""

    channel = "channel"
    client = "client"
    jurisdiction = "jurisdiction"
    party = "party"


class Force(StrEnum):
    """How binding the text behind a rule is."""

    law = "law"
    rule = "rule"
    notice = "notice"
    standard = "standard"
    self_regulation = "self_regulation"
    platform = "platform"
    house = "house"


class Confidence(StrEnum):
    """How well the figure of a rule was verified."""

    primary = "primary"
    secondary = "secondary"
    unconfirmed = "unconfirmed"

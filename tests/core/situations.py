"""
Whole facts drawn at random: any contact, of any party, in any place, with anything that may have happened before.

All is drawn from one seed, a hundred times as quickly as value by value, so that a law meets a thousand cases.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from service.core.civil import parse_instant
from service.core.facts import (
    Consent,
    Contact,
    Facts,
    Hold,
    Notice,
    Obligation,
    Preference,
    Registration,
    RegistryCheck,
    Subject,
    Suppression,
    VisitPlan,
    Window,
)
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    AccountType,
    ActorRole,
    AddressKind,
    Asks,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
    Execution,
    HoldKind,
    Instant,
    LetterService,
    NoticeKind,
    Outcome,
    PartyRole,
    PreferenceKind,
    Provenance,
    Purpose,
    Registry,
    SuppressionReason,
    SuppressionScope,
)
from tests.core.cases import DEBTOR, NUMBER, shipped

PARTIES, ACCOUNTS = (DEBTOR, "P-2"), ("A-1", "A-2")
ADDRESSES = (NUMBER, "+12125550123", "someone@example.com")
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Pacific/Honolulu",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
)
PLACES = tuple(sorted({code for pack in shipped().packs for code in pack.jurisdictions[:2]}))
BASES = tuple(
    map(
        parse_instant,
        (
            "2026-11-23T12:00:00+08:00",
            "2026-03-08T00:30:00-05:00",  # the clocks go forward in New York
            "2026-11-01T00:30:00-04:00",  # and back
            "2026-04-05T01:10:00+11:00",  # back in Chatham and, by half an hour, on Lord Howe
            "2026-10-04T01:10:00+10:30",  # forward
            "2026-04-29T20:00:00+08:00",  # the day before the Chinese rules on consent to marketing change
            "2026-08-31T20:00:00-04:00",  # the night in which New York City's rules come into force
            "2026-12-30T20:00:00+08:00",  # the end of what some calendars know
        ),
    )
)
TEXTS = (
    None,
    None,
    "【示例农商行】请尽快还款。",
    "【示例农商行】限时优惠，贷款额度已提升",
    "Example Bank: this is an attempt to collect a debt. Please call 212 555 0123. Reply STOP to opt out.",
    "Example Bank: a special offer!",
)
ANYONE = (DEBTOR, DEBTOR, "P-2")
EVERY_CHANNEL = (Channel.call, Channel.call, *Channel)


_T = TypeVar("_T")


class Chance:
    """Values drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self._seed, self._random = seed, Random(seed)

    def __repr__(self) -> str:
        return f"Chance({self._seed})"

    def of(self, values: Iterable[_T]) -> _T:
        return self._random.choice(tuple(values))

    def maybe(self, values: Iterable[_T]) -> _T | None:
        """One of the values or, as often as any of them, None."""
        return self.of((None, *values))

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def some(self, values: Iterable[_T], least: int, most: int) -> tuple[_T, ...]:
        """A few of the values, none twice."""
        rows = tuple(values)
        return tuple(self._random.sample(rows, self.number(least, min(most, len(rows)))))

    def shuffled(self, values: Sequence[_T]) -> tuple[_T, ...]:
        return tuple(self._random.sample(values, len(values)))

    def when(self, base: Instant, back: int, ahead: int) -> Instant:
        """From so many days before the base to so many after: on the hour, on the second, or anywhere."""
        at = base + self.number(-back * DAY, ahead * DAY)
        return Instant(at // (unit := self.of((HOUR, HOUR, MINUTE, SECOND, 1))) * unit)


def drawn_window(c: Chance) -> Window:
    usual = (Window(127, 22 * 3600, 23 * 3600), Window(31, 9 * 3600, 17 * 3600), Window(32, 0, 86_400))
    start, end = c.number(0, 86_399), c.number(1, 86_400)
    return c.of((*usual, Window(c.number(1, 127), start, end if end != start else 86_400)))


def drawn_subject(c: Chance) -> Subject:
    return Subject(
        channel=c.of(Channel),
        purpose=c.of((Purpose.collection, *Purpose)),
        party=DEBTOR,
        party_role=c.of((PartyRole.debtor, PartyRole.debtor, *PartyRole)),
        actor_role=c.of(ActorRole),
        client="bank",
        address=c.maybe(ADDRESSES),
        address_kind=c.maybe(AddressKind),
        provenance=c.maybe(Provenance),
        account=c.of(("A-1", "A-1", None)),
        product=c.maybe(("credit_card", "mortgage")),
        account_type=c.maybe(AccountType),
        days_past_due=c.maybe((0, 12, 31, 60, 200)),
        dialing=c.maybe(Dialing),
        execution=c.of(Execution),
        recording_available=c.of((True, True, False, None)),
        visit=c.maybe(
            (VisitPlan(2, True, True), VisitPlan(5, None, None), VisitPlan(1, True, True, (Instant(1), Instant(2))))
        ),
        letter_service=c.maybe(LetterService),
        template_fits=c.of((True, True, True, None, False)),
        reveals=c.maybe(("institution", "debt")),
        institution=c.of(((), ("Example Bank",))),
        offer=c.once_in(5),
        registrations=c.of(((), (Registration("in-dlt", "1", "ABCBNK-S"),))),
        text=c.of(TEXTS),
    )


def drawn_contact(c: Chance, base: Instant, ahead: int) -> Contact:
    """A contact of the last five weeks, one of `ahead` days to come, or one that is planned."""
    made = [outcome for outcome in Outcome if outcome is not Outcome.wrong_number]
    planned, inbound = c.once_in(5), c.once_in(5)
    came = (Outcome.replied, Outcome.conversation_right_party)
    outcome = c.of(Outcome) if c.once_in(8) else c.of(made)
    return Contact(
        at=c.when(base, 1, 9) if planned else c.when(base, 35, ahead),
        channel=c.of(EVERY_CHANNEL),
        direction=Direction.inbound if inbound and not planned else Direction.outbound,
        outcome=None if planned else c.of(came) if inbound else outcome,
        duration_s=c.maybe((3, 60)),
        party=c.of((*ANYONE, None)),
        party_role=c.maybe((PartyRole.debtor, PartyRole.contact_person)),
        account=c.of(("A-1", "A-1", "A-2", None)),
        product=c.maybe(("credit_card",)),
        address=c.maybe(ADDRESSES),
        address_kind=c.maybe((AddressKind.mobile, AddressKind.work)),
        purpose=c.maybe((Purpose.collection, Purpose.opt_out_confirmation, Purpose.locate)),
        client=c.maybe(("bank", "agency-a")),
        actor_role=c.maybe(ActorRole),
        dialing=c.maybe((Dialing.manual, Dialing.prerecorded)),
        place=c.maybe(("home",)),
        asks=c.maybe(Asks) if inbound and not planned else None,
    )


def _suppression(c: Chance, past: Instant, ever: Instant | None) -> Suppression:
    scope = c.of(SuppressionScope)
    value = {"address": ADDRESSES, "party": PARTIES, "account": ACCOUNTS}[scope]
    purpose = c.maybe((Purpose.solicitation, Purpose.collection))
    channel = c.maybe((Channel.call, Channel.sms))
    return Suppression(scope, c.of(value), past, c.maybe(PARTIES), channel, purpose, c.maybe(SuppressionReason), ever)


def _hold(c: Chance, past: Instant, ever: Instant | None) -> Hold:
    allowed = c.of(((), (Purpose.service_notice,), (Purpose.collection,)))
    whose = {"account": c.of(ACCOUNTS)} if c.once_in(2) else {"party": c.of(PARTIES)}
    return Hold(c.of(HoldKind), past, until=ever, allowed_purposes=allowed, **whose)


def _consent(c: Chance, past: Instant, ever: Instant | None) -> Consent:
    return Consent(
        c.of(ANYONE),
        c.of(ConsentKind),
        past,
        c.maybe((Channel.call, Channel.sms)),
        c.maybe(ADDRESSES[:1]),
        drawn_window(c) if c.once_in(2) else None,
        ever,
        None,
        c.of((None, None, "bank", "agency")),
    )


_ROWS: dict[str, Callable[[Chance, Instant, Instant | None], Any]] = {
    "consents": _consent,
    "suppressions": _suppression,
    "holds": _hold,
    "preferences": lambda c, _, __: Preference(
        c.of(ANYONE), c.of(PreferenceKind), drawn_window(c), c.maybe((Channel.call,))
    ),
    "registry_checks": lambda c, past, _: RegistryCheck(c.of(Registry), c.of(ADDRESSES), c.once_in(3), past),
    "notices": lambda c, past, _: Notice(c.of(ACCOUNTS), c.of(NoticeKind), past),
    "obligations": lambda c, past, _: Obligation(
        c.of(ACCOUNTS), c.of(("us-reg-f/validation-notice", "house/rule", "house/a")), past
    ),
}


def in_order(history: Iterable[Contact]) -> tuple[Contact, ...]:
    """As a store hands it over: every contact with an id of its own, sorted by instant."""
    named = (item._replace(id=f"{place:02}") for place, item in enumerate(history))
    return tuple(sorted(named, key=lambda item: (item.at, item.id)))


def drawn_facts(c: Chance, base: Instant, *, ahead: int = 0, places: Sequence[str] = PLACES) -> Facts:
    """Facts, those dated up to `ahead` days after the base among them."""
    zones = c.some(ZONES, 1, c.of((1, 1, 2, 3)))
    lists = {
        name: tuple(
            row(c, c.when(base, 40, ahead), c.when(base, 20, 9) if c.once_in(2) else None)
            for _ in range(c.number(-2, 2))
        )
        for name, row in _ROWS.items()
    }
    return Facts(
        subject=drawn_subject(c),
        zones=zones,
        further_zones=tuple(zone for zone in c.some(ZONES, 0, 1) if zone not in zones),
        jurisdictions=c.some(places, 1, 2),
        history=in_order(drawn_contact(c, base, ahead) for _ in range(c.number(0, 12))),
        debtor=c.of((DEBTOR, "P-2", None)),
        **lists,
    )


def eased(known: Facts) -> Facts:
    """The same with little that stops a contact for good, so that more of them are a question of when."""
    subject = replace(
        known.subject,
        purpose=Purpose.collection,
        party_role=PartyRole.debtor,
        template_fits=None,
        text=None,
        offer=False,
    )
    return replace(known, subject=subject, suppressions=(), holds=())


def prepared(c: Chance, known: Facts, base: Instant) -> Facts:
    """The same of a request that has all that a law asks for, so that little is left but when."""
    channel = c.of((Channel.call, *Channel))
    kind = c.of((AddressKind.mobile, AddressKind.mobile, AddressKind.work))
    kinds = {Channel.email: AddressKind.email, Channel.letter: AddressKind.postal, Channel.visit: AddressKind.home}
    subject = replace(
        known.subject,
        channel=channel,
        account="A-1",
        account_type=AccountType.consumer,
        product="credit_card",
        days_past_due=c.of((5, 40)),
        address=NUMBER,
        address_kind=kinds.get(channel, kind),
        provenance=Provenance.contract,
        dialing=Dialing.manual,
        recording_available=True,
        visit=VisitPlan(2, True, True),
        letter_service=LetterService.registered,
    )
    before = Instant(base - 50 * DAY)
    notices = tuple(Notice("A-1", kind, before) for kind in NoticeKind)
    agreed = Consent(DEBTOR, ConsentKind.channel, Instant(base - 10 * DAY), channel, NUMBER, given_to="bank")
    return replace(
        known,
        subject=subject,
        jurisdictions=c.some(PLACES, 1, c.of((1, 1, 2))),
        notices=notices,
        consents=(*known.consents, agreed),
        debtor=DEBTOR,
    )

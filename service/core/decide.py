"""
The judge: `decide(book, facts, at, hold)` is a value of its arguments and of nothing else.

Every rule that binds gives its verdict; the strictest wins. A deferral is followed forward: the
judge stops wherever a verdict may turn and asks again until all allow, to a horizon of 35 days. A rule
that errs denies (decision 0009). The same function is asked at accept, at the wire and in a replay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .case import Case
from .facts import Facts
from .model import Effect, Instant, NoRoute, Purpose
from .policy import Book, NotApplied, Selection, Shape
from .rule import HORIZON, Lifting, Rule, Verdict
from .rules.agreed import speaks_for

STEPS_MAX = 2000
"""Every step moves forward; 35 days of two rules taking turns each hour would stay below this."""

# Names of this module, for a member of an enumeration costs a dozen times as much to look up.
_ALLOW, _, _DEFER, _DENY = Effect
_SOLICITATION = Purpose.solicitation
_LACKS = {
    (False, False): frozenset[str](),
    (True, False): frozenset({"text"}),
    (False, True): frozenset({"address"}),
    (True, True): frozenset({"text", "address"}),
}

GATEWAY = "gateway"
"""The rule ids `gateway/...` are the gateway's own refusals, which no pack can lift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    All verdicts, and the effect of the strictest: each rule's at the first instant asked, and after them what was said
    on the way from there. That is each rule's last deferral, unless it said so at first, and what denied.

    `at` is the first instant asked; `not_before` the first instant at which all rules allow, for a
    deferral and for a refusal `expires_first`. `reason` names the deciding verdict's reason. Whoever
    stores or shows the decision adds `facts_sha256`; judging alone needs no digest.
    """

    effect: Effect
    at: Instant
    not_before: Instant | None
    verdicts: tuple[Verdict, ...]
    not_applied: tuple[NotApplied, ...]
    zones: tuple[str, ...]
    book: str
    label: str
    facts_sha256: str = ""

    @property
    def deciding(self) -> tuple[Verdict, ...]:
        """The verdicts that made the effect what it is; empty for a plain allow."""
        return tuple(v for v in self.verdicts if v.effect >= _DEFER)

    @property
    def reason(self) -> str:
        strictest = [v.reason for v in self.verdicts if v.effect == self.effect and v.effect >= _DEFER]
        return strictest[0] if strictest else ""


def decide(book: Book, facts: Facts, at: Instant, hold: int = 0, *, expires_at: Instant | None = None) -> Decision:
    """
    Judge one contact.

    1. The gateway's own grounds: no zone, no policy, a block, a role the account does not list.
    2. Every binding rule at `at`. A deny ends it; all allow ends it.
    3. A deferral moves to the next stop and asks again; a deny found there denies (decision 0009).
    """
    case = Case(facts, hold, book.calendar)
    case.purposes = purposes_of(book, case)
    panel = book.select(_shape(book, facts, case.purposes)).without(_lacking(facts))
    asked = _ask(panel, case, at)
    unasked = _not_in_force(panel, case, at) if len(asked) < len(panel.rules) else ()
    first = [*_gateway_verdicts(book, facts), *_route_verdicts(facts, at), *asked]
    effect, not_before, verdicts = _settle(panel, case, at, first, expires_at)
    return Decision(
        effect=effect,
        at=at,
        not_before=not_before,
        verdicts=tuple(verdicts),
        not_applied=panel.not_applied + unasked,
        zones=facts.zones,
        book=book.sha256,
        label=book.label,
    )


def binding(book: Book, facts: Facts) -> tuple[Rule, ...]:
    """The rules that bind this contact by what their selectors read, in force or not."""
    return book.select(_shape(book, facts, (facts.subject.purpose,))).rules


def reading(book: Book, facts: Facts) -> tuple[Rule, ...]:
    """All rules that may have a say in this contact, those that lift others too."""
    case = Case(facts, 0, book.calendar)
    panel = book.select(_shape(book, facts, purposes_of(book, case))).without(_lacking(facts))
    return (*panel.rules, *panel.lifting)


def purposes_of(book: Book, case: Case) -> tuple[Purpose, ...]:
    """The claimed purpose, and `solicitation` where the text makes an offer: the rules of both bind."""
    subject = case.subject
    claimed = subject.purpose
    if claimed == _SOLICITATION:
        return (claimed,)
    if subject.offer or (subject.text and _makes_offer(book, case)):
        return (claimed, _SOLICITATION)
    return (claimed,)


def _makes_offer(book: Book, case: Case) -> bool:
    try:
        return any(rule.offers(case) for rule in book.offer_rules)
    except Exception:
        return True  # what errs counts as an offer: the strict side


def _shape(book: Book, facts: Facts, purposes: tuple[Purpose, ...]) -> Shape:
    s = facts.subject
    return Shape(
        s.actor_role,
        s.channel,
        purposes,
        s.party_role,
        s.address_kind,
        s.product,
        s.account_type,
        s.dialing,
        s.execution,
        book.days_alike(s.days_past_due),
        facts.jurisdictions,
    )


def _lacking(facts: Facts) -> frozenset[str]:
    subject = facts.subject
    return _LACKS[subject.text is None, subject.address is None]


def _not_in_force(panel: Selection, case: Case, at: Instant) -> tuple[NotApplied, ...]:
    out = (rule for rule in panel.rules if not rule.in_force(case.zones_of(rule), at))
    return tuple(NotApplied(rule.id, "not_in_force") for rule in out)


def _ask(panel: Selection, case: Case, at: Instant) -> list[Verdict]:
    """All verdicts at one instant; what a lifting rule lifts is allowed, and says by which."""
    timeless = panel.all_in_force(case.zones, case.further_zones, at)
    lifted = _lifted(panel, case, at, timeless) if panel.lifting else {}
    verdicts = []
    for rule in panel.rules:
        if not timeless and not rule.in_force(case.zones_of(rule), at):
            continue
        if lifted and rule.id in lifted:
            verdicts.append(rule.allow(lifted_by=lifted[rule.id]))
            continue
        try:
            verdicts.append(rule.judge(case, at))
        except Exception as error:
            verdicts.append(rule.deny("rule_error", error=type(error).__name__))
    return verdicts


def _lifted(panel: Selection, case: Case, at: Instant, timeless: bool) -> dict[str, str]:
    lifted: dict[str, str] = {}
    for rule in panel.lifting:
        try:
            if (timeless or rule.in_force(case.zones_of(rule), at)) and rule.lifts_at(case, at):
                lifted.update(dict.fromkeys(_liftable(rule, panel, case, at), rule.id))
        except Exception:
            continue  # what errs lifts nothing: the strict side
    return lifted


def _liftable(lifting: Lifting, panel: Selection, case: Case, at: Instant) -> Sequence[str]:
    met = lifting.met_at(case, at)
    if met is None:
        return lifting.lifts
    named = (rule for rule in panel.rules if rule.id in lifting.lifts)
    return [rule.id for rule in named if rule.judge(case, met).effect >= _DEFER]


def _settle(
    panel: Selection, case: Case, at: Instant, first: list[Verdict], expires_at: Instant | None
) -> tuple[Effect, Instant | None, list[Verdict]]:
    """Follow deferrals forward; return the effect, `not_before`, and the verdicts to keep."""
    verdicts, now = first, at
    later: dict[str, Verdict] = {}
    for _ in range(STEPS_MAX):
        denials = [v for v in verdicts if v.effect is _DENY]
        if denials:
            return _DENY, None, first if verdicts is first else [*_kept(first, later), *denials]
        untils = [v.until for v in verdicts if v.effect is _DEFER and v.until is not None]
        if not untils:
            return _arrived(at, now, _kept(first, later) if later else first, expires_at)
        stop = min(*untils, *_turns(panel, case, now, max(untils)), at + HORIZON + 1)
        if not now < stop <= at + HORIZON:
            break
        now = Instant(stop)
        verdicts = [*_route_verdicts(case.facts, now), *_ask(panel, case, now)]
        for verdict in verdicts:
            if verdict.effect is _DEFER:
                later.pop(verdict.rule, None)
                later[verdict.rule] = verdict
    return _DENY, None, [*_kept(first, later), _own("no_common_window", _DENY)]


def _kept(first: list[Verdict], later: Mapping[str, Verdict]) -> list[Verdict]:
    """The verdicts of the first instant, and each rule's last deferral on the way that they do not tell of already."""
    told = {v.rule: v.until for v in first if v.effect is _DEFER}
    return [*first, *(v for v in later.values() if told.get(v.rule) != v.until)]


def _turns(panel: Selection, case: Case, now: Instant, until: Instant) -> list[Instant]:
    """
    The instants on the way at which what waits may no longer have to, whatever its verdict says: the term of a rule
    ends, that of a lifting one begins, a consent is given that one of them reads, or something comes to pass that the
    facts date later. What lies on the way besides is no stop, so that it can refuse nothing.
    """
    facts = case.facts
    later = [consent for consent in facts.consents if now < consent.granted_at < until]
    opening = {kind for rule in (*panel.rules, *panel.lifting) for kind in rule.opened_by} if later else ()
    turns = [consent.granted_at for consent in later if consent.kind in opening and speaks_for(consent, facts.subject)]
    for item in reversed(facts.history):
        if item.at <= now:
            break
        if item.outcome is not None:
            turns.append(item.at)
    if not all(panel.all_in_force(case.zones, case.further_zones, end) for end in (now, until)):
        turns += [rule.term(zone)[1] for rule in panel.rules for zone in case.zones_of(rule)]
        turns += [rule.term(zone)[0] for rule in panel.lifting for zone in case.zones_of(rule)]
    return [turn for turn in turns if now < turn < until]


def _arrived(
    at: Instant, now: Instant, kept: list[Verdict], expires_at: Instant | None
) -> tuple[Effect, Instant | None, list[Verdict]]:
    if now == at:
        return _ALLOW, None, kept
    if expires_at is not None and now >= expires_at:
        return _DENY, now, [*kept, _own("expires_first", _DENY, until=now)]
    return _DEFER, now, kept


def _own(reason: str, effect: Effect, *, until: Instant | None = None) -> Verdict:
    return Verdict(f"{GATEWAY}/{reason.replace('_', '-')}", GATEWAY, effect, reason, until)


def _route_verdicts(facts: Facts, at: Instant) -> tuple[Verdict, ...]:
    """The hours of providers, for who would rather be refused than wait; for all others the route waits (0023)."""
    if facts.route_opens is None or at >= facts.route_opens:
        return ()
    return (_own("route_closed", _DEFER, until=facts.route_opens),)


def _gateway_verdicts(book: Book, facts: Facts) -> list[Verdict]:
    """What the gateway itself refuses, before and beside any pack (DESIGN section 4)."""
    own: list[Verdict] = []
    if not facts.zones:
        own.append(_own("no_zone", _DENY))
    if not facts.jurisdictions:
        own.append(_own("no_jurisdiction", _DENY))
    elif not book.partial and not all(book.names(code) for code in facts.jurisdictions):
        own.append(_own("no_policy", _DENY))
    if facts.route is False:
        own.append(_own(facts.route_refusal or NoRoute.no_route, _DENY))
    if facts.blocks:
        own.append(_own("blocked", _DENY))
    if facts.listed_role is not None and facts.listed_role != facts.subject.party_role:
        own.append(_own("role_mismatch", _DENY))
    if facts.subject.template_fits is False:
        own.append(_own("unfit_template", _DENY))
    return own

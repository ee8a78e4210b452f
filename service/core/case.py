"""
A case: one set of facts laid out for the rules, so that thirty rules do not each sort it anew.

Everything here is derived from the facts and forgotten after the decision.
"""

from .civil import day_bounds
from .facts import Contact, Facts, Subject
from .model import Channel, Direction, Instant, Purpose
from .policy import Rule


class Case:
    """
    What rules are handed.

    `hold` is how long the answer must stay true, in microseconds: zero at accept, the send time-out
    plus a margin at the wire; windows must be open throughout it. `purposes` is the request's own and,
    where its text makes an offer, `solicitation` too.
    """

    __slots__ = ("_inbound", "_outbound", "facts", "hold", "purposes", "subject", "zones")

    def __init__(self, facts: Facts, hold: int, purposes: tuple[Purpose, ...]) -> None:
        self.facts = facts
        self.subject: Subject = facts.subject
        self.hold = hold
        self.purposes = purposes
        self.zones = facts.zones
        outbound: dict[Channel, list[Contact]] = {}
        inbound: list[Contact] = []
        for item in facts.history:
            if item.direction == Direction.outbound:
                outbound.setdefault(item.channel, []).append(item)
            else:
                inbound.append(item)
        self._outbound = outbound
        self._inbound = inbound

    def outbound(self, channel: Channel) -> list[Contact]:
        """Outbound contacts and held places on a channel, oldest first, of every party in the facts."""
        return self._outbound.get(channel, [])

    @property
    def inbound(self) -> list[Contact]:
        """What came in, on any channel, oldest first."""
        return self._inbound

    def zones_of(self, rule: Rule) -> tuple[str, ...]:
        """The zones a rule reads: its own, or all of the party's."""
        return (rule.zone,) if rule.zone else self.zones

    def days_of(self, rule: Rule, at: Instant) -> list[tuple[Instant, Instant]]:
        """The local day around `at` in each zone that the rule reads, as half-open bounds."""
        return [day_bounds(zone, at) for zone in self.zones_of(rule)]

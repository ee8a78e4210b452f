"""
Every kind of rule there is; a policy file can use these and no others.
"""

from .rule import Rule
from .rules.cap import Cap, Interval
from .rules.content import AdvertisingMix, ContentForbidden, ContentRequired
from .rules.hours import ContactWindow, PreferenceRule
from .rules.people import HoldRule, PartyRule
from .rules.reply import ReplyOnce
from .rules.standing import ChannelRule, ConsentRule, Prerequisite, ProvenanceRule, Recording, VisitPlanRule
from .rules.suppression import SuppressionRule
from .rules.third_party_gate import ThirdPartyGate

KINDS: tuple[type[Rule], ...] = (
    AdvertisingMix,
    Cap,
    ChannelRule,
    ConsentRule,
    ContactWindow,
    ContentForbidden,
    ContentRequired,
    HoldRule,
    Interval,
    PartyRule,
    PreferenceRule,
    Prerequisite,
    ProvenanceRule,
    Recording,
    ReplyOnce,
    SuppressionRule,
    ThirdPartyGate,
    VisitPlanRule,
)

"""
Every kind of rule there is; a policy file can use these and no others.
"""

from .rule import Rule
from .rules.cap import Cap
from .rules.consent import ConsentRule
from .rules.content import AdvertisingMix, ContentForbidden, ContentRequired
from .rules.cooldown import Cooldown
from .rules.exemption import Exemption
from .rules.hold import HoldRule
from .rules.hours import ContactWindow
from .rules.interval import Interval
from .rules.obligation import ObligationRule
from .rules.occasion import Occasion
from .rules.people import PartyRule
from .rules.preference import PreferenceRule
from .rules.prerequisite import Prerequisite
from .rules.registration import Sender, TemplateRegistration
from .rules.registry import RegistryRule
from .rules.reply import ReplyOnce
from .rules.representation import Representation
from .rules.stage import Stage
from .rules.standing import ChannelRule, ProvenanceRule, Recording, VisitPlanRule
from .rules.suppression import SuppressionRule
from .rules.third_party_gate import ThirdPartyGate
from .rules.whitelist import ContentWhitelist
from .rules.workplace import Workplace

KINDS: tuple[type[Rule], ...] = (
    AdvertisingMix,
    Cap,
    ChannelRule,
    ConsentRule,
    ContactWindow,
    ContentForbidden,
    ContentRequired,
    ContentWhitelist,
    Cooldown,
    Exemption,
    HoldRule,
    Interval,
    ObligationRule,
    Occasion,
    PartyRule,
    PreferenceRule,
    Prerequisite,
    ProvenanceRule,
    Recording,
    RegistryRule,
    ReplyOnce,
    Representation,
    Sender,
    Stage,
    SuppressionRule,
    TemplateRegistration,
    ThirdPartyGate,
    VisitPlanRule,
    Workplace,
)

"""
Every kind of rule there is; a policy file can use these and no others.
"""

from .rule import Rule
from .rules.cap import Cap, Interval
from .rules.hours import ContactWindow, PreferenceRule
from .rules.reply import ReplyOnce

KINDS: tuple[type[Rule], ...] = (
    Cap,
    ContactWindow,
    Interval,
    PreferenceRule,
    ReplyOnce,
)

"""What books, packs and rules look like, for the OpenAPI document; tests hold the answers to it."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from service.core.model import Confidence, Force
from service.core.unconfirmed import Why

from .schemas import Answered
from .shown import At, BookShown


class WordsShown(Answered):
    """The same in both languages."""

    en: str
    zh: str


_ACTIVATION: dict[str, Any] = {
    "id": "ac_0642b8e2c5f4000001000000000001",
    "sha256": "5d0f2a2a4cf5e0d1f0ab0d3d5c6b5b2b4b7e0d9c7c8f0a1b2c3d4e5f60718293",
    "label": "cn-collection+house@5d0f2a2a4cf5",
    "effective_at": "2026-12-01T00:00:00+08:00",
    "first_by": "compliance-li",
    "second_by": None,
    "activated_at": None,
}


class ActivationShown(Answered):
    """A book named for a date. It takes effect then, if a second principal named it too."""

    model_config = Answered.model_config | ConfigDict(json_schema_extra={"examples": [_ACTIVATION]})

    id: str
    sha256: str
    label: str
    effective_at: At
    first_by: str
    second_by: str | None = Field(description="Null while a second principal is awaited.")
    activated_at: At | None


class PackLineShown(Answered):
    """A pack in a list."""

    id: str
    title: WordsShown
    jurisdictions: list[str] = Field(description="Empty: it binds everywhere.")
    floor: bool = Field(description="No other pack can loosen it.")
    draft: bool = Field(description="It binds nobody; only a what-if that names it asks it.")
    rules: int
    effective_dates: list[str] = Field(description="Days on which a rule comes into force, or is in force last.")


class AvailablePackShown(PackLineShown):
    change: Literal["new", "changed", "draft"]


class AvailableShown(Answered):
    """What lies in the policies folder and is not in force."""

    sha256: str | None = Field(description="What to name to activate it; null if it is the book in force.")
    label: str | None
    packs: list[AvailablePackShown]
    removed: list[str] = Field(description="Packs in force that the folder no longer has.")
    complaints: list[str] = Field(description="Why the folder cannot be read; the book in force stays.")


class CalendarShown(Answered):
    """A calendar that rules of the book read; it refuses on days that it does not know."""

    id: str
    title: WordsShown
    known_from: str
    confirmed_until: str


class BooksShown(Answered):
    """The book in force, and what may follow it."""

    book: ActivationShown | None
    packs: list[PackLineShown]
    calendars: list[CalendarShown]
    pending: list[ActivationShown]
    available: AvailableShown


class RuleShown(Answered):
    """One rule. `parameters` are those of its kind, in the words of the policy file."""

    id: str
    kind: str
    when: dict[str, Any] = Field(description="Whom it binds; what is absent means any.")
    unless: dict[str, Any] | None
    parameters: dict[str, Any]
    citation: str
    url: str | None
    force: Force
    confidence: Confidence
    effective_from: str | None
    effective_to: str | None
    zone: str | None = Field(description="The zone that it reads; null: the party's, as `zones` says.")
    zones: Literal["all", "first"] = Field(description="Those of all sources, or of the first that names any.")
    also_zone: str | None = Field(description="A zone that it reads besides.")
    explain: WordsShown = Field(description="A figure in braces is one that each decision fills in.")


class PackShown(Answered):
    """A pack with all its rules."""

    id: str
    title: WordsShown
    jurisdictions: list[str]
    floor: bool
    draft: bool
    effective_dates: list[str]
    book: BookShown | None = Field(description="The book that it was read from; null for a draft.")
    in_force: bool
    rules: list[RuleShown]


class ParameterShown(Answered):
    """A value that is another; null where it is absent."""

    name: str = Field(description="Dotted, in the words of the policy file: `limit`, `when.channel`, `explain.en`.")
    old: Any
    new: Any


class RuleLineShown(Answered):
    """A rule that comes or goes."""

    id: str
    kind: str
    effective_from: str | None
    effective_to: str | None


class RuleChangedShown(Answered):
    """A rule with what is otherwise."""

    id: str
    kind: str
    parameters: list[ParameterShown]


class RulesChangedShown(Answered):
    """The rules of one pack."""

    added: list[RuleLineShown]
    removed: list[RuleLineShown]
    changed: list[RuleChangedShown]


class PackChangedShown(Answered):
    """A pack that both books have, each with another text."""

    id: str
    parameters: list[ParameterShown] = Field(description="Of its head, such as its jurisdictions.")
    rules: RulesChangedShown


class PacksChangedShown(Answered):
    """The packs of both books."""

    added: list[PackLineShown]
    removed: list[PackLineShown]
    changed: list[PackChangedShown]


class DifferenceShown(Answered):
    """What `new` has otherwise than `old`."""

    old: BookShown
    new: BookShown
    parameters: list[ParameterShown] = Field(description="Of calendars.")
    packs: PacksChangedShown


class OutcomeShown(Answered):
    """How many decisions went one way and would have gone another; the same effect twice: at another instant."""

    was: str
    would: str
    count: int


class RuleCountShown(Answered):
    """How often a rule would have spoken more strictly, more mildly, or the same until another instant."""

    rule: str
    stricter: int
    milder: int
    moved: int


class EffectShown(Answered):
    """An effect, and for a deferral until when."""

    effect: str
    not_before: At | None


class RuleEffectShown(Answered):
    """What a rule said, and would have said."""

    rule: str
    was: str
    would: str


class ExampleShown(Answered):
    """A decision that would have been another: the entry that tells of it, and its request."""

    entry: str
    request: str
    at: At
    was: EffectShown
    would: EffectShown
    rules: list[RuleEffectShown]


class SkippedShown(Answered):
    """Decisions that could not be judged again."""

    erased: int = Field(description="The key of a party was destroyed.")
    erased_parties: int = Field(description="Whose keys these were; counted anew by each call.")
    unreadable: int = Field(description="Facts or book are not as they were written: look into it.")


class ReplayShown(Answered):
    """What a book would have decided."""

    book: BookShown | None = Field(description="Null: each decision under the book it was made with.")
    since: At | None
    until: At | None
    judged: int
    changed: int = Field(description="Another effect, or another instant.")
    regrounded: int = Field(description="The same outcome for other reasons.")
    shallow: int = Field(description="Judged from facts that reach less far back than this book would read.")
    skipped: SkippedShown
    outcomes: list[OutcomeShown]
    rules: list[RuleCountShown]
    not_in_force: list[str] = Field(description="Rules of the book that by their dates met none of these decisions.")
    examples: list[ExampleShown]
    next: int | None = Field(description="To go on with as `after`; null: all were judged.")


class ShadowRuleShown(Answered):
    """How often a rule said one thing and would have said another."""

    rule: str
    was: str
    would: str
    count: int


class ShadowShown(Answered):
    """A book tried on live traffic without effect, and what it would have changed so far."""

    id: str
    book: BookShown
    begun_at: At
    begun_by: str
    ended_at: At | None
    judged: int
    changed: int = Field(description="Another effect, or another instant.")
    skipped: int = Field(description="Erased or unreadable.")
    outcomes: list[OutcomeShown]
    rules: list[ShadowRuleShown]


class UnconfirmedRuleShown(Answered):
    """A rule, and why it does not stand on a text that was read."""

    rule: str
    pack: str
    why: Why
    force: Force
    confidence: Confidence
    citation: str
    url: str | None


class PlaceShown(Answered):
    """A place, and what is not settled there."""

    place: str
    pack: str | None = Field(description="Null: there is none, and a party there is refused.")
    open: str


class UnconfirmedShown(Answered):
    """What counsel looks at first."""

    rules: list[UnconfirmedRuleShown]
    places: list[PlaceShown]

"""
What a template must be, beyond being readable.

Every variable is declared and used; each channel has the parts it needs and says who writes and whom to
ask; nothing that tells of a debt stands where a stranger may see or hear it; a letter about a debt has
the seven items of article 69 of the credit-card rule.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from service.core.model import Channel
from service.core.rendering import CARD_LETTER_ITEMS, Reveals
from service.core.variables import RenderingError, VariableType, bind

from .policy_source import Complaint
from .template_manifest import Manifest, Read
from .template_sources import FACTS, Kind, Piece

PARTS: Mapping[Channel, tuple[str, ...]] = {
    Channel.sms: ("text",),
    Channel.call: ("opening", "verification", "body", "options", "closing"),
    Channel.wechat: ("title", "text"),
    Channel.email: ("subject", "text"),
    Channel.letter: ("subject", "salutation", "closing"),
    Channel.visit: ("opening", "text", "documents", "conduct", "report"),
}
"""The parts without which a channel cannot carry a message."""

MAY: Mapping[Channel, frozenset[str]] = {
    Channel.letter: frozenset({"opening", *CARD_LETTER_ITEMS}),
}
"""The parts that a channel may have beside those; WeChat may have any `field.…`, named as the platform names it."""

IN_PUBLIC: Mapping[Channel, frozenset[str]] = {
    Channel.call: frozenset({"opening", "verification"}),
    Channel.wechat: frozenset({"title"}),
    Channel.email: frozenset({"subject"}),
    Channel.visit: frozenset({"opening"}),
}
"""What is seen on a locked screen, or heard by whoever picks up the telephone or opens the door."""

_DEBT = re.compile(
    r"欠款|欠息|逾期|贷款|借款|还款|还清|催收|债务|债权|透支|本息|分期|违约|起诉|诉讼|律师|"
    r"\b(?:debts?|overdue|past due|arrears|loans?|repay\w*|ow(?:e[ds]?|ing)|collections?|default(?:ed)?|instalments?|"
    r"lawsuits?|lawyers?)\b",
    re.IGNORECASE,
)
"""Words that tell of a debt whatever the variables hold."""

_PRIVATE = frozenset({VariableType.amount, VariableType.currency, VariableType.date, VariableType.integer})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class Draft(NamedTuple):
    """One source before compiling: its parts, and the names that each part uses."""

    file: str
    kind: Kind
    pieces: list[Piece]
    names: list[frozenset[str]]

    @property
    def used(self) -> frozenset[str]:
        """Every name in the source."""
        return frozenset[str]().union(*self.names)


def lint_manifest(read: Read, manifest: Manifest, drafts: list[Draft]) -> Iterator[Complaint]:
    """Judge the declarations: names, types, bounds, examples, and whether each variable is used."""
    used = frozenset[str]().union(*(draft.used for draft in drafts))
    currencies = {entry.currency for entry in manifest.variables.values()}
    for name in manifest.variables:
        texts = list(_entry(manifest, name))
        if name not in used and name not in currencies:
            texts.append("is used nowhere")
        for text in texts:
            yield read.complaint(("variables", name), text)
    specs = {name: entry.spec(name) for name, entry in manifest.variables.items()}
    try:
        bind(specs, {name: spec.example for name, spec in specs.items()})
    except RenderingError as error:
        for fault in error.faults:
            yield read.complaint((*fault.field.split("."), "example"), fault.detail)


def _entry(manifest: Manifest, name: str) -> Iterator[str]:
    entry = manifest.variables[name]
    if not _NAME.match(name):
        yield "a name is lower-case letters, digits and underscores"
    if name in FACTS:
        yield "the gateway gives this value itself"
    if (entry.type is VariableType.amount) != (entry.currency is not None):
        yield "an amount, and nothing else, names the variable of its currency"
    elif entry.currency is not None:
        other = manifest.variables.get(entry.currency)
        if other is None or other.type is not VariableType.currency:
            yield "its currency is no variable of type currency"
    if entry.least is not None and entry.type is not VariableType.integer:
        yield "only an integer has a least value"
    if entry.most is not None and entry.type not in (VariableType.integer, VariableType.text):
        yield "only an integer and a text have a bound"


def lint_coverage(read: Read, manifest: Manifest, drafts: list[Draft]) -> Iterator[Complaint]:
    """Judge which sources there are: every channel in the first locale, every locale declared and present."""
    have: dict[Channel, set[str]] = {}
    for draft in drafts:
        if draft.kind.locale not in manifest.locales:
            yield Complaint(draft.file, 1, "", f"the locale {draft.kind.locale} is not declared")
        if not draft.kind.html:
            have.setdefault(draft.kind.channel, set()).add(draft.kind.locale)
    if not have:
        yield read.complaint((), "there is no source beside it")
    for channel, locales in have.items():
        if manifest.locales[0] not in locales:
            yield read.complaint(("locales",), f"{channel} has no source in the first locale")
    for index, locale in enumerate(manifest.locales):
        if all(locale not in locales for locales in have.values()):
            yield read.complaint(("locales", index), f"no source is in {locale}")
    for draft in drafts:
        if draft.kind.html and draft.kind.locale not in have.get(draft.kind.channel, ()):
            yield Complaint(draft.file, 1, "", "an HTML body needs its plain text beside it")


def lint_source(manifest: Manifest, draft: Draft) -> Iterator[Complaint]:
    """Judge one source: names, parts, what it must say and what it must not."""
    known = manifest.variables.keys() | FACTS.keys()
    for piece, names in zip(draft.pieces, draft.names, strict=True):
        for name in sorted(names - known):
            yield Complaint(draft.file, piece.line, "", f"{name} is not declared")
    for text in (*_parts(manifest, draft), *_said(manifest, draft)):
        yield Complaint(draft.file, 1, "", text)
    if manifest.reveals is not Reveals.debt:
        private = {name for name, entry in manifest.variables.items() if entry.type in _PRIVATE}
        yield from _told(draft, "a template that reveals no debt", private, frozenset(p.name for p in draft.pieces))
    else:
        # Here every variable is kept out: a free text may be a law firm's name.
        public = IN_PUBLIC.get(draft.kind.channel, frozenset())
        yield from _told(draft, "a part that a stranger may meet", set(manifest.variables), public)


def _parts(manifest: Manifest, draft: Draft) -> Iterator[str]:
    channel = draft.kind.channel
    if draft.kind.html:
        return
    names = {piece.name for piece in draft.pieces}
    needed = set(PARTS[channel])
    if channel is Channel.letter and manifest.reveals is Reveals.debt:
        needed |= CARD_LETTER_ITEMS
    for name in sorted(needed - names):
        law = " (credit-card rule, article 69)" if name in CARD_LETTER_ITEMS else ""
        yield f"the part [{name}] is missing{law}"
    for name in sorted(names - needed - MAY.get(channel, frozenset())):
        if not (channel is Channel.wechat and name.startswith("field.")):
            yield f"{channel} has no part [{name}]"


def _said(manifest: Manifest, draft: Draft) -> Iterator[str]:
    channel, used = draft.kind.channel, draft.used
    named = bool(used & {"institution", "creditor"})
    if channel is Channel.sms:
        if any("\n" in piece.text for piece in draft.pieces):
            yield "a text message is one line"
        if any(set(piece.text) & set("【】") for piece in draft.pieces):
            yield "the signature is put in front by itself: no 【 or 】 in the text"
    elif not named and manifest.reveals is not Reveals.none:
        yield "it does not say who writes: use institution or creditor"
    if manifest.reveals is Reveals.none and (named or channel is Channel.sms):
        yield "it names the institution, but the template reveals none"
    if "hotline" not in used:
        yield "it does not say whom to ask: use hotline"
    if channel is Channel.call:
        if "ai_voice" not in used:
            yield "it has no notice for a synthetic voice: use ai_voice (人工智能生成合成内容标识办法, article 4)"
        if "recorded" not in used:
            yield "it has no notice of recording: use recorded"


def _told(draft: Draft, why: str, private: set[str], parts: frozenset[str]) -> Iterator[Complaint]:
    for piece, names in zip(draft.pieces, draft.names, strict=True):
        if piece.name not in parts:
            continue
        for name in sorted(names & private):
            yield Complaint(draft.file, piece.line, "", f"{why} uses {name}")
        for line, text in enumerate([piece.heading, *piece.text.split("\n")], piece.line - 1):
            if _DEBT.search(text):
                yield Complaint(draft.file, max(line, 1), "", f"{why} tells of a debt")
